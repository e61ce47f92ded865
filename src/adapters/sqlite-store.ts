import Database from 'better-sqlite3'
import { R3SessionError } from '../domain/errors.js'
import { openDatabase } from './sqlite-file.js'
import { createWriterThread } from './sqlite-thread.js'
import { callWriter, createWriter, type Write } from './sqlite-writer.js'

/**
 * A busy database is tried 40 times, 20 ms apart, for a second at most: where many wait, each try waits its turn, and
 * nobody should wait for all the tries of all the others.
 */
const TRIES = 40
const PAUSE = 20
const PATIENCE = 1000

/** The open database as the repositories share it. What fails, fails with `storage_unavailable`. */
export interface Store {
  /** For preparing statements; they run through `read`. */
  readonly db: Database.Database
  read<T>(statement: () => T): Promise<T>
  readonly write: Write
  isClosed(): boolean
  close(): Promise<void>
}

/** Opens the database; the arguments are those of `openSqlite`. */
export function openStore(options: {
  path: string
  pause: (milliseconds: number) => Promise<unknown>
  idle: number
}): Store {
  const { db, file, writer } = open(options)
  let closed: Promise<void> | undefined

  /** Every use of the database goes through here: no answer counts that the file in place doesn't stand behind. */
  async function attempt<T>(operation: () => T | Promise<T>): Promise<T> {
    const began = performance.now()
    for (let tries = 1; ; tries++) {
      if (closed !== undefined) throw unavailable('CLOSED')
      try {
        if (!file.isInPlace()) throw unavailable('FILE_GONE')
        const result = await operation()
        if (!file.isInPlace()) throw unavailable('FILE_GONE')
        return result
      } catch (error) {
        const isPatient = tries < TRIES && performance.now() - began < PATIENCE
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

  return {
    db,
    read: attempt,
    write: (name, ...args) => attempt(() => writer.write(name, ...args)),
    isClosed: () => closed !== undefined,
    close() {
      closed ??= end()
      return closed
    },
  }
}

/** For a file: a connection that reads, here, and one that writes, in its thread. In memory there can be only one. */
function open({ path, idle }: { path: string; idle: number }) {
  try {
    const { db, file } = openDatabase(path)
    if (path === ':memory:') {
      const writer = createWriter(db)
      const write: Write = async (name, ...args) => callWriter(writer, name, args)
      return { db, file, writer: { write, close: async () => {} } }
    }
    return { db, file, writer: createWriterThread(file.path, idle) }
  } catch (error) {
    throw withoutSqlite(error)
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}

/** A failure of SQLite or the file system by its code alone: their messages may quote values. */
function withoutSqlite(error: unknown): unknown {
  if (error instanceof R3SessionError || !(error instanceof Error) || !('code' in error)) return error
  return unavailable(String(error.code))
}

function unavailable(code: string): R3SessionError {
  return new R3SessionError('storage_unavailable', { cause: new Error(code) })
}
