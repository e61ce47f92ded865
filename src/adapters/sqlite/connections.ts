import { R3SessionError } from '../../domain/errors.js'
import { type Database, isSqliteError } from './driver.js'
import { damageOf } from './file/check.js'
import { openDatabase } from './file/open-file.js'
import { watchFile } from './file/place.js'
import { createBatches } from './writer/batches.js'
import { createWriteQueue } from './writer/queue.js'
import { createWriterThread } from './writer/thread.js'
import { createTouches } from './writer/touches.js'
import type { Answer, Call, Write } from './writer/writer.js'

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
  readonly touches: Pick<ReturnType<typeof createTouches>, 'touch' | 'latest' | 'settled'>
  isClosed(): boolean
  /**
   * Fails when the file is not in its place, and once any operation has met a damaged page: what else is damaged can't
   * be known before the next start.
   */
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
  asItIs: boolean | undefined
  pause: (milliseconds: number) => Promise<unknown>
  idle: number
  touchWindow: number
  elapsed: () => number
}): { connections: Connections; prepared: Prepared } {
  const { db, writer, unread, wasEmpty, prepared, ...opened } = open(options)
  const file = watchFile(opened.file)
  const queue = createWriteQueue(runInPlace, options.elapsed)
  const touches = createTouches((each) => attempt(() => queue.write('touch', each)), options.touchWindow)
  let closed: Promise<void> | undefined
  let damage: string | undefined

  /** No answer of the writer counts that the file in place doesn't stand behind. */
  async function runInPlace(calls: readonly Call[]): Promise<readonly Answer[]> {
    check(file.isInPlace)
    const answers = await writer.run(calls)
    check(file.isInPlace)
    return answers
  }

  /** Nor does anything that was read. */
  function readInPlace<T>(statement: () => T): T {
    if (closed !== undefined) throw unavailable('CLOSED')
    check(file.seemsInPlace)
    const result = statement()
    check(file.seemsInPlace)
    return result
  }

  async function attempt<T>(operation: () => T | Promise<T>): Promise<T> {
    let busySince: number | undefined
    for (let tries = 1; ; tries++) {
      if (closed !== undefined) throw unavailable('CLOSED')
      try {
        return await operation()
      } catch (error) {
        if (!isBusy(error)) throw failureOf(error)
        busySince ??= options.elapsed()
        if (tries >= TRIES || options.elapsed() - busySince >= PATIENCE) throw failureOf(error)
      }
      await options.pause(PAUSE)
    }
  }

  function failureOf(error: unknown): unknown {
    try {
      // A file that was emptied looks damaged.
      if (isSqliteError(error)) check(file.isInPlace)
    } catch (failure) {
      return failure
    }
    damage ??= damageOf(error)
    return withoutSqlite(error)
  }

  function isInPlace(): boolean {
    try {
      return file.isInPlace()
    } catch {
      return false
    }
  }

  async function end(): Promise<void> {
    touches.close()
    await queue.settled()
    try {
      await writer.close(isInPlace())
    } catch (error) {
      throw withoutSqlite(error)
    } finally {
      file.close()
      db.close()
    }
  }

  const connections: Connections = {
    db,

    // Every request of every service waits for one of these: as a rule it is one statement and one promise.
    read(statement) {
      try {
        return Promise.resolve(readInPlace(statement))
      } catch (error) {
        return isBusy(error) ? attempt(() => readInPlace(statement)) : Promise.reject(failureOf(error))
      }
    },

    // Touches go first: whatever looks at a session's end sees them.
    write(name, ...args) {
      touches.flush()
      return attempt(() => queue.write(name, ...args))
    },

    touches: {
      ...touches,
      touch: (tokenHash, times) =>
        closed === undefined ? touches.touch(tokenHash, times) : Promise.reject(unavailable('CLOSED')),
    },

    isClosed: () => closed !== undefined,
    unread,
    wasEmpty,
    checkWhole() {
      if (damage !== undefined)
        throw unavailable(`${damage}: a page is damaged; stop, and put a backup in the place of ${file.path}`)
      if (closed === undefined) check(file.isInPlace)
    },
    close() {
      closed ??= end()
      return closed
    },
  }
  return { connections, prepared }
}

/** For a file: a connection that reads, here, and one that writes, in its thread. In memory there can be only one. */
function open<Prepared>(options: Parameters<typeof openConnections<Prepared>>[0]) {
  const { path, idle } = options
  const opened = openDatabase(path, options)
  if (path === ':memory:') {
    const run = createBatches(opened.db)
    return { ...opened, writer: { run: async (calls: readonly Call[]) => run(calls), close: async () => {} } }
  }
  return { ...opened, writer: createWriterThread(opened.file.path, idle) }
}

/** Fails when the file is not in its place or can't be seen there. */
function check(isInPlace: () => boolean): void {
  let found = false
  try {
    found = isInPlace()
  } catch (error) {
    throw withoutSqlite(error)
  }
  if (!found) throw unavailable('FILE_GONE')
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
