import { hash } from 'node:crypto'
import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { R3SessionError } from '../domain/errors.js'
import { type KeyRing, withKey } from '../domain/key-ring.js'
import type { Clock, Sealer, SessionRepository } from '../domain/ports.js'
import type { Session, UserKey } from '../domain/session.js'
import { openDatabase } from './sqlite-file.js'
import { startWriterThread } from './sqlite-thread.js'
import { callWriter, createWriter, type Write } from './sqlite-writer.js'

/** A busy database is tried 20 times, 40 ms apart and 10 ms long: one second in all. */
const TRIES = 20
const PAUSE = 40

type SessionRow = Omit<Session, 'unionid'> & { readonly unionid: string | null }

/**
 * A SessionRepository in one SQLite file. Reads run right here, one statement by primary key each; writes run in a
 * thread of their own, since they wait for the disk. Several processes on one machine may share a file.
 *
 * Fails to open with `storage_unavailable`, whose cause says what is wrong.
 *
 * @param path the file, made if it is missing; `:memory:` for sessions that end with the process
 * @param pause resolves after so many milliseconds
 */
export function openSqliteSessions({
  path,
  sealer,
  clock,
  pause = setTimeout,
}: {
  path: string
  sealer: Sealer
  clock: Clock
  pause?: (milliseconds: number) => Promise<unknown>
}): SessionRepository & {
  /**
   * Deletes the sessions that ended before now, and the keys of users who have no session left, in steps so small
   * that others hardly notice. Resolves when nothing is left to delete, or early when the store is closed. While it
   * runs, further calls join it.
   */
  sweep(): Promise<void>
  /** Ends what is under way, then closes the file, complete in itself. From then on every method fails. */
  close(): Promise<void>
} {
  const { db, file, write } = open(path)
  const selectSession = db.prepare<[Uint8Array], SessionRow>(
    `SELECT appid, openid, id, unionid, created_at AS createdAt, last_seen_at AS lastSeenAt,
     expires_at AS expiresAt FROM sessions WHERE token_hash = ?`,
  )
  const selectKeys = db
    .prepare<[string, string], string>('SELECT sealed_keys FROM users WHERE appid = ? AND openid = ?')
    .pluck()
  let closed: Promise<void> | undefined
  let sweeping: Promise<void> | undefined

  /** Every use of the database goes through here: no answer counts that the file in place doesn't stand behind. */
  async function attempt<T>(operation: () => T | Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      if (closed !== undefined) throw unavailable('CLOSED')
      try {
        if (!file.isInPlace()) throw unavailable('FILE_GONE')
        const result = await operation()
        if (!file.isInPlace()) throw unavailable('FILE_GONE')
        return result
      } catch (error) {
        if (tries === TRIES || !isBusy(error)) throw withoutSqlite(error)
      }
      await pause(PAUSE)
    }
  }

  function sealedKeys({ appid, openid }: UserKey): Promise<string | undefined> {
    return attempt(() => selectKeys.get(appid, openid))
  }

  function openKeys(sealed: string | undefined, user: UserKey): KeyRing {
    const ring = sealed === undefined ? undefined : sealer.open(sealed, placeOf(user))
    return ring === undefined ? [] : JSON.parse(ring)
  }

  async function sweepAll(): Promise<void> {
    const now = clock()
    await walk<Uint8Array>(new Uint8Array(), (after) => attempt(() => write('sweepSessions', after, now)))
    await walk<UserKey>({ appid: '', openid: '' }, (after) => attempt(() => write('sweepUsers', after)))
  }

  return {
    async save({ token, session, sessionKey }) {
      for (;;) {
        const replaces = await sealedKeys(session)
        const ring = withKey(openKeys(replaces, session), sessionKey, session.createdAt)
        const sealed = sealer.seal(JSON.stringify(ring), placeOf(session))
        const saved = await attempt(() => write('save', hashOf(token), session, sealed, replaces ?? null))
        // Otherwise another login of this user came between, and this one starts from its keys.
        if (saved) return
      }
    },

    async find(token) {
      const row = await attempt(() => selectSession.get(hashOf(token)))
      if (row === undefined) return undefined
      const { unionid, ...session } = row
      return unionid === null ? session : { ...session, unionid }
    },

    touch: (token, { lastSeenAt, expiresAt }) =>
      attempt(() => write('touch', hashOf(token), lastSeenAt, expiresAt)),

    delete: (token) => attempt(() => write('delete', hashOf(token))),

    keys: async (user) => openKeys(await sealedKeys(user), user),

    ready: () => attempt(() => write('rehearse')),

    async sweep() {
      if (closed !== undefined) throw unavailable('CLOSED')
      sweeping ??= sweepAll()
        .catch((error: unknown) => {
          if (closed === undefined) throw error
        })
        .finally(() => {
          sweeping = undefined
        })
      return sweeping
    },

    close() {
      closed ??= write('close')
        .catch((error: unknown) => {
          throw withoutSqlite(error)
        })
        .finally(() => db.close())
      return closed
    },
  }
}

/** For a file: a connection that reads, here, and one that writes, in its thread. In memory there can be only one. */
function open(path: string) {
  try {
    const { db, file } = openDatabase(path)
    if (path === ':memory:') {
      const writer = createWriter(db)
      const write: Write = async (name, ...args) => callWriter(writer, name, args)
      return { db, file, write }
    }
    return { db, file, write: startWriterThread(file.path) }
  } catch (error) {
    throw withoutSqlite(error)
  }
}

/** Goes step by step until there is no further one, and lets others take their turn between two. */
async function walk<Place>(start: Place, step: (after: Place) => Promise<Place | null>): Promise<void> {
  for (let place: Place | null = start; place !== null; await nextTurn()) place = await step(place)
}

/** What the sealed keys of a user are bound to, so that those of another don't open in their place. */
function placeOf({ appid, openid }: UserKey): string {
  return JSON.stringify(['users', appid, openid])
}

function hashOf(token: string): Uint8Array {
  return hash('sha256', token, 'buffer')
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
