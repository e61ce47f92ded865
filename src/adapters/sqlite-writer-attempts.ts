import type Database from 'better-sqlite3'
import type { Claim, LoginAnswer } from '../domain/ports.js'
import { withoutSync } from './sqlite-file.js'

/** How long an attempt and its answer are remembered, in milliseconds. */
const REMEMBERED = 60_000
/** How long a claim counts that nobody has ended. */
const LEASE = 10_000

/** A login attempt as the database knows it: neither code nor key can be read from it. */
export interface HashedAttempt {
  readonly codeHash: Uint8Array
  readonly keyHash: Uint8Array
}

export interface FinishedAttempt extends HashedAttempt {
  readonly sealedAnswer: string
}

interface AttemptRow {
  readonly hasKey: 0 | 1
  readonly claimedAt: number
  readonly expiresAt: number
  readonly sealedAnswer: string | null
}

/** What changes login attempts. `finish` and `drop` are parts of another transaction. */
export function createAttemptWriter(db: Database.Database) {
  const select = db.prepare<[HashedAttempt & { now: number }], AttemptRow>(
    `SELECT key_hash = @keyHash AS hasKey, claimed_at AS claimedAt, expires_at AS expiresAt,
     sealed_answer AS sealedAnswer FROM login_attempts WHERE code_hash = @codeHash AND expires_at > @now`,
  )
  const put = db.prepare(
    'INSERT OR REPLACE INTO login_attempts VALUES (@codeHash, @keyHash, @now, @expiresAt, NULL)',
  )
  const putAnswer = db.prepare(
    `UPDATE login_attempts SET sealed_answer = @sealedAnswer
     WHERE code_hash = @codeHash AND key_hash = @keyHash`,
  )
  const dropUnanswered = db.prepare(
    `DELETE FROM login_attempts
     WHERE code_hash = @codeHash AND key_hash = @keyHash AND sealed_answer IS NULL`,
  )

  const claim = db.transaction(
    (attempt: HashedAttempt, now: number): Exclude<Claim, LoginAnswer> | { sealedAnswer: string } => {
      const { hasKey, claimedAt, expiresAt, sealedAnswer } = select.get({ ...attempt, now }) ?? unknown(now)
      if (hasKey === 0) return 'taken'
      if (sealedAnswer !== null) return { sealedAnswer }
      if (now < claimedAt + LEASE) return 'running'
      put.run({ ...attempt, now, expiresAt })
      return 'first'
    },
  ).immediate

  return {
    claim: (attempt: HashedAttempt, now: number) => withoutSync(db, () => claim(attempt, now)),

    abandon(attempt: HashedAttempt): void {
      withoutSync(db, () => dropUnanswered.run(attempt))
    },

    finish(attempt: FinishedAttempt): void {
      putAnswer.run(attempt)
    },

    drop({ codeHash, keyHash }: HashedAttempt): void {
      dropUnanswered.run({ codeHash, keyHash })
    },
  }
}

export type AttemptWriter = ReturnType<typeof createAttemptWriter>

/** An attempt that begins now looks like one whose claim has just run out. */
function unknown(now: number): AttemptRow {
  return { hasKey: 1, claimedAt: now - LEASE, expiresAt: now + REMEMBERED, sealedAnswer: null }
}
