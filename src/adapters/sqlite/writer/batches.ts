import { type Database, isSqliteError } from '../driver.js'
import { insist } from './insist.js'
import { type Answer, type Call, commits, createWriter } from './writer.js'

/**
 * Does calls of the writer, several in one transaction with one commit, which waits for the disk where one of them is
 * durable: N logins that came at once cost one fsync. A call that is done `apart` has to come alone.
 *
 * Where an operation fails, everything is taken back and each is done in a transaction of its own, so that it fails
 * alone. Where the transaction can't begin or be committed, all fail with it: that is the lock or the disk, and no
 * operation's fault.
 */
export function createBatches(db: Database): (calls: readonly Call[]) => readonly Answer[] {
  const writer = createWriter(db)
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const rollback = db.prepare('ROLLBACK')
  let waitsForDisk: boolean | undefined

  /** `synchronous` can't be changed within a transaction. */
  function prepareCommit(calls: readonly Call[]): void {
    const shouldWait = calls.some(([name]) => commits[name] === 'durable')
    if (shouldWait === waitsForDisk) return
    db.pragma(`synchronous = ${shouldWait ? 'FULL' : 'NORMAL'}`)
    waitsForDisk = shouldWait
  }

  function call([name, args]: Call): Answer {
    return { result: (writer[name] as (...args: readonly unknown[]) => unknown)(...args) }
  }

  function run(calls: readonly Call[]): readonly Answer[] {
    let isOfOperation = false
    try {
      prepareCommit(calls)
      if (calls.some(([name]) => commits[name] === 'apart')) return insist(() => calls.map(call))
      insist(() => begin.run())
      isOfOperation = true
      const answers = calls.map(call)
      isOfOperation = false
      commit.run()
      return answers
    } catch (error) {
      if (db.inTransaction) rollback.run()
      // Anything else is a defect.
      if (!isSqliteError(error)) throw error
      if (isOfOperation && calls.length > 1) return calls.flatMap((each) => run([each]))
      return calls.map(() => ({ failure: error.code }))
    }
  }
  return run
}
