import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { SealedRing } from '../../store/key-rings.js'
import { openConnection } from '../driver.js'
import { checkPages, checkTables, checkWithWal, sampleRings } from '../file/check.js'
import { explained, notADatabase, storeTrouble } from '../file/trouble.js'
import { checkOwner } from '../schema.js'
import { lockAlone } from './alone.js'
import { type Contents, contentsOf } from './contents.js'
import { sync } from './durable.js'

/** What is in the place of the store now. */
export interface Restored extends Contents {
  /** The folder in which the database that was there is kept, with its WAL; `undefined` where there was none. */
  readonly replaced: string | undefined
  /** Some of the sealed rings, to try the secret on. */
  readonly rings: readonly SealedRing[]
}

/**
 * Puts a backup in the place of the database. What was there goes into a folder beside it, its WAL and index first of
 * all: SQLite would take them for those of the backup and undo it in silence. However the process ends meanwhile, a start
 * finds the one database or the other, or refuses what is there.
 *
 * Fails with `storage_unavailable` for a backup that is none, is damaged, or is of a newer version, and has changed
 * nothing then.
 *
 * @param from the backup; a `-wal` beside it is taken in
 * @param path where the database belongs
 * @param endSessions whether all sessions in it are ended
 * @param mayReplace whether what can't be asked for its locks may be replaced all the same
 * @returns `in use` where another process has the database open, and nothing was changed
 */
export async function restoreSqlite({
  from,
  path,
  endSessions,
  mayReplace,
}: {
  from: string
  path: string
  endSessions: boolean
  mayReplace: () => Promise<boolean>
}): Promise<Restored | 'in use'> {
  const source = resolve(from)
  const target = placeOf(resolve(path))
  let draft: string | undefined
  let lock: ReturnType<typeof lockAlone> | undefined
  let at = source
  try {
    checkSource(source, target.path)
    mkdirSync(dirname(target.path), { recursive: true, mode: 0o700 })
    draft = mkdtempSync(join(dirname(target.path), '.r3session-restore-'))
    const made = prepare(source, join(draft, 'sessions.db'), endSessions)
    at = target.path
    own(made.path, target.stats ?? statSync(dirname(target.path)))
    if (target.stats !== undefined) lock = target.stats.size === 0 ? 'unknown' : lockAlone(target.path)
    if (lock === 'open' || (lock === 'unknown' && !(await mayReplace()))) return 'in use'
    const replaced = putInPlace(made.path, target.path)
    return { ...made.contents, rings: made.rings, replaced }
  } catch (error) {
    throw explained(error, at)
  } finally {
    if (typeof lock === 'object') lock.release()
    if (draft !== undefined) rmSync(draft, { recursive: true, force: true })
  }
}

/** A database that is a link stays one. */
function placeOf(path: string): { path: string; stats: Stats | undefined } {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats?.isDirectory())
    throw storeTrouble('directory', `${path} is a directory: name a file in SESSION_STORE`)
  return { path: stats === undefined ? path : realpathSync(path), stats }
}

function checkSource(source: string, target: string): void {
  const stats = statSync(source)
  if (!stats.isFile()) throw storeTrouble('no_file', `${source} is no file`)
  if (existsSync(target) && realpathSync(source) === target)
    throw storeTrouble('failed', `${source} is the database itself: name a backup of it`)
}

/** A copy of the backup as one file, all of it read. */
function prepare(source: string, copy: string, endSessions: boolean) {
  for (const suffix of ['', '-wal'])
    if (existsSync(source + suffix)) copyFileSync(source + suffix, copy + suffix)
  chmodSync(copy, 0o600)
  try {
    checkWithWal(copy, Infinity)
  } catch {
    throw storeTrouble(
      'wal_unfit',
      `${source} and ${source}-wal make no whole: one of them is of another state`,
    )
  }
  const db = openConnection(copy, { fileMustExist: true })
  try {
    if (checkOwner(db) === undefined) throw notADatabase(source)
    checkPages(db, source, Infinity)
    checkTables(db, source)
    if (endSessions) db.exec('DELETE FROM sessions; DELETE FROM login_attempts')
    const [contents, rings] = [contentsOf(db), sampleRings(db)]
    // One file again, also where the backup had a WAL.
    db.pragma('journal_mode = DELETE')
    return { path: copy, contents, rings }
  } finally {
    db.close()
  }
}

/** What root puts there is to be the service's. */
function own(file: string, { uid, gid }: Stats): void {
  if (process.getuid?.() === 0) chownSync(file, uid, gid)
}

/** Gives the folder in which the database that was there is kept. */
function putInPlace(copy: string, path: string): string | undefined {
  const there = ['', '-wal', '-shm'].filter((suffix) => existsSync(path + suffix))
  const aside = there.length === 0 ? undefined : freeName(`${path}.replaced`)
  const setAside = (suffix: string) => {
    if (aside !== undefined && there.includes(suffix)) renameSync(path + suffix, keptAs(suffix))
  }
  const keptAs = (suffix: string) => join(aside ?? '', `${basename(path)}${suffix}`)
  sync(copy)
  if (aside !== undefined) mkdirSync(aside, { mode: 0o700 })
  // Until the end a start refuses: the index of a WAL is there, the WAL is not.
  if (there.includes('-wal') && !there.includes('-shm')) {
    writeFileSync(`${path}-shm`, '')
    there.push('-shm')
  }
  setAside('-wal')
  if (there.includes('')) linkSync(path, keptAs(''))
  renameSync(copy, path)
  setAside('-shm')
  sync(dirname(path))
  return aside
}

function freeName(wanted: string): string {
  let name = wanted
  for (let n = 2; existsSync(name); n++) name = `${wanted}-${n}`
  return name
}
