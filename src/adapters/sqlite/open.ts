export { sqliteVersion } from './driver.js'
export { type Inspection, inspectSqlite } from './file/inspect.js'

import type { Clock } from '../../domain/ports.js'
import type { SealedRing } from '../store/key-rings.js'
import type { RawStore } from '../store/raw-store.js'
import { openConnections } from './connections.js'
import { sampleRings } from './file/check.js'
import { createSqliteRawStore } from './raw-store.js'
import { createReadiness } from './readiness.js'
import { createSweep } from './sweep.js'

/** A raw store in a SQLite file, and what was found when it was opened. */
export interface SqliteStore<Prepared> {
  readonly raw: RawStore
  /** What `prepare` gave. */
  readonly prepared: Prepared
  /** Why not all of the database was read to see whether it is whole; `undefined` where it was. */
  readonly unread: string | undefined
  /** Whether the file was there, but of 0 bytes: made by hand, or what is left of a database. */
  readonly wasEmpty: boolean
  /**
   * Deletes what ended before now and users who are no longer needed, in steps so small that others hardly notice.
   * Resolves when nothing is left to delete, or early when the store is closed. While it runs, further calls join it.
   */
  sweep(): Promise<void>
  /** Ends what is under way, then closes the file, complete in itself. From then on every method fails. */
  close(): Promise<void>
}

/**
 * Opens a raw store in one SQLite file. Reads run right here, one statement by key each; writes run in a thread of
 * their own, since they wait for the disk, and those that come while it works are done together. Several processes on
 * one machine may share a file.
 *
 * Fails to open with `storage_unavailable`, whose cause says what is wrong and what to do about it; then nothing was
 * made or changed. An error that `prepare` throws passes, and counts as one of opening.
 *
 * @param path the file, made if it is missing; `:memory:` for what may end with the process
 * @param besides files that are made only after the database and lie beside it (its secret, say): where one of them is
 *   there and the database is not, or is empty, the database was lost, and no new one is made in silence
 * @param prepare what else has to work before the store counts as opened; it is given some of what is sealed in it
 * @param asItIs fails where the database would have to be made, or brought to the newest schema
 * @param clock what ended before is deleted
 * @param pause resolves after so many milliseconds
 * @param elapsed milliseconds since any moment
 * @param touchWindow milliseconds in which touches are gathered; what a crash may lose of them
 * @param idle milliseconds without a write after which the thread ends, until the next write
 */
export function openSqlite<Prepared>({
  path,
  besides = [],
  prepare,
  asItIs,
  clock,
  pause,
  elapsed,
  touchWindow = 250,
  idle = 60_000,
}: {
  path: string
  besides?: readonly string[]
  prepare: (rings: readonly SealedRing[]) => Prepared
  asItIs?: boolean
  clock: Clock
  pause: (milliseconds: number) => Promise<unknown>
  elapsed: () => number
  touchWindow?: number
  idle?: number
}): SqliteStore<Prepared> {
  const { connections, prepared } = openConnections({
    path,
    besides,
    pause,
    elapsed,
    touchWindow,
    idle,
    asItIs,
    prepare: (db) => prepare(sampleRings(db)),
  })
  return {
    raw: createSqliteRawStore(connections, createReadiness(connections, elapsed)),
    prepared,
    unread: connections.unread,
    wasEmpty: connections.wasEmpty,
    sweep: createSweep(connections, { clock, elapsed, pause }),
    close: connections.close,
  }
}
