import { R3SessionError } from '../../domain/errors.js'
import { type Database, isSqliteError } from './driver.js'
import { damageOf } from './file/check.js'
import { openDatabase } from './file/open-file.js'
import { createWriterThread } from './writer/thread.js'
import { callWriter, createWriter, type Write } from './writer/writer.js'

/**
 * A busy database is tried 40 times, 20 ms apart, for a second at most: where many wait, each try waits its turn, and
 * nobody should wait for all the tries of all the others.
 */
const TRIES = 40
const PAUSE = 20
const PATIENCE = 1000

/** The open database: one connection that reads, one that writes. What fails, fails with `storage_unavailable`. */
export interface Connections {
  /** For preparing statements; they run through `read`. */
  readonly db: Database
  read<T>(statement: () => T): Promise<T>
  readonly write: Write
  isClosed(): boolean
  /** Fails once any operation has met a damaged page: what else is damaged can't be known before the next start. */
  checkWhole(): void
  /** Why not all of the database was read when it was opened; `undefined` where it was. */
  readonly unread: string | undefined
  readonly wasEmpty: boolean
  close(): Promise<void>
}

/** Opens the database; the arguments are those of `openSqlite`. */
export function openConnections<Prepared>(options: {
  path: string
  besides: readonly string[]
  prepare: (db: Database) => Prepared
  pause: (milliseconds: number) => Promise<unknown>
  idle: number
  elapsed: () => number
}): { connections: Connections; prepared: Prepared } {
  const { db, file, writer, unread, wasEmpty, prepared } = open(options)
  let closed: Promise<void> | undefined
  let damage: string | undefined

  /** Every use of the database goes through here: no answer counts that the file in place doesn't stand behind. */
  async function attempt<T>(operation: () => T | Promise<T>): Promise<T> {
    const began = options.elapsed()
    for (let tries = 1; ; tries++) {
      if (closed !== undefined) throw unavailable('CLOSED')
      try {
        if (!file.isInPlace()) throw unavailable('FILE_GONE')
        const result = await operation()
        if (!file.isInPlace()) throw unavailable('FILE_GONE')
        return result
      } catch (error) {
        damage ??= damageOf(error)
        const isPatient = tries < TRIES && options.elapsed() - began < PATIENCE
        if (!isPatient || !isBusy(error)) throw withoutSqlite(error)
      }
      await options.pause(PAUSE)
    }
  }

  async function end(): Promise<void> {
    await writer.close()
    try {
      db.pragma('wal_checkpoint(TRUNCATE)')
    } catch (error) {
      throw withoutSqlite(error)
    } finally {
      db.close()
    }
  }

  const connections: Connections = {
    db,
    read: attempt,
    write: (name, ...args) => attempt(() => writer.write(name, ...args)),
    isClosed: () => closed !== undefined,
    unread,
    wasEmpty,
    checkWhole() {
      if (damage === undefined) return
      throw unavailable(`${damage}: a page is damaged; stop, and put a backup in the place of ${file.path}`)
    },
    close() {
      closed ??= end()
      return closed
    },
  }
  return { connections, prepared }
}

/** For a file: a connection that reads, here, and one that writes, in its thread. In memory there can be only one. */
function open<Prepared>({ path, besides, prepare, idle }: Parameters<typeof openConnections<Prepared>>[0]) {
  const opened = openDatabase(path, { besides, prepare })
  if (path === ':memory:') {
    const writer = createWriter(opened.db)
    const write: Write = async (name, ...args) => callWriter(writer, name, args)
    return { ...opened, writer: { write, close: async () => {} } }
  }
  return { ...opened, writer: createWriterThread(opened.file.path, idle) }
}

function isBusy(error: unknown): boolean {
  return isSqliteError(error) && error.code.startsWith('SQLITE_BUSY')
}

/** A failure of SQLite or the file system by its code alone: their messages may quote values. */
function withoutSqlite(error: unknown): unknown {
  if (error instanceof R3SessionError || !(error instanceof Error) || !('code' in error)) return error
  return unavailable(String(error.code))
}

function unavailable(code: string): R3SessionError {
  return new R3SessionError('storage_unavailable', { cause: new Error(code) })
}
