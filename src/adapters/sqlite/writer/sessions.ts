import type { Session, UserKey } from '../../../domain/session.js'
import type { Hash, RawLogin, RawStore, RingChange } from '../../store/raw-store.js'
import type { Database } from '../driver.js'
import { SESSION_COLUMNS, type SessionRow, sessionOf } from '../session-row.js'
import type { AttemptWriter } from './attempts.js'
import type { Touches } from './touches.js'

/** What changes sessions and users. */
export function createSessionWriter(db: Database, attempts: AttemptWriter) {
  const putRing = db.prepare(
    `INSERT INTO users (appid, openid, sealed_keys) VALUES (@appid, @openid, @sealed)
     ON CONFLICT DO UPDATE SET sealed_keys = excluded.sealed_keys WHERE sealed_keys IS @replaces`,
  )
  const selectEndedEpoch = db
    .prepare<[string, string], number>('SELECT ended_epoch FROM users WHERE appid = ? AND openid = ?')
    .pluck()
  const insertSession = db.prepare(
    `INSERT OR REPLACE INTO sessions
     VALUES (@tokenHash, @appid, @openid, @id, @unionid, @createdAt, @lastSeenAt, @expiresAt)`,
  )
  const updateTimes = db.prepare(
    `UPDATE sessions SET last_seen_at = @lastSeenAt, expires_at = @expiresAt
     WHERE token_hash = @tokenHash AND last_seen_at <= @lastSeenAt`,
  )
  const raiseEpoch = db.prepare<[], number>('UPDATE epoch SET value = value + 1 RETURNING value').pluck()
  const deleteOldest = db.prepare(
    `DELETE FROM sessions WHERE token_hash IN
     (SELECT token_hash FROM sessions
      WHERE appid = @appid AND openid = @openid AND expires_at > @createdAt AND token_hash <> @tokenHash
      ORDER BY created_at DESC LIMIT -1 OFFSET @others)`,
  )
  const deleteOne = db.prepare<[Hash], SessionRow>(
    `DELETE FROM sessions WHERE token_hash = ? RETURNING ${SESSION_COLUMNS}`,
  )
  const deleteById = db.prepare('DELETE FROM sessions WHERE appid = @appid AND openid = @openid AND id = @id')
  const deleteAll = db.prepare('DELETE FROM sessions WHERE appid = @appid AND openid = @openid')
  const deleteAnswers = db.prepare('DELETE FROM login_attempts WHERE appid = @appid AND openid = @openid')
  const dropRing = db.prepare('UPDATE users SET sealed_keys = NULL WHERE appid = @appid AND openid = @openid')
  const putEnding = db.prepare(
    `INSERT INTO users (appid, openid, ended_epoch, ended_until) VALUES (@appid, @openid, @epoch, @until)
     ON CONFLICT DO UPDATE SET ended_epoch = excluded.ended_epoch, ended_until = excluded.ended_until`,
  )
  const countLive = db
    .prepare<[UserKey & { now: number }], number>(
      'SELECT count(*) FROM sessions WHERE appid = @appid AND openid = @openid AND expires_at > @now',
    )
    .pluck()

  /** The epoch tells of every ending. */
  function ended(count: number): number {
    if (count > 0) raiseEpoch.get()
    return count
  }

  function save({ tokenHash, session, ring, epoch, maxSessions, attempt }: RawLogin): Saved {
    const { appid, openid, unionid = null, createdAt } = session
    if (putRing.run({ appid, openid, ...sqlOf(ring) }).changes === 0) return 'outdated'
    if ((selectEndedEpoch.get(appid, openid) ?? 0) > epoch) {
      if (attempt !== undefined) attempts.abandon(attempt)
      return 'ended'
    }
    insertSession.run({ ...session, tokenHash, unionid })
    const oldest = deleteOldest.run({ appid, openid, createdAt, tokenHash, others: maxSessions - 1 })
    if (attempt !== undefined) attempts.finish(attempt)
    return { madeRoom: ended(oldest.changes) }
  }

  /** Leaves a row also for a user nobody knows: the login that makes the user known may be under way. */
  function endAll(user: UserKey, { now, rememberUntil, forget }: Parameters<RawStore['endAll']>[1]): number {
    putEnding.run({ ...user, epoch: raiseEpoch.get(), until: rememberUntil })
    const live = countLive.get({ ...user, now }) ?? 0
    deleteAll.run(user)
    if (forget) {
      dropRing.run(user)
      deleteAnswers.run(user)
    }
    return live
  }

  return {
    save,

    putRing: (user: UserKey, ring: RingChange): 'saved' | 'outdated' =>
      putRing.run({ ...user, ...sqlOf(ring) }).changes === 0 ? 'outdated' : 'saved',

    touch(touches: Touches): void {
      // Neighbours lie on one page.
      const sorted = [...touches].sort(([one], [other]) => (one < other ? -1 : 1))
      for (const [hash, { lastSeenAt, expiresAt }] of sorted)
        updateTimes.run({ tokenHash: Buffer.from(hash, 'latin1'), lastSeenAt, expiresAt })
    },

    delete(tokenHash: Hash): Session | undefined {
      const row = deleteOne.get(tokenHash)
      ended(row === undefined ? 0 : 1)
      return row && sessionOf(row)
    },

    endOne: (user: UserKey, id: string): boolean => ended(deleteById.run({ ...user, id }).changes) > 0,

    endAll,
  }
}

type Saved = Awaited<ReturnType<RawStore['save']>>

/** SQLite has no undefined. */
function sqlOf({ sealed, replaces = null }: { sealed: string; replaces?: string | null | undefined }) {
  return { sealed, replaces }
}
