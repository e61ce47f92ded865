import type { FinishedAttempt, HashedAttempt, RawStore } from '../../store/raw-store.js'
import type { Database } from '../driver.js'
import { OF_USER } from '../session-row.js'

interface AttemptRow {
  readonly hasKey: 0 | 1
  readonly claimedUntil: number
  readonly expiresAt: number
  readonly sealedAnswer: string | null
}

type When = Parameters<RawStore['claim']>[1]

/** What changes login attempts, and those of the phone button's codes. `save` takes part of it along. */
export function createAttemptWriter(db: Database) {
  const select = db.prepare<[HashedAttempt & { now: number }], AttemptRow>(
    `SELECT key_hash = @keyHash AS hasKey, claimed_until AS claimedUntil, expires_at AS expiresAt,
     sealed_answer AS sealedAnswer FROM login_attempts WHERE code_hash = @codeHash AND expires_at > @now`,
  )
  const put = db.prepare(
    `INSERT OR REPLACE INTO login_attempts (code_hash, key_hash, claimed_until, expires_at)
     VALUES (@codeHash, @keyHash, @leaseUntil, @expiresAt)`,
  )
  const putAnswer = db.prepare(
    `UPDATE login_attempts SET sealed_answer = @sealedAnswer, appid = @appid, openid = @openid
     WHERE code_hash = @codeHash AND key_hash = @keyHash
       AND EXISTS (SELECT 1 FROM users WHERE ${OF_USER} AND sealed_keys IS NOT NULL)`,
  )
  const dropUnanswered = db.prepare(
    `DELETE FROM login_attempts
     WHERE code_hash = @codeHash AND key_hash = @keyHash AND sealed_answer IS NULL`,
  )

  function claim(
    attempt: HashedAttempt,
    { now, leaseUntil, rememberUntil }: When,
  ): Awaited<ReturnType<RawStore['claim']>> {
    const known = select.get({ ...attempt, now })
    if (known?.hasKey === 0) return 'taken'
    if (known !== undefined && known.sealedAnswer !== null) return { sealedAnswer: known.sealedAnswer }
    if (known !== undefined && now < known.claimedUntil) return 'running'
    put.run({ ...attempt, leaseUntil, expiresAt: known?.expiresAt ?? rememberUntil })
    return 'first'
  }

  function finish({ user, ...attempt }: FinishedAttempt): void {
    if (putAnswer.run({ ...attempt, ...user }).changes === 0) abandon(attempt)
  }

  function abandon({ codeHash, keyHash }: HashedAttempt): void {
    dropUnanswered.run({ codeHash, keyHash })
  }

  return { claim, finish, abandon }
}

export type AttemptWriter = ReturnType<typeof createAttemptWriter>
