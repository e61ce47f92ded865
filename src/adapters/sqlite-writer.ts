import type Database from 'better-sqlite3'
import type { Session, UserKey } from '../domain/session.js'

/** Rows that one step of the sweep looks at: about 4 ms of work, which is what a login may have to wait for it. */
const SWEEP_STEP = 100

/**
 * Everything that writes to the database, each a transaction of its own. Runs where waiting for the disk hurts
 * nobody, so arguments and results are what a message can carry.
 */
export function createWriter(db: Database.Database) {
  const insertSession = db.prepare(
    `INSERT OR REPLACE INTO sessions
     VALUES (@tokenHash, @appid, @openid, @id, @unionid, @createdAt, @lastSeenAt, @expiresAt)`,
  )
  const putKeys = db.prepare(
    `INSERT INTO users VALUES (@appid, @openid, @sealedKeys)
     ON CONFLICT DO UPDATE SET sealed_keys = excluded.sealed_keys WHERE sealed_keys = @replaces`,
  )
  const updateTimes = db.prepare(
    'UPDATE sessions SET last_seen_at = @lastSeenAt, expires_at = @expiresAt WHERE token_hash = @tokenHash',
  )
  const deleteSession = db.prepare('DELETE FROM sessions WHERE token_hash = ?')

  const lastSessionOfStep = db
    .prepare<[Uint8Array], Uint8Array | null>(
      `SELECT max(token_hash) FROM
       (SELECT token_hash FROM sessions WHERE token_hash > ? ORDER BY token_hash LIMIT ${SWEEP_STEP})`,
    )
    .pluck()
  const deleteExpired = db.prepare(
    'DELETE FROM sessions WHERE token_hash > ? AND token_hash <= ? AND expires_at <= ?',
  )
  const lastUserOfStep = db.prepare<[UserKey], UserKey>(
    `SELECT appid, openid FROM
     (SELECT appid, openid FROM users WHERE (appid, openid) > (@appid, @openid)
      ORDER BY appid, openid LIMIT ${SWEEP_STEP})
     ORDER BY appid DESC, openid DESC LIMIT 1`,
  )
  const deleteUnneeded = db.prepare(
    `DELETE FROM users WHERE (appid, openid) > (?, ?) AND (appid, openid) <= (?, ?) AND NOT EXISTS
     (SELECT 1 FROM sessions WHERE sessions.appid = users.appid AND sessions.openid = users.openid)`,
  )

  /** Commits without waiting for the disk. The next commit that does wait takes these along. */
  function withoutSync<T>(work: () => T): T {
    db.pragma('synchronous = NORMAL')
    try {
      return work()
    } finally {
      db.pragma('synchronous = FULL')
    }
  }

  return {
    /**
     * Records a session and its user's keys, or neither: `false` when the keys on record are not (any more) those
     * that `sealedKeys` was made from.
     */
    save: db.transaction(
      (tokenHash: Uint8Array, session: Session, sealedKeys: string, replaces: string | null): boolean => {
        const { appid, openid } = session
        if (putKeys.run({ appid, openid, sealedKeys, replaces }).changes === 0) return false
        insertSession.run({ ...session, tokenHash, unionid: session.unionid ?? null })
        return true
      },
    ).immediate,

    touch(tokenHash: Uint8Array, lastSeenAt: number, expiresAt: number): void {
      withoutSync(() => updateTimes.run({ tokenHash, lastSeenAt, expiresAt }))
    },

    delete(tokenHash: Uint8Array): void {
      deleteSession.run(tokenHash)
    },

    /**
     * One step through the sessions, in the order they lie on disk, deleting those that ended by `now`: how far it
     * came, to be given as `after` to the next step, or `null` at the end.
     */
    sweepSessions: (after: Uint8Array, now: number): Uint8Array | null =>
      withoutSync(() => {
        const last = lastSessionOfStep.get(after) ?? null
        if (last !== null) deleteExpired.run(after, last, now)
        return last
      }),

    /** One step through the users, deleting those that no session needs any more. */
    sweepUsers: (after: UserKey): UserKey | null =>
      withoutSync(() => {
        const last = lastUserOfStep.get(after) ?? null
        if (last !== null) deleteUnneeded.run(after.appid, after.openid, last.appid, last.openid)
        return last
      }),

    /** Goes the way of a login to the disk, and leaves everything as it was. */
    rehearse(): void {
      withoutSync(() => db.pragma(`user_version = ${db.pragma('user_version', { simple: true })}`))
    },

    /** Moves the WAL into the database and lets go of both. */
    close(): void {
      try {
        db.pragma('wal_checkpoint(TRUNCATE)')
      } finally {
        db.close()
      }
    },
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
