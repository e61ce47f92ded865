import { setImmediate as endOfTurn } from 'node:timers/promises'
import { sqliteError } from '../driver.js'
import { type Answer, type Call, commits, type Write } from './writer.js'

/** Calls in one transaction: some 10 ms of work with logins, so that other processes don't wait long for their turn. */
const BATCH = 128

/** Milliseconds. Who is not answered by then is told so: a disk that hangs must not keep clients until they leave. */
const DEADLINE = 2_500

/** Milliseconds between two looks at who waits for too long: so much later they may be told. */
const LOOK_EVERY = 500

/** Calls that may wait: what a writer does in some two seconds, and nothing that memory would notice. */
const MOST_WAITING = 10_000

/** A call, and who waits for its answer. */
interface Waiting {
  readonly call: Call
  readonly since: number
  resolve(result: never): void
  reject(error: unknown): void
}

/**
 * Gathers calls of the writer: while it works on some, further ones wait here, and then go together. So under load
 * many share a message, a transaction and an fsync, and alone each goes at once.
 *
 * A call that is not answered within 3 s fails with `WRITE_TOO_SLOW`. What was not begun by then never is; what the writer
 * has in hand may still be done.
 *
 * @param run does calls and answers each, in their order; where it fails, all of them fail with it
 * @param elapsed milliseconds since any moment
 */
export function createWriteQueue(
  run: (calls: readonly Call[]) => Promise<readonly Answer[]>,
  elapsed: () => number,
): {
  write: Write
  /** Resolves when every call is answered. */
  settled(): Promise<void>
} {
  let waiting: Waiting[] = []
  let inHand: readonly Waiting[] = []
  let running: Promise<void> | undefined
  const look = setTimeout(giveUp, LOOK_EVERY).unref()

  /** A second answer, if it comes, is heard by nobody. */
  function giveUp(): void {
    if (running === undefined) return
    look.refresh()
    const soonest = elapsed() - DEADLINE
    const isLate = ({ since }: Waiting) => since <= soonest
    for (const { reject } of [...inHand, ...waiting].filter(isLate)) reject(sqliteError('WRITE_TOO_SLOW'))
    waiting = waiting.filter((call) => !isLate(call))
  }

  function takeNext(): readonly Waiting[] {
    const apart = waiting.findIndex(({ call: [name] }) => commits[name] === 'apart')
    const batch = waiting.slice(0, apart === -1 ? BATCH : Math.min(Math.max(apart, 1), BATCH))
    waiting = waiting.slice(batch.length)
    return batch
  }

  async function runBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const answers = await run(batch.map(({ call }) => call))
      for (const [n, { resolve, reject }] of batch.entries()) {
        const answer = answers[n] ?? { failure: 'UNANSWERED' }
        if ('failure' in answer) reject(sqliteError(answer.failure))
        else resolve(answer.result as never)
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  async function runAll(): Promise<void> {
    while (waiting.length > 0) {
      // What is called in the same turn of the event loop goes together, so of many logins few are alone.
      await endOfTurn()
      inHand = takeNext()
      await runBatch(inHand)
      inHand = []
    }
    running = undefined
  }

  return {
    write: (name, ...args) =>
      new Promise((resolve, reject) => {
        if (waiting.length >= MOST_WAITING) return reject(sqliteError('WRITES_TOO_MANY'))
        waiting.push({ call: [name, args], since: elapsed(), resolve, reject })
        if (running !== undefined) return
        look.refresh()
        running = runAll()
      }),

    settled: async () => running,
  }
}
