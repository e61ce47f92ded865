import { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { Write } from './sqlite-writer.js'

/** The answer to a call: what the operation returned, or the code of the SqliteError it threw. */
export type Answer = { readonly result: unknown } | { readonly failure: string }

/**
 * Starts a thread with a writer of its own on the database at `path`, which has to exist. Waiting for the disk, above
 * all for the fsync of a commit or a checkpoint, would stop the event loop for as long as it takes; there it stops
 * nothing. The thread ends with the operation `close`, and calls that it can't answer fail with a SqliteError.
 */
export function startWriterThread(path: string): Write {
  // Flags of this process may be such that no thread starts under them, `--input-type` for one.
  const options = { workerData: path, execArgv: [] }
  const worker = new Worker(new URL('./sqlite-worker.js', import.meta.url), options)
  const waiting: { resolve: (result: never) => void; reject: (error: Error) => void }[] = []
  let end: string | undefined

  // One operation runs at a time, so answers come in the order of the calls.
  worker.on('message', (answer: Answer) => {
    const call = waiting.shift()
    if ('failure' in answer) call?.reject(new Database.SqliteError('', answer.failure))
    else call?.resolve(answer.result as never)
  })
  worker.on('error', (error) => {
    end = `WRITER_THREAD_ENDED by ${'code' in error ? error.code : error.name}`
  })
  worker.on('exit', () => {
    end ??= 'WRITER_THREAD_ENDED'
    for (const call of waiting.splice(0)) call.reject(new Database.SqliteError('', end))
  })

  return (name, ...args) =>
    new Promise((resolve, reject) => {
      if (end !== undefined) return reject(new Database.SqliteError('', end))
      waiting.push({ resolve, reject })
      worker.postMessage([name, args])
    })
}
