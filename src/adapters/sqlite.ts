import { setTimeout } from 'node:timers/promises'
import type { AccessTokenRepository, Clock, Sealer, SessionRepository } from '../domain/ports.js'
import { createSqliteAccessTokens } from './sqlite-access-tokens.js'
import { createSqliteSessions } from './sqlite-sessions.js'
import { openStore } from './sqlite-store.js'
import { createSweep } from './sqlite-sweep.js'

/**
 * Everything the service keeps, in one SQLite file. Reads run right here, one statement by key each; writes run in a
 * thread of their own, since they wait for the disk. Several processes on one machine may share a file.
 *
 * Fails to open with `storage_unavailable`, whose cause says what is wrong.
 *
 * @param path the file, made if it is missing; `:memory:` for what may end with the process
 * @param pause resolves after so many milliseconds
 * @param idle milliseconds without a write after which the thread ends, until the next write
 */
export function openSqlite({
  path,
  sealer,
  clock,
  pause = setTimeout,
  idle = 60_000,
}: {
  path: string
  sealer: Sealer
  clock: Clock
  pause?: (milliseconds: number) => Promise<unknown>
  idle?: number
}): {
  sessions: SessionRepository
  tokens: AccessTokenRepository
  /**
   * Deletes sessions and login attempts that ended before now, and users who are no longer needed, in steps so small
   * that others hardly notice. Resolves when nothing is left to delete, or early when the store is closed. While it
   * runs, further calls join it.
   */
  sweep(): Promise<void>
  /** Ends what is under way, then closes the file, complete in itself. From then on every method fails. */
  close(): Promise<void>
} {
  const store = openStore({ path, pause, idle })
  return {
    sessions: createSqliteSessions(store, sealer),
    tokens: createSqliteAccessTokens(store, sealer),
    sweep: createSweep(store, clock),
    close: store.close,
  }
}
