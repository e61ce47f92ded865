import { R3SessionError } from '../../../domain/errors.js'

/** Why a database can't be opened, as a closed list: whoever says it in another language goes by this. */
export type Trouble =
  | 'lost' // it is gone or empty, and something is left of the one that was there
  | 'directory'
  | 'no_file' // a pipe, a socket or a device
  | 'dangling_link'
  | 'parent_is_file'
  | 'no_access' // the file, or the way to it, is closed to this user
  | 'folder_not_writable'
  | 'other_owner'
  | 'read_only'
  | 'no_database'
  | 'other_application'
  | 'newer_version'
  | 'older_version' // than whoever may not bring it to the newest
  | 'missing' // for whoever may not make it
  | 'damaged'
  | 'wal_unfit' // damaged together with the -wal beside it
  | 'wal_gone' // its -wal was taken away, and the latest commits with it
  | 'failed' // SQLite or the file system say something else

/** The cause of the `storage_unavailable` with which opening fails. The message is one line and names the cure. */
export interface TroubleError extends Error {
  readonly trouble: Trouble
}

export function storeTrouble(trouble: Trouble, text: string): R3SessionError {
  const cause: TroubleError = Object.assign(new Error(text), { trouble })
  return new R3SessionError('storage_unavailable', { cause })
}

/** The trouble behind an error of `storeTrouble`, with its text; `undefined` for any other error. */
export function troubleOf(error: unknown): { trouble: Trouble; text: string } | undefined {
  const cause = error instanceof R3SessionError ? error.cause : undefined
  return cause instanceof Error && 'trouble' in cause
    ? { trouble: cause.trouble as Trouble, text: cause.message }
    : undefined
}

/** A path as it can be pasted into a shell. */
export function quoted(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}

export function readOnly(path: string): R3SessionError {
  return storeTrouble(
    'read_only',
    `${path} lies on a read-only file system: mount its folder writable (Docker: a volume without :ro)`,
  )
}

export function damaged(path: string, detail: string): R3SessionError {
  return storeTrouble(
    'damaged',
    `${path} is damaged (${oneLine(detail)}): put a backup in its place, without -wal and -shm; or save what can still be read: sqlite3 ${quoted(path)} .recover | sqlite3 ${quoted(`${path}.recovered`)}`,
  )
}

/** Said of a database that was not closed, where file and WAL make no whole: most often only one was restored. */
export function walUnfit(path: string, detail: string): R3SessionError {
  const [wal, index] = [quoted(`${path}-wal`), quoted(`${path}-shm`)]
  return storeTrouble(
    'wal_unfit',
    `${path} is damaged when it is read with ${path}-wal (${oneLine(detail)}): if it was put there from a backup, move the -wal of its predecessor away: mv ${wal} ${quoted(`${path}-wal.old`)} && rm -f ${index}; otherwise put a backup in its place`,
  )
}

/** Said of a database whose WAL somebody took away, while the index of that WAL is still there. */
export function walGone(path: string): R3SessionError {
  const index = quoted(`${path}-shm`)
  return storeTrouble(
    'wal_gone',
    `${path}-wal is gone, and ${path}-shm says that there was one: the latest logins and logouts may be in it. Put the -wal back; or, to go on without them: mv ${index} ${quoted(`${path}-shm.old`)}`,
  )
}

/** What codes of SQLite and the file system mean while a database is being opened. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [/^SQLITE_BUSY/, 'another process keeps it locked: end that one, or wait until it is done'],
  [/^(SQLITE_FULL|ENOSPC|EDQUOT)/, 'the disk is full: make room'],
  [/^(EMFILE|ENFILE)/, 'too many files are open: raise the limit (ulimit -n)'],
  [/^ENAMETOOLONG/, 'the path is too long: name a shorter one'],
  [/^ELOOP/, 'its links lead in a circle: remove them'],
  [
    /^(SQLITE_IOERR_SHM|SQLITE_PROTOCOL)/,
    'the file system can not share memory between processes, as network file systems: name a path on a local disk',
  ],
  [
    /^SQLITE_IOERR/,
    'the disk fails to read or write: look into the log of the system, and have a backup ready',
  ],
  [
    /^SQLITE_(CANTOPEN|READONLY|PERM)/,
    'the file, its -wal or its folder is closed to this user: look at who owns them',
  ],
]

export function withoutWal(path: string): R3SessionError {
  return storeTrouble(
    'failed',
    `${path} can not have a WAL, because the file system can not share memory between processes: name a path on a local disk`,
  )
}

/** Said to whoever wants what is in a database that is not there yet. */
export function missing(path: string): R3SessionError {
  return storeTrouble('missing', `there is no database at ${path} yet: the first start makes it`)
}

/** Said to whoever must not change it: processes of the older version may be using it. */
export function olderVersion(path: string): R3SessionError {
  return storeTrouble(
    'older_version',
    `${path} was written by an older r3session: start the service once in this version`,
  )
}

/** Whatever opening failed with, as an error whose cause names the cure; errors without a code pass as they are. */
export function explained(error: unknown, path: string): unknown {
  if (error instanceof R3SessionError || !(error instanceof Error) || !('code' in error)) return error
  const code = String(error.code)
  if (code.startsWith('SQLITE_CORRUPT')) return damaged(path, code)
  if (code.startsWith('SQLITE_NOTADB')) return notADatabase(path)
  if (code === 'EROFS') return readOnly(path)
  const meaning = meanings.find(([pattern]) => pattern.test(code))?.[1]
  return storeTrouble('failed', `${path}: ${code}${meaning === undefined ? '' : `, ${meaning}`}`)
}

export function notADatabase(path: string): R3SessionError {
  return storeTrouble(
    'no_database',
    `${path} is no SQLite database, or its beginning is damaged: if it is something else, name another file in SESSION_STORE; if it was the database, put a backup in its place`,
  )
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 200)
}
