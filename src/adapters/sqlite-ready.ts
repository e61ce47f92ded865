import { hash } from 'node:crypto'
import type { UserKey } from '../domain/session.js'
import { type Database, sqliteError } from './sqlite-driver.js'
import { withoutSync } from './sqlite-file.js'
import type { Store } from './sqlite-store.js'

/** Milliseconds for which a rehearsal counts. Reading is cheaper, and done for every probe. */
const REHEARSED = 1000

/**
 * Whether logins could be served now. Each call reads what a request with a session reads, of another session each
 * time, so that one page after the other of a large database is seen; and the writer rehearses a login.
 *
 * Fails with `storage_unavailable` where any of that fails, and ever after an operation has met a damaged page.
 *
 * @param elapsed milliseconds since any moment
 */
export function createReadiness(
  { db, read, write, checkWhole }: Store,
  elapsed: () => number,
): () => Promise<void> {
  const selectSession = db.prepare<[Uint8Array], UserKey>(
    'SELECT appid, openid FROM sessions WHERE token_hash >= ? ORDER BY token_hash LIMIT 1',
  )
  const selectUser = db.prepare('SELECT sealed_keys FROM users WHERE appid = @appid AND openid = @openid')
  const selectOthers = db.prepare(
    'SELECT token_hash FROM sessions WHERE appid = @appid AND openid = @openid ORDER BY created_at DESC LIMIT 10',
  )
  const selectEpoch = db.prepare('SELECT value FROM epoch')
  let probes = 0
  let rehearsed: number | undefined
  let rehearsing: Promise<void> | undefined

  async function rehearse(place: Uint8Array): Promise<void> {
    try {
      await write('rehearse', place)
      rehearsed = elapsed()
    } finally {
      rehearsing = undefined
    }
  }

  async function probe(): Promise<void> {
    const place = hash('sha256', `probe ${probes++}`, 'buffer')
    const isDue = rehearsed === undefined || elapsed() - rehearsed >= REHEARSED
    await read(() => {
      // What SQLite remembers of pages would hide what has become of them on the disk.
      if (isDue) db.pragma('shrink_memory')
      const user = selectSession.get(place) ?? { appid: '', openid: '' }
      selectUser.get(user)
      selectOthers.all(user)
      selectEpoch.get()
    })
    if (!isDue) return
    rehearsing ??= rehearse(place)
    await rehearsing
  }

  // Damage, by whomever it was met, is the reason that is named.
  return () => probe().finally(checkWhole)
}

/**
 * Goes the way of a login, up to the commit, and leaves everything as it was: rows in all tables that a login writes to
 * are inserted, read and taken back, and what is committed is the number of the schema.
 *
 * @param place the hash that session and attempt get, and so where in their tables they go
 */
export function createRehearsal(db: Database): (place?: Uint8Array) => void {
  const inserts = [
    `INSERT INTO sessions VALUES (@place, '', hex(@place), '', NULL, 0, 0, 0)`,
    `INSERT INTO users (appid, openid, sealed_keys) VALUES ('', hex(@place), '')`,
    'INSERT INTO login_attempts VALUES (@place, @place, 0, 0, NULL)',
    'UPDATE epoch SET value = value + 1',
  ].map((sql) => db.prepare(sql))
  const selectAll = db
    .prepare(
      `SELECT count(*) FROM sessions JOIN users USING (appid, openid) JOIN login_attempts ON code_hash = token_hash, epoch
       WHERE token_hash = @place AND epoch.value > 0`,
    )
    .pluck()

  const rehearse = db.transaction((place: Uint8Array) => {
    db.exec('SAVEPOINT rehearsal')
    for (const insert of inserts) insert.run({ place })
    if (selectAll.get({ place }) !== 1) throw sqliteError('SQLITE_CORRUPT')
    db.exec('ROLLBACK TO rehearsal')
    db.pragma(`user_version = ${db.pragma('user_version', { simple: true })}`)
  }).immediate

  return (place = new Uint8Array(32)) => {
    db.pragma('shrink_memory')
    withoutSync(db, () => rehearse(place))
  }
}
