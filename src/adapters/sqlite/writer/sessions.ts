import type { Session, UserKey } from '../../../domain/session.js'
import type { Hash, RawLogin, RawStore, RingChange } from '../../store/raw-store.js'
import { type Database, sqliteError } from '../driver.js'
import { pack, packedId, placeOf } from '../packing.js'
import { OF_USER, SESSION_COLUMNS, type SessionRow, sessionOf } from '../session-row.js'
import type { AttemptWriter } from './attempts.js'
import { HASH_LENGTH, type Touches } from './touches.js'

/** What changes sessions and users. */
export function createSessionWriter(db: Database, attempts: AttemptWriter) {
  const selectApp = db.prepare<[string], number>('SELECT id FROM apps WHERE appid = ?').pluck()
  const insertApp = db.prepare<[string]>('INSERT INTO apps (appid) VALUES (?)')
  /** Gives nothing where another ring is on record. */
  const putRing = db
    .prepare<[number, string, Uint8Array, Uint8Array | null], number>(
      `INSERT INTO users (app, openid, sealed_keys) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET sealed_keys = excluded.sealed_keys WHERE sealed_keys IS ?
       RETURNING ended_epoch`,
    )
    .pluck()
  const insertSession = db.prepare(
    `INSERT OR REPLACE INTO sessions
     SELECT @head, @tail, @app, @openid, ${packedId('@id')}, @unionid, @createdAt, @lastSeenAt, @expiresAt
     WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE hash_head = @head AND hash_tail <> @tail)`,
  )
  const countAll = db
    .prepare<[number, string], number>('SELECT count(*) FROM sessions WHERE app = ? AND openid = ?')
    .pluck()
  const updateTimes = db.prepare<[number, number, number, Uint8Array, number]>(
    `UPDATE sessions SET last_seen_at = ?, expires_at = ?
     WHERE hash_head = ? AND hash_tail = ? AND last_seen_at <= ?`,
  )
  const selectSession = db.prepare('SELECT 1 FROM sessions WHERE hash_head = ? AND hash_tail = ?')
  const raiseEpoch = db.prepare<[], number>('UPDATE epoch SET value = value + 1 RETURNING value').pluck()
  const deleteOldest = db.prepare(
    `DELETE FROM sessions WHERE hash_head IN
     (SELECT hash_head FROM sessions
      WHERE app = @app AND openid = @openid AND expires_at > @createdAt AND hash_head <> @head
      ORDER BY created_at DESC LIMIT -1 OFFSET @others)`,
  )
  const deleteOne = db.prepare<[ReturnType<typeof placeOf>], SessionRow>(
    `DELETE FROM sessions WHERE hash_head = @head AND hash_tail = @tail RETURNING ${SESSION_COLUMNS}`,
  )
  const deleteById = db.prepare(`DELETE FROM sessions WHERE ${OF_USER} AND id = ${packedId('@id')}`)
  const deleteAll = db.prepare(`DELETE FROM sessions WHERE ${OF_USER}`)
  const deleteAnswers = db.prepare('DELETE FROM login_attempts WHERE appid = @appid AND openid = @openid')
  const dropRing = db.prepare(`UPDATE users SET sealed_keys = NULL WHERE ${OF_USER}`)
  const putEnding = db.prepare(
    `INSERT INTO users (app, openid, ended_epoch, ended_until) VALUES (@app, @openid, @epoch, @until)
     ON CONFLICT DO UPDATE SET ended_epoch = excluded.ended_epoch, ended_until = excluded.ended_until`,
  )
  const countLive = db
    .prepare<[UserKey & { now: number }], number>(
      `SELECT count(*) FROM sessions WHERE ${OF_USER} AND expires_at > @now`,
    )
    .pluck()

  /** The epoch tells of every ending. */
  function ended(count: number): number {
    if (count > 0) raiseEpoch.get()
    return count
  }

  /** The number of an app, which gets one where it has none yet. */
  const numberOf = (appid: string): number =>
    selectApp.get(appid) ?? Number(insertApp.run(appid).lastInsertRowid)

  function replaceRing(app: number, openid: string, { sealed, replaces }: RingChange): number | undefined {
    // SQLite has no undefined.
    return putRing.get(app, openid, pack(sealed), replaces === undefined ? null : pack(replaces))
  }

  function save({ tokenHash, session, ring, epoch, maxSessions, attempt }: RawLogin): Saved {
    const { appid, openid, unionid = null, createdAt } = session
    const { head, tail } = placeOf(tokenHash)
    const app = numberOf(appid)
    const endedEpoch = replaceRing(app, openid, ring)
    if (endedEpoch === undefined) return 'outdated'
    if (endedEpoch > epoch) {
      // There was none: the user was forgotten.
      if (ring.replaces === undefined) dropRing.run(session)
      if (attempt !== undefined) attempts.abandon(attempt)
      return 'ended'
    }
    // Another token's place, once in 900 million logins to ten million sessions: the next token has another one.
    if (insertSession.run({ ...session, app, head, tail, unionid }).changes === 0)
      throw sqliteError('SQLITE_CONSTRAINT_PRIMARYKEY')
    const madeRoom = makeRoom({ app, openid, createdAt, head, others: maxSessions - 1 })
    if (attempt !== undefined) attempts.finish(attempt)
    return { madeRoom: ended(madeRoom) }
  }

  /** Counts first: deleting nothing costs as much as half of all else in a login. */
  function makeRoom(among: { app: number; openid: string; createdAt: number; head: number; others: number }) {
    const all = countAll.get(among.app, among.openid) ?? 0
    return all - 1 > among.others ? deleteOldest.run(among).changes : 0
  }

  /** Leaves a row also for a user nobody knows: the login that makes the user known may be under way. */
  function endAll(user: UserKey, { now, rememberUntil, forget }: Parameters<RawStore['endAll']>[1]): number {
    const app = numberOf(user.appid)
    putEnding.run({ app, openid: user.openid, epoch: raiseEpoch.get(), until: rememberUntil })
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

    putRing(user: UserKey, ring: RingChange): 'saved' | 'outdated' {
      const endedEpoch = replaceRing(numberOf(user.appid), user.openid, ring)
      return endedEpoch === undefined ? 'outdated' : 'saved'
    },

    /** Whether all of them are there. */
    touch({ hashes, times }: Touches): boolean {
      let isWhole = true
      for (let n = 0; n < times.length / 2; n++) {
        const { head, tail } = placeOf(hashes.subarray(n * HASH_LENGTH, (n + 1) * HASH_LENGTH))
        const { [2 * n]: lastSeenAt = 0, [2 * n + 1]: expiresAt = 0 } = times
        const { changes } = updateTimes.run(lastSeenAt, expiresAt, head, tail, lastSeenAt)
        if (changes === 0 && selectSession.get(head, tail) === undefined) isWhole = false
      }
      return isWhole
    },

    delete(tokenHash: Hash): Session | undefined {
      const row = deleteOne.get(placeOf(tokenHash))
      ended(row === undefined ? 0 : 1)
      return row && sessionOf(row)
    },

    endOne: (user: UserKey, id: string): boolean => ended(deleteById.run({ ...user, id }).changes) > 0,

    endAll,
  }
}

type Saved = Awaited<ReturnType<RawStore['save']>>
