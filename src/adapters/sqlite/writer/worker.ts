/** The thread of `createWriterThread`: answers each batch of calls with one message. */

import { parentPort, workerData } from 'node:worker_threads'
import { type Database, isSqliteError } from '../driver.js'
import { connect } from '../file/open-file.js'
import { createBatches } from './batches.js'
import type { Message } from './thread.js'
import type { Answer, Call } from './writer.js'

let db: Database | undefined
let run: ReturnType<typeof createBatches> | undefined

parentPort?.on('message', (message: Message) => {
  if (message !== 'end') return parentPort?.postMessage(answersTo(message))
  db?.close()
  parentPort?.close()
})

function answersTo(calls: readonly Call[]): readonly Answer[] {
  try {
    // Opening may meet a busy database, as any call may.
    db ??= connect(workerData)
    run ??= createBatches(db)
    return run(calls)
  } catch (error) {
    // Anything else is a defect and ends the thread.
    if (!isSqliteError(error)) throw error
    return calls.map(() => ({ failure: error.code }))
  }
}
