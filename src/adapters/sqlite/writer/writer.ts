import type { Database } from '../driver.js'
import { createAttemptWriter } from './attempts.js'
import { createCountWriter } from './counts.js'
import { createRehearsal } from './rehearsal.js'
import { createSessionWriter } from './sessions.js'
import { createSweepWriter } from './sweep.js'
import { createTokenWriter } from './tokens.js'

/**
 * Everything that writes to the database; `commits` says in what transactions. Runs where waiting for the disk hurts
 * nobody, so arguments and results are what a message can carry.
 */
export function createWriter(db: Database) {
  const attempts = createAttemptWriter(db)
  return {
    ...createSessionWriter(db, attempts),
    ...attempts,
    ...createTokenWriter(db),
    ...createCountWriter(db),
    ...createSweepWriter(db),
    rehearse: createRehearsal(db),
  }
}

export type Writer = ReturnType<typeof createWriter>

/**
 * `durable`: counts once the disk has it. `lax`: may be lost in a power cut, and doesn't wait for the disk; the next
 * commit that does takes it along. Both share a transaction with what else there is to do. `apart`: lax, and in
 * transactions of its own, so that no login waits for it or fails with it.
 */
export const commits: Readonly<Record<keyof Writer, 'durable' | 'lax' | 'apart'>> = {
  save: 'durable',
  delete: 'durable',
  endOne: 'durable',
  endAll: 'durable',
  putRing: 'durable',
  touch: 'lax',
  claim: 'lax',
  finish: 'lax',
  abandon: 'lax',
  // WeChat gives the same token again.
  claimToken: 'lax',
  putToken: 'lax',
  releaseToken: 'lax',
  addCounts: 'lax',
  sweepSessions: 'apart',
  sweepAttempts: 'apart',
  sweepUsers: 'apart',
  sweepCounts: 'apart',
  rehearse: 'apart',
}

/** Calls an operation of a writer, wherever the writer is. */
export type Write = <Name extends keyof Writer>(
  name: Name,
  ...args: Parameters<Writer[Name]>
) => Promise<ReturnType<Writer[Name]>>

/** A call as it travels: the compiler can't see any more that name and arguments belong together. */
export type Call = readonly [name: keyof Writer, args: readonly unknown[]]

/** What an operation returned, or the code of the SqliteError it threw. */
export type Answer = { readonly result: unknown } | { readonly failure: string }
