/** The thread of `createWriterThread`: answers each call of the writer with one message. */

import { parentPort, workerData } from 'node:worker_threads'
import { type Database, isSqliteError } from '../driver.js'
import { connect } from '../file/open-file.js'
import type { Answer, Message } from './thread.js'
import { callWriter, createWriter, type Writer } from './writer.js'

let db: Database | undefined
let writer: Writer | undefined

parentPort?.on('message', (message: Message) => {
  if (message !== 'end') return parentPort?.postMessage(answerTo(...message))
  db?.close()
  parentPort?.close()
})

function answerTo(name: keyof Writer, args: readonly unknown[]): Answer {
  try {
    // Opening may meet a busy database, as any call may.
    db ??= connect(workerData)
    writer ??= createWriter(db)
    return { result: callWriter(writer, name, args) }
  } catch (error) {
    // Anything else is a defect and ends the thread.
    if (!isSqliteError(error)) throw error
    return { failure: error.code }
  }
}
