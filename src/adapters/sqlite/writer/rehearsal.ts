import { type Database, sqliteError } from '../driver.js'

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
    'INSERT INTO login_attempts VALUES (@place, @place, 0, 0, NULL, NULL, NULL)',
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
    rehearse(place)
  }
}
