import { type Database, sqliteError } from '../driver.js'
import { placeOf } from '../packing.js'

/**
 * Goes the way of a login, up to the commit, and leaves everything as it was: rows in all tables that a login writes to
 * are inserted, read and taken back, and what is committed is the number of the schema.
 *
 * @param place the hash that session and attempt get, and so where in their tables they go
 */
export function createRehearsal(db: Database): (place?: Uint8Array) => void {
  const inserts = [
    `INSERT INTO apps (id, appid) VALUES (0, '')`,
    `INSERT OR REPLACE INTO sessions VALUES (@head, @tail, 0, hex(@place), '', NULL, 0, 0, 0)`,
    `INSERT INTO users (app, openid, sealed_keys) VALUES (0, hex(@place), x'')`,
    'INSERT INTO login_attempts VALUES (@place, @place, 0, 0, NULL, NULL, NULL)',
    'INSERT OR REPLACE INTO counts VALUES (@place, 1, 0)',
    'UPDATE epoch SET value = value + 1',
  ].map((sql) => db.prepare(sql))
  const selectAll = db
    .prepare(
      `SELECT count(*) FROM sessions JOIN users USING (app, openid) JOIN apps ON apps.id = app
       JOIN login_attempts ON code_hash = @place
       JOIN counts ON name = @place, epoch WHERE hash_head = @head AND epoch.value > 0`,
    )
    .pluck()

  const rehearse = db.transaction((place: Uint8Array) => {
    db.exec('SAVEPOINT rehearsal')
    const row = { place, ...placeOf(place) }
    for (const insert of inserts) insert.run(row)
    if (selectAll.get(row) !== 1) throw sqliteError('SQLITE_CORRUPT')
    db.exec('ROLLBACK TO rehearsal')
    db.pragma(`user_version = ${db.pragma('user_version', { simple: true })}`)
  }).immediate

  return (place = new Uint8Array(32)) => {
    db.pragma('shrink_memory')
    rehearse(place)
  }
}
