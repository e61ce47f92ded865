import type { Database } from '../driver.js'
import { createAttemptWriter } from './attempts.js'
import { createRehearsal } from './rehearsal.js'
import { createSessionWriter } from './sessions.js'
import { createSweepWriter } from './sweep.js'
import { createTokenWriter } from './tokens.js'

/**
 * Everything that writes to the database, each a transaction of its own. Runs where waiting for the disk hurts
 * nobody, so arguments and results are what a message can carry.
 */
export function createWriter(db: Database) {
  const attempts = createAttemptWriter(db)
  return {
    ...createSessionWriter(db, attempts),
    claim: attempts.claim,
    finish: attempts.finishAlone,
    abandon: attempts.abandon,
    ...createTokenWriter(db),
    ...createSweepWriter(db),
    rehearse: createRehearsal(db),
  }
}

export type Writer = ReturnType<typeof createWriter>

/** Calls an operation of a writer, wherever the writer is. */
export type Write = <Name extends keyof Writer>(
  name: Name,
  ...args: Parameters<Writer[Name]>
) => Promise<ReturnType<Writer[Name]>>

/** A call as it arrives: the compiler can't see any more that name and arguments belong together. */
export function callWriter(writer: Writer, name: keyof Writer, args: readonly unknown[]) {
  return (writer[name] as (...args: readonly unknown[]) => never)(...args)
}
