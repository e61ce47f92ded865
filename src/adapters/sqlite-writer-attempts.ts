import type { Claim, ClaimTimes, LoginAnswer } from '../domain/ports.js'
import type { Database } from './sqlite-driver.js'
import { withoutSync } from './sqlite-file.js'

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
  readonly claimedUntil: number
  readonly expiresAt: number
  readonly sealedAnswer: string | null
}

/** What changes login attempts. `finish` and `drop` are parts of another transaction. */
export function createAttemptWriter(db: Database) {
  const select = db.prepare<[HashedAttempt & { now: number }], AttemptRow>(
    `SELECT key_hash = @keyHash AS hasKey, claimed_until AS claimedUntil, expires_at AS expiresAt,
     sealed_answer AS sealedAnswer FROM login_attempts WHERE code_hash = @codeHash AND expires_at > @now`,
  )
  const put = db.prepare(
    'INSERT OR REPLACE INTO login_attempts VALUES (@codeHash, @keyHash, @until, @expiresAt, NULL)',
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
    (attempt: HashedAttempt, times: ClaimTimes): Exclude<Claim, LoginAnswer> | { sealedAnswer: string } => {
      const { now, until, forgottenAt } = times
      const known = select.get({ ...attempt, now })
      if (known?.hasKey === 0) return 'taken'
      if (typeof known?.sealedAnswer === 'string') return { sealedAnswer: known.sealedAnswer }
      if (known !== undefined && now < known.claimedUntil) return 'running'
      put.run({ ...attempt, until, expiresAt: Math.max(known?.expiresAt ?? forgottenAt, until) })
      return 'first'
    },
  ).immediate

  return {
    claim: (attempt: HashedAttempt, times: ClaimTimes) => withoutSync(db, () => claim(attempt, times)),

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
