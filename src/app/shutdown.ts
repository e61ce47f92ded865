/** The orderly end of the process, in bounded time whatever clients do. */
import type { Server } from 'node:http'
import type { Connections } from './http/connections.js'

/** What the end needs of a logger. */
export interface StopLog {
  info(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Milliseconds, each after the one before. */
export interface Patience {
  /** For requests that are still arriving. */
  readonly uploads: number
  /** For answers that are still being made, WeChat's deadline included. */
  readonly answers: number
  /** For the store to be closed. */
  readonly closing: number
}

export const usualPatience = (wechatTimeout: number): Patience => ({
  uploads: 2_000,
  answers: wechatTimeout + 1_000,
  closing: 3_000,
})

/**
 * Gives the function that stops the process: no new connection, what is under way is finished, idle and silent
 * connections are closed at once, late ones when their time is up; then `close`, then `exit` with 0. Where `close` fails
 * or takes too long the status is 1. Further calls change nothing.
 *
 * @param refuse from here on requests are refused
 * @param close closes what requests need
 */
export function createShutdown({
  server,
  connections,
  patience,
  log,
  refuse,
  close,
  exit,
}: {
  server: Server
  connections: Connections
  patience: Patience
  log: StopLog
  refuse: () => void
  close: () => Promise<void>
  exit: (status: number) => void
}): (signal: string) => void {
  let stopping = false

  async function end(): Promise<void> {
    const tooLong = setTimeout(() => {
      log.error({}, 'closing the store takes too long')
      exit(1)
    }, patience.closing)
    try {
      await close()
      log.info({}, 'stopped')
      exit(0)
    } catch (error) {
      log.error({ code: codeOf(error) }, 'closing the store failed')
      exit(1)
    } finally {
      clearTimeout(tooLong)
    }
  }

  return (signal) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    refuse()
    const timers = [
      setTimeout(() => connections.closeIncomplete(), patience.uploads),
      setTimeout(() => connections.closeAll(), patience.uploads + patience.answers),
    ]
    server.close(() => {
      for (const timer of timers) clearTimeout(timer)
      void end()
    })
    connections.closeIdle()
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'internal'
}
