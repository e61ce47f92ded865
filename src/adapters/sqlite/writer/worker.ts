/** The thread of `createWriterThread`: answers each batch of calls with one message. */

import { parentPort, workerData } from 'node:worker_threads'
import { type Database, isSqliteError, sqliteError } from '../driver.js'
import { connect } from '../file/open-file.js'
import { createBatches } from './batches.js'
import { type Message, ofDisk, type ThreadData } from './thread.js'
import type { Answer, Call } from './writer.js'

const { path, isSuspect } = workerData as ThreadData

let db: Database | undefined
let run: ReturnType<typeof createBatches> | undefined
let mustRewrite = isSuspect

parentPort?.on('message', (message: Message) => {
  if (message === 'empty the WAL') return parentPort?.postMessage([emptyWal()])
  if (message !== 'end') return parentPort?.postMessage(answersTo(message))
  db?.close()
  parentPort?.close()
})

function answersTo(calls: readonly Call[]): readonly Answer[] {
  const answers = triedAnswersTo(calls)
  if (answers.some(ofDisk)) startAnew()
  return answers
}

function triedAnswersTo(calls: readonly Call[]): readonly Answer[] {
  try {
    // Opening may meet a busy database, as any call may.
    db ??= connect(path)
    if (mustRewrite) rewrite(db)
    run ??= createBatches(db)
    return run(calls)
  } catch (error) {
    // Anything else is a defect and ends the thread.
    if (!isSqliteError(error)) throw error
    return calls.map(() => ({ failure: error.code }))
  }
}

/** As far as other processes let it. */
function emptyWal(): Answer {
  try {
    db ??= connect(path)
    db.pragma('wal_checkpoint(TRUNCATE)')
    return { result: undefined }
  } catch (error) {
    if (!isSqliteError(error)) throw error
    return { failure: error.code }
  }
}

/**
 * After an fsync that failed, Linux takes what it could not write for written: the next fsync tells of nothing, and a
 * commit on top of what is missing would be lost with it in a power cut. So nothing that lies in the WAL counts.
 */
function startAnew(): void {
  mustRewrite = true
  run = undefined
  const old = db
  db = undefined
  try {
    old?.close()
  } catch (error) {
    if (!isSqliteError(error)) throw error
  }
}

/** Has all that is in the WAL written into the database, to the disk, and the WAL begun anew. */
function rewrite(opened: Database): void {
  const [state] = opened.pragma('wal_checkpoint(TRUNCATE)') as [{ busy: number }]
  if (state.busy !== 0) throw sqliteError('SQLITE_BUSY')
  mustRewrite = false
}
