/** The thread of `startWriterThread`: answers each message, a call of the writer, with one message. */
import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { connect } from './sqlite-file.js'
import type { Answer } from './sqlite-thread.js'
import { callWriter, createWriter, type Writer } from './sqlite-writer.js'

const writer = createWriter(connect(workerData))

parentPort?.on('message', ([name, args]: [keyof Writer, unknown[]]) => {
  parentPort?.postMessage(answerTo(name, args))
  if (name === 'close') parentPort?.close()
})

function answerTo(name: keyof Writer, args: unknown[]): Answer {
  try {
    return { result: callWriter(writer, name, args) }
  } catch (error) {
    // Anything else is a defect: it ends the thread, and the store says so from then on.
    if (!(error instanceof Database.SqliteError)) throw error
    return { failure: error.code }
  }
}
