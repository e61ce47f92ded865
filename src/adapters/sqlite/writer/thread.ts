import { statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { sqliteError } from '../driver.js'
import type { Answer, Call } from './writer.js'

/**
 * What the thread is sent: calls to be done together, answered likewise; `empty the WAL`, which is answered as one call
 * is; or word that nothing further will come.
 */
export type Message = readonly Call[] | 'empty the WAL' | 'end'

/** What a thread begins with. */
export interface ThreadData {
  readonly path: string
  /** Whether the disk failed the thread before. */
  readonly isSuspect: boolean
}

/** Whether the disk failed to read, write or confirm something. */
export const ofDisk = (answer: Answer): boolean =>
  'failure' in answer && answer.failure.startsWith('SQLITE_IOERR')

type Run = (calls: readonly Call[]) => Promise<readonly Answer[]>

/**
 * A writer on the database at `path`, which has to exist, in a thread of its own. Waiting for the disk, above all for
 * the fsync of a commit or a checkpoint, would stop the event loop for as long as it takes; there it stops nothing.
 *
 * A thread costs memory, so there is one from the first call on, and again none when no call came for `idle`
 * milliseconds. Calls that it can't answer fail with a SqliteError; a thread that broke is replaced at the next call.
 * After a failure of the disk it confirms nothing before all of the database was written anew (`rewrite`).
 */
export function createWriterThread(
  path: string,
  idle: number,
): { run: Run; close(isInPlace: boolean): Promise<void> } {
  let thread: ReturnType<typeof startThread> | undefined
  let allEnded: Promise<void> = Promise.resolve()
  let isSuspect = false
  const rest = setTimeout(letGo, idle).unref()

  function start() {
    const started = startThread({ path, isSuspect })
    const others = allEnded
    allEnded = started.ended.then(() => {
      if (thread === started) thread = undefined
      return others
    })
    return started
  }

  /** The thread still answers what it was asked; whatever comes from now on goes to another one. */
  function letGo(): void {
    thread?.end()
    thread = undefined
  }

  return {
    async run(calls) {
      rest.refresh()
      thread ??= start()
      const answers = await thread.run(calls)
      isSuspect = answers.some(ofDisk)
      return answers
    },

    /**
     * Resolves when every call is answered, what was in the WAL is in the database, and no thread is left. Whoever closes
     * the last connection does that otherwise, and would wait for the disk.
     *
     * @param isInPlace whether the database is: what is in the WAL must not get into another one
     */
    async close(isInPlace: boolean) {
      clearTimeout(rest)
      let answer: Answer | undefined
      if (isInPlace && hasContent(`${path}-wal`)) {
        thread ??= start()
        answer = await thread.emptyWal()
      }
      letGo()
      await allEnded
      if (answer !== undefined && 'failure' in answer) throw sqliteError(answer.failure)
    },
  }
}

function hasContent(path: string): boolean {
  try {
    return statSync(path).size > 0
  } catch {
    // What can't be looked at can't be opened in the thread either.
    return false
  }
}

function startThread(workerData: ThreadData) {
  // Flags of this process may be such that no thread starts under them, `--input-type` for one.
  const options = { workerData, execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: 1 } }
  const worker = new Worker(new URL('./worker.js', import.meta.url), options)
  const waiting: { resolve: (answers: readonly Answer[]) => void; reject: (error: Error) => void }[] = []
  let end: string | undefined
  const send = (message: Message) => worker.postMessage(message)

  // One batch runs at a time, so answers come in the order of the calls.
  worker.on('message', (answers: readonly Answer[]) => waiting.shift()?.resolve(answers))
  worker.on('error', (error) => {
    end = `WRITER_THREAD_ENDED by ${'code' in error ? error.code : error.name}`
  })
  worker.on('exit', () => {
    end ??= 'WRITER_THREAD_ENDED'
    for (const { reject } of waiting.splice(0)) reject(sqliteError(end))
  })

  const ask = (message: Message) =>
    new Promise<readonly Answer[]>((resolve, reject) => {
      if (end !== undefined) return reject(sqliteError(end))
      send(message)
      waiting.push({ resolve, reject })
    })

  return {
    run: ask satisfies Run,
    emptyWal: async () => (await ask('empty the WAL'))[0],
    end: () => send('end'),
    ended: new Promise<void>((resolve) => worker.on('exit', () => resolve())),
  }
}
