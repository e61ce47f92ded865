import { type Database, isSqliteError } from './driver.js'
import { storeTrouble } from './file/trouble.js'
import { pack, packedId, placeOf } from './packing.js'

/** "r3ss" in the file's header: tells anybody whose database this is (and `file` prints it). */
export const APPLICATION_ID = 0x72337373

/**
 * What takes the schema from each version to the next; `user_version` counts the steps taken. A released step is
 * never edited, only followed by another.
 *
 * The tables are clustered by the key they are looked up with. There is no index on `expires_at`: each use of a session
 * would have to move its entry, while the sweep reads through a million live rows in about a second of its own thread.
 *
 * `epoch` has one row. It is raised with every ending of a session. `users.ended_epoch` is what it became when the
 * user's sessions were all ended: until `ended_until` a login that began at an earlier epoch is too late. A user may
 * have no keys, but only an epoch. `login_attempts` has those of the phone button's codes, too. `counts` is what limits
 * go by. No row of `apps` ever goes. packing.ts says how hashes, ids and `sealed_keys` lie here.
 */
export const released = [
  `CREATE TABLE sessions (
     token_hash BLOB PRIMARY KEY,
     appid TEXT NOT NULL,
     openid TEXT NOT NULL,
     id TEXT NOT NULL,
     unionid TEXT,
     created_at INTEGER NOT NULL,
     last_seen_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;

   CREATE INDEX sessions_of_user ON sessions (appid, openid, created_at);

   CREATE TABLE users (
     appid TEXT NOT NULL,
     openid TEXT NOT NULL,
     sealed_keys TEXT,
     ended_epoch INTEGER NOT NULL DEFAULT 0,
     ended_at INTEGER NOT NULL DEFAULT 0,
     PRIMARY KEY (appid, openid)
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE epoch (value INTEGER NOT NULL) STRICT;
   INSERT INTO epoch VALUES (0);

   CREATE TABLE login_attempts (
     code_hash BLOB PRIMARY KEY,
     key_hash BLOB NOT NULL,
     claimed_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     sealed_answer TEXT
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE access_tokens (
     appid TEXT PRIMARY KEY,
     sealed_token TEXT,
     claimed_until INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`,

  // Instants instead of beginnings, so that no duration has to be known here; and whose an answer is.
  `ALTER TABLE users RENAME COLUMN ended_at TO ended_until;
   UPDATE users SET ended_until = ended_until + 3600000 WHERE ended_epoch > 0;
   ALTER TABLE login_attempts RENAME COLUMN claimed_at TO claimed_until;
   UPDATE login_attempts SET claimed_until = claimed_until + 10000;
   ALTER TABLE login_attempts ADD COLUMN appid TEXT;
   ALTER TABLE login_attempts ADD COLUMN openid TEXT;`,

  // The same in two thirds of the bytes. Rows go over in the order they lie in, so that pages are filled one by one.
  `DROP INDEX sessions_of_user;
   ALTER TABLE sessions RENAME TO old_sessions;
   ALTER TABLE users RENAME TO old_users;

   CREATE TABLE apps (id INTEGER PRIMARY KEY, appid TEXT NOT NULL UNIQUE) STRICT;
   INSERT INTO apps (appid) SELECT appid FROM old_users UNION SELECT appid FROM old_sessions ORDER BY appid;

   CREATE TABLE sessions (
     hash_head INTEGER PRIMARY KEY,
     hash_tail BLOB NOT NULL,
     app INTEGER NOT NULL,
     openid TEXT NOT NULL,
     id ANY NOT NULL,
     unionid TEXT,
     created_at INTEGER NOT NULL,
     last_seen_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL
   ) STRICT;
   INSERT OR IGNORE INTO sessions
     SELECT head_of(token_hash), tail_of(token_hash), (SELECT id FROM apps WHERE apps.appid = old_sessions.appid),
       openid, ${packedId('id')}, unionid, created_at, last_seen_at, expires_at
     FROM old_sessions ORDER BY token_hash;
   DROP TABLE old_sessions;
   CREATE INDEX sessions_of_user ON sessions (app, openid);

   CREATE TABLE users (
     app INTEGER NOT NULL,
     openid TEXT NOT NULL,
     sealed_keys BLOB,
     ended_epoch INTEGER NOT NULL DEFAULT 0,
     ended_until INTEGER NOT NULL DEFAULT 0,
     PRIMARY KEY (app, openid)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO users
     SELECT (SELECT id FROM apps WHERE apps.appid = old_users.appid), openid, packed(sealed_keys), ended_epoch,
       ended_until
     FROM old_users ORDER BY appid, openid;
   DROP TABLE old_users;`,

  `CREATE TABLE counts (
     name BLOB PRIMARY KEY,
     count INTEGER NOT NULL,
     expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`,
]

/**
 * Brings a database to the newest schema, an empty one from nothing; all or nothing.
 *
 * Fails with `storage_unavailable`, and changes nothing, when the database belongs to another application or to a
 * newer version of this one.
 */
export function migrate(db: Database, steps: readonly string[] = released): void {
  const takeSteps = db.transaction(() => {
    const taken = checkOwner(db, steps.length)
    if (taken === steps.length) return taken
    for (const step of steps.slice(taken ?? 0)) db.exec(step)
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.pragma(`user_version = ${steps.length}`)
    return taken
  }).immediate
  registerPacking(db)
  // What the steps wrote would otherwise lie in the WAL as well until the end.
  if (withPlaceToSort(db, takeSteps) !== steps.length) db.pragma('wal_checkpoint(TRUNCATE)')
}

/** Making an index sorts in files, of some 30 bytes a row, or in memory where there is no folder for them. */
function withPlaceToSort<T>(db: Database, work: () => T): T {
  try {
    return work()
  } catch (error) {
    // A container with a read-only root.
    if (!isSqliteError(error) || error.code !== 'SQLITE_IOERR_GETTEMPPATH') throw error
    db.pragma('temp_store = MEMORY')
    return work()
  }
}

/** What the steps call of packing.ts. */
function registerPacking(db: Database): void {
  db.function('head_of', { deterministic: true }, (hash: Uint8Array) => placeOf(hash).head)
  db.function('tail_of', { deterministic: true }, (hash: Uint8Array) => placeOf(hash).tail)
  db.function('packed', { deterministic: true }, (sealed: string | null) =>
    sealed === null ? null : pack(sealed),
  )
}

/**
 * How many steps of the schema were taken; `undefined` for a database without tables. Fails as `migrate` does.
 *
 * @param known how many steps there are
 */
export function checkOwner(db: Database, known: number = released.length): number | undefined {
  const taken = Number(db.pragma('user_version', { simple: true }))
  if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    if (isEmpty(db)) return undefined
    throw storeTrouble(
      'other_application',
      'the file is a database of another application: name a file of its own for the sessions',
    )
  }
  if (taken > known) {
    throw storeTrouble(
      'newer_version',
      `the sessions were written by a newer r3session (schema ${taken}, this one knows ${known}): ` +
        'start that version again, or name another file',
    )
  }
  return taken
}

function isEmpty(db: Database): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined
}
