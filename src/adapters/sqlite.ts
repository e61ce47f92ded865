export { sqliteVersion } from './sqlite-driver.js'
export { type Inspection, inspectSqlite } from './sqlite-inspect.js'

import { setTimeout } from 'node:timers/promises'
import type { AccessTokenRepository, Clock, Sealer, SessionRepository } from '../domain/ports.js'
import { createSqliteAccessTokens } from './sqlite-access-tokens.js'
import { holdsSealedKeys, opensKeys } from './sqlite-check.js'
import { createReadiness } from './sqlite-ready.js'
import { createSqliteSessions } from './sqlite-sessions.js'
import { openStore } from './sqlite-store.js'
import { createSweep } from './sqlite-sweep.js'

/**
 * Everything the service keeps, in one SQLite file. Reads run right here, one statement by key each; writes run in a
 * thread of their own, since they wait for the disk. Several processes on one machine may share a file.
 *
 * Fails to open with `storage_unavailable`, whose cause says what is wrong and what to do about it; then nothing was
 * made or changed. An error that `sealer` throws passes, and counts as one of opening.
 *
 * @param path the file, made if it is missing; `:memory:` for what may end with the process
 * @param besides files that are made only after the database and lie beside it (its secret, say): where one of them is
 *   there and the database is not, or is empty, the database was lost, and no new one is made in silence
 * @param sealer or how to get one, once the database is open; it is told whether anything sealed is in there
 * @param pause resolves after so many milliseconds
 * @param idle milliseconds without a write after which the thread ends, until the next write
 * @param elapsed milliseconds since any moment
 */
export function openSqlite({
  path,
  besides = [],
  sealer,
  clock,
  pause = setTimeout,
  idle = 60_000,
  elapsed = () => performance.now(),
}: {
  path: string
  besides?: readonly string[]
  sealer: Sealer | ((holdsSealed: boolean) => Sealer)
  clock: Clock
  pause?: (milliseconds: number) => Promise<unknown>
  idle?: number
  elapsed?: () => number
}): {
  sessions: SessionRepository
  tokens: AccessTokenRepository
  /** The one given or got. */
  sealer: Sealer
  /** Whether the sealer opens what is sealed in the database: false where it opens nothing of it. */
  secretFits: boolean
  /** Why not all of the database was read to see whether it is whole; `undefined` where it was. */
  unread: string | undefined
  /** Whether the file was there, but of 0 bytes: made by hand, or what is left of a database. */
  wasEmpty: boolean
  /**
   * Deletes sessions and login attempts that ended before now, and users who are no longer needed, in steps so small
   * that others hardly notice. Resolves when nothing is left to delete, or early when the store is closed. While it
   * runs, further calls join it.
   */
  sweep(): Promise<void>
  /** Ends what is under way, then closes the file, complete in itself. From then on every method fails. */
  close(): Promise<void>
} {
  const { store, prepared } = openStore({
    path,
    besides,
    pause,
    idle,
    prepare(db) {
      const made = typeof sealer === 'function' ? sealer(holdsSealedKeys(db)) : sealer
      return { sealer: made, secretFits: opensKeys(db, made) }
    },
  })
  return {
    sessions: createSqliteSessions(store, prepared.sealer, createReadiness(store, elapsed)),
    tokens: createSqliteAccessTokens(store, prepared.sealer),
    ...prepared,
    unread: store.unread,
    wasEmpty: store.wasEmpty,
    sweep: createSweep(store, clock),
    close: store.close,
  }
}
