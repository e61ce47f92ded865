/**
 * Sessions in SQLite as a careful developer keeps them: tokens hashed, statements prepared once, WAL, one write a
 * minute for a session in use. A login is not flushed to the disk before it is confirmed, as better-sqlite3 has it by
 * default, so the last ones may be lost in a power cut; WeChat's keys lie in the clear.
 */
import { createHash, randomBytes } from 'node:crypto'
import Database from 'better-sqlite3'
import { TTL } from './settings.mjs'

const MINUTE = 60_000

export function openSessions(path) {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.exec(`CREATE TABLE IF NOT EXISTS sessions (
    token_hash BLOB PRIMARY KEY, openid TEXT NOT NULL, unionid TEXT, session_key TEXT NOT NULL,
    created_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL) WITHOUT ROWID`)
  const insert = db.prepare('INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)')
  const select = db.prepare('SELECT * FROM sessions WHERE token_hash = ?')
  const touch = db.prepare('UPDATE sessions SET last_seen_at = ? WHERE token_hash = ?')
  const remove = db.prepare('DELETE FROM sessions WHERE token_hash = ?')
  const hash = (token) => createHash('sha256').update(token).digest()

  return {
    begin({ openid, unionid = null, session_key }) {
      const token = randomBytes(64).toString('hex')
      const now = Date.now()
      insert.run(hash(token), openid, unionid, session_key, now, now)
      return token
    },
    /** The session of an `Authorization` header, used now; `undefined` without one that lives. */
    of(authorization) {
      if (!authorization?.startsWith('Bearer ')) return
      return this.find(authorization.slice(7), true)
    },
    find(token, used) {
      const tokenHash = hash(token)
      const row = select.get(tokenHash)
      if (row === undefined) return
      const now = Date.now()
      if (row.last_seen_at + TTL * 1000 <= now) {
        remove.run(tokenHash)
        return
      }
      if (used && now - row.last_seen_at >= MINUTE) {
        touch.run(now, tokenHash)
        row.last_seen_at = now
      }
      return row
    },
  }
}

/** What RFC 7662 has a service told about a session. */
export const introspection = (session, appid) =>
  session === undefined
    ? { active: false }
    : {
        active: true,
        sub: session.openid,
        client_id: appid,
        iat: Math.floor(session.created_at / 1000),
        exp: Math.floor(session.last_seen_at / 1000) + TTL,
        token_type: 'Bearer',
      }

/** What `GET /v1/session` gives. */
export const described = (session, appid) => ({
  appid,
  openid: session.openid,
  createdAt: new Date(session.created_at).toISOString(),
  expiresAt: new Date(session.last_seen_at + TTL * 1000).toISOString(),
})
