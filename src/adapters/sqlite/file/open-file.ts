import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  rmdirSync,
  rmSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Database, openConnection } from '../driver.js'
import { checkOwner, migrate, released } from '../schema.js'
import { checkPages, checkTables, checkWithWal } from './check.js'
import { lookAt, lost } from './look.js'
import { type DatabaseFile, fileAt } from './place.js'
import { explained, missing, olderVersion, withoutWal } from './trouble.js'

/**
 * Milliseconds a statement may hold its thread while another process has the lock. Everything else waits behind it,
 * so it's next to none: whoever finds the database busy comes again later.
 */
const BUSY_TIMEOUT = 1

/** While opening nobody is served yet, so there it may wait for a process that is just stopping. */
const BUSY_TIMEOUT_OPENING = 2000

/**
 * KiB of pages that a connection keeps, where better-sqlite3's own 16 MB for each of two bring nothing: most pages are
 * needed once, and every commit by others empties the cache (`node bench/growth.mjs`).
 */
const CACHE = 4000

/** What opening found out about a database beside that it opens. */
interface Opened {
  readonly db: Database
  readonly file: DatabaseFile
  /** Why not all of it was read to see whether it is whole; `undefined` where it was. */
  readonly unread: string | undefined
  /** Whether a file was there, but of 0 bytes: made by hand, or what is left of a database. */
  readonly wasEmpty: boolean
}

/**
 * Opens the database at a path, made and brought to the newest schema where needed; `:memory:` is one that ends with
 * the process. File, WAL and index are their owner's alone (0600), and so is the folder if it had to be made (0700).
 *
 * Fails with `storage_unavailable`, whose cause is one line that names the cure, and then leaves everything as it was:
 * what this call has made is gone.
 *
 * @param besides as for `openSqlite`
 * @param prepare what else has to work before the database counts as opened; what it returns is passed on
 * @param asItIs fails where the database would have to be made, or brought to the newest schema
 */
export function openDatabase<Prepared>(
  path: string,
  {
    besides,
    prepare,
    asItIs = false,
  }: { besides: readonly string[]; prepare: (db: Database) => Prepared; asItIs?: boolean | undefined },
): Opened & { readonly prepared: Prepared } {
  if (path === ':memory:') {
    const db = connect(path, BUSY_TIMEOUT_OPENING)
    migrate(db)
    return {
      db,
      file: { path, isInPlace: () => true },
      unread: undefined,
      wasEmpty: false,
      prepared: prepare(db),
    }
  }
  const absolute = resolve(path)
  let undo = () => {}
  try {
    const { state, left } = lookAt(
      absolute,
      besides.map((file) => resolve(file)),
    )
    if (asItIs && state !== 'there') throw missing(absolute)
    if (state === 'new') undo = create(absolute)
    const realPath = realpathSync(absolute)
    if (state === 'there') checkWithWal(realPath)
    const opened = openFile(realPath, state === 'there' ? left : [], asItIs)
    try {
      const prepared = prepare(opened.db)
      opened.db.pragma(`busy_timeout = ${BUSY_TIMEOUT}`)
      return { ...opened, wasEmpty: state === 'empty', prepared }
    } catch (error) {
      opened.db.close()
      throw error
    }
  } catch (error) {
    undo()
    throw explained(error, absolute)
  }
}

/** @param left what there is beside a database that was there already */
function openFile(path: string, left: readonly string[], asItIs: boolean): Omit<Opened, 'wasEmpty'> {
  const db = connect(path, BUSY_TIMEOUT_OPENING)
  try {
    const taken = checkOwner(db)
    if (taken === undefined && left.length > 0) throw lost(path, 'holds no tables', left)
    if (asItIs && taken === undefined) throw missing(path)
    if (asItIs && taken !== released.length) throw olderVersion(path)
    const unread = checkPages(db, path)
    migrate(db)
    checkTables(db, path)
    if (db.pragma('journal_mode = WAL', { simple: true }) !== 'wal') throw withoutWal(path)
    // WAL and index appear with the first read.
    db.pragma('user_version')
    for (const suffix of ['', '-wal', '-shm']) chmodSync(path + suffix, 0o600)
    return { db, file: fileAt(path), unread }
  } catch (error) {
    db.close()
    throw error
  }
}

/** A connection to a database that is there. */
export function connect(path: string, busyTimeout: number = BUSY_TIMEOUT): Database {
  const db = openConnection(path, { timeout: busyTimeout, fileMustExist: true })
  try {
    // better-sqlite3 makes it NORMAL, where a power cut undoes the latest commits.
    db.pragma('synchronous = FULL')
    db.pragma(`cache_size = -${CACHE}`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/**
 * Makes an empty file, and the folders to it. SQLite gives its WAL and index the mode of the database, but the database
 * itself would get that of the umask.
 *
 * @returns undoes it
 */
function create(path: string): () => void {
  const folder = dirname(path)
  const topmost = mkdirSync(folder, { recursive: true, mode: 0o700 })
  const removeFolders = () => {
    for (let made = folder; topmost !== undefined && made.startsWith(topmost); made = dirname(made)) {
      // Not empty where somebody else has put something there meanwhile.
      if (readdirSync(made).length > 0) return
      rmdirSync(made)
    }
  }
  try {
    // Never opens a file that is there: closing it would drop the locks of all connections of this process to it.
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    // Another process was faster.
    if (existsSync(path)) return () => {}
    removeFolders()
    throw error
  }
  return () => {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true })
    removeFolders()
  }
}
