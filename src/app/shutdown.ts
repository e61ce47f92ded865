/** The orderly end of the process, in bounded time whatever clients do. */
import type { Server as HttpServer } from 'node:http'
import { Server } from 'node:net'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import type { Connections } from './http/connections.js'

/** What the end needs of a logger. */
export interface StopLog {
  info(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Milliseconds, from the signal on where nothing else is said. */
export interface Patience {
  /** For balancers and clients to learn of the end; everything is served meanwhile, new connections too. */
  readonly listening: number
  /** For requests to have arrived as a whole; counted from the last connection on. */
  readonly arriving: number
  /** For answers to be made, WeChat's deadline included. */
  readonly answers: number
  /** For everything. */
  readonly end: number
}

/** The process has ended so long after the signal, as docs/operating.md says. */
const BESIDES_WECHAT = 3_000

/**
 * In a second a balancer that is told, and every client that is in use, has come away; Kubernetes needs longer, which is
 * what its `preStop` is for. A sandbox has no balancer, and whoever works with one starts it anew all the time.
 */
export function usualPatience(wechatTimeout: number, isSandbox = false): Patience {
  return {
    listening: isSandbox ? 0 : 1_000,
    arriving: 1_000,
    answers: 2_000 + wechatTimeout + 200,
    end: wechatTimeout + BESIDES_WECHAT - 400,
  }
}

/** When whoever looks after workers ends those that are left: a little later than they give themselves. */
export const workersPatience = (wechatTimeout: number): number => wechatTimeout + BESIDES_WECHAT - 200

/** Milliseconds at most for other processes to let go of the socket; meanwhile everybody is still let in. */
const LETTING_GO = 2_000

/** Looks at most, and turns of the loop in each: every turn accepts one of those who wait in the system. */
const MOST_LOOKS = 32
const MOST_TURNS = 64

/**
 * Milliseconds. In a longer turn somebody may have come after the look at who did, and would be reset. One in which nothing
 * happens takes 0.02; where none is as short as that, half of the looks have to be enough.
 */
const SHORT_TURN = 0.05
const SHORT_ENOUGH = 1

/**
 * Gives the function that stops the process. First it says that it ends: `begin`, from when on each answer closes its
 * connection. A little later nobody is let in any more, and kept connections that were not used meanwhile are closed;
 * what is under way is finished, late clients are cut off when their time is up; then `close`, then `exit` with 0. Where
 * `close` fails the status is 1; where all of it takes too long, `giveUp` ends the process. Further calls change nothing.
 *
 * @param begin from here on the service says that it ends
 * @param unshare resolves when nobody but those who accept connections holds the socket; absent where nobody else does
 * @param close closes what requests need
 * @param monotonic milliseconds on a clock that is never set
 */
export function createShutdown({
  server,
  connections,
  patience,
  log,
  begin,
  unshare,
  close,
  exit,
  giveUp,
  monotonic,
}: {
  server: HttpServer
  connections: Connections
  patience: Patience
  log: StopLog
  begin: () => void
  unshare?: (() => Promise<unknown>) | undefined
  close: () => Promise<void>
  exit: (status: number) => void
  giveUp: () => void
  monotonic: () => number
}): (signal: string) => void {
  let stopping = false
  const timers: NodeJS.Timeout[] = []

  async function end(): Promise<void> {
    let status = 0
    try {
      await close()
      log.info({}, 'stopped')
    } catch (error) {
      log.error({ code: codeOf(error) }, 'closing the store failed')
      status = 1
    }
    for (const timer of timers) clearTimeout(timer)
    exit(status)
  }

  const after = (milliseconds: number, run: () => void) => timers.push(setTimeout(run, milliseconds))

  /** Resolves right after a short turn of the loop in which nobody came: nobody waits in the system to be heard. */
  async function quietTurn(): Promise<void> {
    for (let look = 0; look < MOST_LOOKS; look++) {
      // Whoever has slept is the last to be interrupted by other processes: on a busy machine that takes 60 ms.
      await pause(1)
      const short = look < MOST_LOOKS / 2 ? SHORT_TURN : SHORT_ENOUGH
      for (let turn = 0; turn < MOST_TURNS; turn++) {
        const [before, began] = [connections.activity(), monotonic()]
        await nextTurn()
        if (connections.activity() === before && monotonic() - began < short) return
      }
    }
  }

  async function stopListening(): Promise<void> {
    if (unshare !== undefined) await Promise.race([unshare(), pause(LETTING_GO)])
    // When the socket is closed, the system resets whoever waits to be accepted.
    await quietTurn()
    // An HTTP server's own `close` also cuts off kept connections, those that a request is on its way to included.
    Server.prototype.close.call(server, () => void end())
    connections.closeUnused()
    // Begins here: where the loop stood still, two timers at once would leave the last to come no time at all.
    after(patience.arriving, () => void quietTurn().then(connections.closeIncomplete))
  }

  return (signal) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    begin()
    connections.watchUse()
    after(patience.listening, () => void stopListening())
    after(patience.answers, connections.closeAll)
    after(patience.end, () => {
      log.error({}, 'the end takes too long')
      giveUp()
    })
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'internal'
}
