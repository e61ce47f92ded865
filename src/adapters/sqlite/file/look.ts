import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { quoted, readOnly, storeTrouble, walGone } from './trouble.js'

const { R_OK, W_OK, X_OK } = constants

/** `empty` is a file of 0 bytes, which SQLite takes for a new database. */
export type State = 'new' | 'empty' | 'there'

/**
 * Looks at where a database lies or would be made, and changes nothing. Fails with `storage_unavailable` where it could not be opened, or where what was in it is lost. It does not open the file:
 * closing it would drop the locks of all connections of this process to it.
 *
 * @param path absolute, as the others
 * @param besides further files that appear only after the database itself, and so tell that there was one
 * @returns what is there, and which of `besides` are
 */
export function lookAt(path: string, besides: readonly string[]): { state: State; left: readonly string[] } {
  // Looked at first: another process may be making the database and then these, at this moment.
  const left = besides.filter((file) => existsSync(file))
  const traces = [...left, ...walOf(path).filter((file) => existsSync(file))]
  const stats = find(path)
  if (stats === undefined) {
    if (traces.length > 0) throw lost(path, 'is gone', traces)
    checkFolder(nearest(dirname(path)), path)
    return { state: 'new', left }
  }
  if (stats.isDirectory()) throw isDirectory(path)
  if (!stats.isFile()) {
    throw storeTrouble('no_file', `${path} is a pipe, a socket or a device: name a file in SESSION_STORE`)
  }
  if (stats.size === 0 && traces.length > 0) throw lost(path, 'is empty (0 bytes)', traces)
  checkAccess(path, stats)
  if (isWithoutWal(path)) throw walGone(realpathSync(path))
  return { state: stats.size === 0 ? 'empty' : 'there', left }
}

/** The refusal of a database that was there and is no more, with the command after which the next start makes one. */
export function lost(path: string, how: string, left: readonly string[]) {
  let aside = `${path}.lost`
  for (let n = 2; existsSync(aside); n++) aside = `${path}.lost-${n}`
  const names = left.map(quoted).join(' ')
  const wal = left.some((file) => file.endsWith('-wal')) ? ' (never a backup beside the old -wal)' : ''
  return storeTrouble(
    'lost',
    `the database ${path} ${how}, but ${left.join(', ')} of it is left: put the database back${wal}; or, to start anew without its sessions: mkdir ${quoted(aside)} && mv ${names} ${quoted(aside)}`,
  )
}

/**
 * Whether a WAL was taken away. SQLite makes the WAL before its index and deletes it after it, so that no crash leaves an
 * index alone; and it would take the database for whole, without the commits that were in the WAL. Another process may be
 * closing or opening the database at this moment, hence the second look.
 */
function isWithoutWal(path: string): boolean {
  const [wal = '', index = ''] = walOf(path)
  return !existsSync(wal) && existsSync(index) && !existsSync(wal)
}

/** A database that is a link has its WAL beside the file that the link leads to. */
function walOf(path: string): string[] {
  const real = existsSync(path) ? realpathSync(path) : path
  return ['-wal', '-shm'].map((suffix) => real + suffix)
}

function find(path: string): Stats | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats !== undefined) return stats
    const link = lstatSync(path, { throwIfNoEntry: false })
    if (!link?.isSymbolicLink()) return undefined
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOTDIR') return undefined
    if (code === 'EACCES') {
      throw storeTrouble(
        'no_access',
        `the folder of ${path} is closed to this user (${user()}): ${openFolder(path)}`,
      )
    }
    throw error
  }
  const target = readlinkSync(path)
  throw storeTrouble(
    'dangling_link',
    `${path} is a link to ${target}, which is not there: mount or restore what it leads to, or remove the link`,
  )
}

/** The file or folder that is there, on the way to a folder that may have to be made. */
function nearest(folder: string): string {
  for (let path = folder; ; path = dirname(path)) {
    if (isThere(path) || path === dirname(path)) return path
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') return false
    throw error
  }
}

function checkFolder(folder: string, path: string): void {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw storeTrouble(
      'parent_is_file',
      `${folder} is no folder, so ${path} can not lie in it: name a path in a folder`,
    )
  }
  const failure = denied(folder, W_OK | X_OK)
  if (failure === 'EROFS') throw readOnly(folder)
  if (failure !== undefined) {
    throw storeTrouble(
      'folder_not_writable',
      `the folder ${folder} can not be written by this user (${user()}): ${openFolder(`${folder}/.`)}`,
    )
  }
}

function checkAccess(path: string, stats: Stats): void {
  const failure = denied(path, R_OK | W_OK)
  if (failure === 'EROFS') throw readOnly(path)
  const own = `chown ${process.getuid?.() ?? ''} ${quoted(path)}`
  if (failure !== undefined) {
    throw storeTrouble(
      'no_access',
      `${path} can not be read and written by this user (${user()}): ${own} && chmod 600 ${quoted(path)}`,
    )
  }
  const uid = process.getuid?.()
  if (uid !== undefined && uid !== 0 && uid !== stats.uid) {
    throw storeTrouble(
      'other_owner',
      `${path} belongs to another user (uid ${stats.uid}), so that it can't be closed to others: ${own}`,
    )
  }
  // SQLite makes and deletes its WAL in the folder.
  checkFolder(dirname(realpathSync(path)), path)
}

function denied(path: string, mode: number): unknown {
  try {
    accessSync(path, mode)
    return undefined
  } catch (error) {
    return codeOf(error)
  }
}

function isDirectory(path: string) {
  return storeTrouble(
    'directory',
    `${path} is a directory, not a file. Docker makes one where the file of a bind mount is missing: remove it on the host and mount the folder of the database instead; or name a file in it: SESSION_STORE=${quoted(`sqlite:${path}/sessions.db`)}`,
  )
}

function openFolder(path: string): string {
  const folder = quoted(dirname(path))
  return `chown ${process.getuid?.() ?? ''} ${folder} && chmod u+rwx ${folder}`
}

function user(): string {
  return `uid ${process.getuid?.() ?? 'unknown'}`
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
