import type { Session, UserKey } from '../domain/session.js'
import type { Database } from './sqlite-driver.js'
import { withoutSync } from './sqlite-file.js'
import type { AttemptWriter, FinishedAttempt } from './sqlite-writer-attempts.js'

/** A ring to be recorded, if `replaces`, which it was made from, is still the one on record. */
export interface KeyChange {
  readonly sealedKeys: string
  readonly replaces: string | null
}

/** What a login records beside the ring; the names are those of NewLogin. */
export interface LoginChange {
  readonly tokenHash: Uint8Array
  readonly session: Session
  readonly epoch: number
  readonly maxSessions: number
}

/** What changes sessions and users. */
export function createSessionWriter(db: Database, attempts: AttemptWriter) {
  const putKeys = db.prepare(
    `INSERT INTO users (appid, openid, sealed_keys) VALUES (@appid, @openid, @sealedKeys)
     ON CONFLICT DO UPDATE SET sealed_keys = excluded.sealed_keys WHERE sealed_keys IS @replaces`,
  )
  const updateKeys = db.prepare(
    `UPDATE users SET sealed_keys = @sealedKeys
     WHERE appid = @appid AND openid = @openid AND sealed_keys IS @replaces`,
  )
  const selectEndedEpoch = db
    .prepare<[string, string], number>('SELECT ended_epoch FROM users WHERE appid = ? AND openid = ?')
    .pluck()
  const insertSession = db.prepare(
    `INSERT OR REPLACE INTO sessions
     VALUES (@tokenHash, @appid, @openid, @id, @unionid, @createdAt, @lastSeenAt, @expiresAt)`,
  )
  const deleteOldest = db.prepare(
    `DELETE FROM sessions WHERE token_hash IN
     (SELECT token_hash FROM sessions
      WHERE appid = @appid AND openid = @openid AND expires_at > @createdAt AND token_hash <> @tokenHash
      ORDER BY created_at DESC LIMIT -1 OFFSET @others)`,
  )
  const updateTimes = db.prepare(
    'UPDATE sessions SET last_seen_at = @lastSeenAt, expires_at = @expiresAt WHERE token_hash = @tokenHash',
  )
  const deleteSession = db.prepare('DELETE FROM sessions WHERE token_hash = ?')

  const raiseEpoch = db.prepare<[], number>('UPDATE epoch SET value = value + 1 RETURNING value').pluck()
  const putEndedEpoch = db.prepare(
    `INSERT INTO users (appid, openid, ended_epoch, ended_at) VALUES (@appid, @openid, @epoch, @now)
     ON CONFLICT DO UPDATE SET ended_epoch = excluded.ended_epoch, ended_at = excluded.ended_at`,
  )
  const countLive = db
    .prepare<[UserKey & { now: number }], number>(
      'SELECT count(*) FROM sessions WHERE appid = @appid AND openid = @openid AND expires_at > @now',
    )
    .pluck()
  const deleteAll = db.prepare('DELETE FROM sessions WHERE appid = @appid AND openid = @openid')

  return {
    /**
     * Records a login, its keys and its answer: `outdated`, and nothing recorded, when the keys on record are not
     * (any more) those to be replaced; `ended`, and only the keys recorded, when the user was thrown out meanwhile.
     */
    save: db.transaction(
      (
        { tokenHash, session, epoch, maxSessions }: LoginChange,
        keys: KeyChange,
        attempt?: FinishedAttempt,
      ): 'saved' | 'outdated' | 'ended' => {
        const { appid, openid, unionid = null, createdAt } = session
        if (putKeys.run({ appid, openid, ...keys }).changes === 0) return 'outdated'
        if ((selectEndedEpoch.get(appid, openid) ?? 0) > epoch) {
          if (attempt !== undefined) attempts.drop(attempt)
          return 'ended'
        }
        insertSession.run({ ...session, tokenHash, unionid })
        deleteOldest.run({ appid, openid, createdAt, tokenHash, others: maxSessions - 1 })
        if (attempt !== undefined) attempts.finish(attempt)
        return 'saved'
      },
    ).immediate,

    replaceKeys: ({ appid, openid }: UserKey, keys: KeyChange): 'saved' | 'outdated' =>
      updateKeys.run({ appid, openid, ...keys }).changes === 0 ? 'outdated' : 'saved',

    touch(tokenHash: Uint8Array, lastSeenAt: number, expiresAt: number): void {
      withoutSync(db, () => updateTimes.run({ tokenHash, lastSeenAt, expiresAt }))
    },

    delete(tokenHash: Uint8Array): void {
      deleteSession.run(tokenHash)
    },

    /** Leaves a row also for a user nobody knows: the login that makes the user known may be under way. */
    endAll: db.transaction((user: UserKey, now: number): number => {
      putEndedEpoch.run({ ...user, epoch: raiseEpoch.get(), now })
      const live = countLive.get({ ...user, now }) ?? 0
      deleteAll.run(user)
      return live
    }).immediate,
  }
}
