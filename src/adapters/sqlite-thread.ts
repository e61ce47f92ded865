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
  const worker = new Worker(new URL('./sqlite-worker.js', import.meta.url), { workerData: path })
  const waiting: { resolve: (result: never) => void; reject: (error: Error) => void }[] = []
  let ended = false

  // One operation runs at a time, so answers come in the order of the calls.
  worker.on('message', (answer: Answer) => {
    const call = waiting.shift()
    if ('failure' in answer) call?.reject(new Database.SqliteError('', answer.failure))
    else call?.resolve(answer.result as never)
  })
  worker.on('error', () => {})
  worker.on('exit', () => {
    ended = true
    for (const call of waiting.splice(0)) call.reject(threadEnded())
  })

  return (name, ...args) =>
    new Promise((resolve, reject) => {
      if (ended) return reject(threadEnded())
      waiting.push({ resolve, reject })
      worker.postMessage([name, args])
    })
}

function threadEnded(): Error {
  return new Database.SqliteError('', 'WRITER_THREAD_ENDED')
}
