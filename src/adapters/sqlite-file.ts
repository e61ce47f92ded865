import { chmodSync, closeSync, existsSync, mkdirSync, openSync, realpathSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { migrate } from './sqlite-schema.js'

/**
 * Milliseconds a statement may hold its thread while another process has the lock. Everything else waits behind it,
 * so it's next to none: whoever finds the database busy comes again later.
 */
const BUSY_TIMEOUT = 1

/** While opening nobody is served yet, so there it may wait for a process that is just stopping. */
const BUSY_TIMEOUT_OPENING = 2000

/** Where a database lives, and whether it still does. */
export interface DatabaseFile {
  readonly path: string
  /**
   * Whether the file at the path is still the one that was opened. SQLite itself goes on writing, without an error,
   * to a file that was deleted, replaced or emptied. Once false this stays false: a file that came back may lack
   * what was written meanwhile.
   */
  isInPlace(): boolean
}

/**
 * Opens the database at a path, made and brought to the newest schema where needed; `:memory:` is one that ends with
 * the process. File, WAL and index are their owner's alone (0600), and so is the folder if it had to be made (0700).
 */
export function openDatabase(path: string): { db: Database.Database; file: DatabaseFile } {
  const inMemory = path === ':memory:'
  const realPath = inMemory ? path : createIfMissing(resolve(path))
  const db = connect(realPath, BUSY_TIMEOUT_OPENING)
  try {
    migrate(db)
    if (inMemory) return { db, file: { path, isInPlace: () => true } }
    db.pragma('journal_mode = WAL')
    // WAL and index appear with the first read.
    db.pragma('user_version')
    for (const suffix of ['', '-wal', '-shm']) chmodSync(realPath + suffix, 0o600)
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT}`)
    return { db, file: { path: realPath, isInPlace: watch(realPath) } }
  } catch (error) {
    db.close()
    throw error
  }
}

/** A connection to a database that is there. */
export function connect(path: string, busyTimeout: number = BUSY_TIMEOUT): Database.Database {
  const db = new Database(path, { timeout: busyTimeout, fileMustExist: true })
  // better-sqlite3 makes it NORMAL, where a power cut undoes the latest commits.
  db.pragma('synchronous = FULL')
  return db
}

/** Commits without waiting for the disk. The next commit that does wait takes these along. */
export function withoutSync<T>(db: Database.Database, work: () => T): T {
  db.pragma('synchronous = NORMAL')
  try {
    return work()
  } finally {
    db.pragma('synchronous = FULL')
  }
}

/** SQLite gives its WAL and index the mode of the database, but the database itself would get that of the umask. */
function createIfMissing(path: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    // Never opens a file that is there: closing it would drop the locks of all connections of this process to it.
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (!existsSync(path)) throw error
  }
  return realpathSync(path)
}

function watch(path: string): () => boolean {
  const whereabouts = () => {
    const db = statSync(path, { throwIfNoEntry: false })
    // Without the shm that others open, processes don't see each other's locks and overwrite each other's commits.
    const besides = ['-wal', '-shm'].map((suffix) => statSync(path + suffix, { throwIfNoEntry: false }))
    const all = [db, ...besides]
    return db && db.size > 0 ? all.map((file) => file && `${file.dev} ${file.ino}`).join() : 'nowhere'
  }
  const opened = whereabouts()
  let inPlace = opened !== 'nowhere'
  return () => {
    inPlace &&= whereabouts() === opened
    return inPlace
  }
}
