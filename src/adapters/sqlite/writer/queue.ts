import { setImmediate as endOfTurn } from 'node:timers/promises'
import { sqliteError } from '../driver.js'
import { type Answer, type Call, commits, type Write } from './writer.js'

/** Calls in one transaction: some 10 ms of work with logins, so that other processes don't wait long for their turn. */
const BATCH = 128

/** A call, and who waits for its answer. */
interface Waiting {
  readonly call: Call
  resolve(result: never): void
  reject(error: unknown): void
}

/**
 * Gathers calls of the writer: while it works on some, further ones wait here, and then go together. So under load
 * many share a message, a transaction and an fsync, and alone each goes at once.
 *
 * @param run does calls and answers each, in their order; where it fails, all of them fail with it
 */
export function createWriteQueue(run: (calls: readonly Call[]) => Promise<readonly Answer[]>): {
  write: Write
  /** Resolves when every call is answered. */
  settled(): Promise<void>
} {
  let waiting: Waiting[] = []
  let running: Promise<void> | undefined

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
      await runBatch(takeNext())
    }
    running = undefined
  }

  return {
    write: (name, ...args) =>
      new Promise((resolve, reject) => {
        waiting.push({ call: [name, args], resolve, reject })
        running ??= runAll()
      }),

    settled: async () => running,
  }
}
