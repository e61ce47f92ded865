import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { createAesSealer } from '#src/adapters/crypto/sealer.js'
import { openSqlite } from '#src/adapters/sqlite/open.js'
import { opensRing } from '#src/adapters/store/key-rings.js'
import { createRepositories } from '#src/adapters/store/repositories.js'

type Options<Prepared> = Omit<Parameters<typeof openSqlite<Prepared>>[0], 'pause' | 'elapsed' | 'prepare'> & {
  readonly pause?: (milliseconds: number) => Promise<unknown>
  readonly elapsed?: () => number
}

/**
 * The store's patience with a busy database, where a test brings no clock: all of its tries. Of the second that they
 * may last nothing passes, or a test would fail where the machine is slow.
 */
const standingStill = () => 0

/** A raw store in SQLite. */
export function openRawSqlite(options: Options<undefined>) {
  // Suites wait for every touch.
  return openSqlite({ pause, elapsed: standingStill, touchWindow: 1, ...options, prepare: () => undefined })
}

/** A whole store in SQLite, as the service puts it together. */
export function openSqliteStore({
  secrets = ['secret'],
  ...options
}: Options<unknown> & { secrets?: readonly string[] }) {
  const sealer = createAesSealer(secrets, randomBytes)
  const { raw, prepared, ...rest } = openSqlite({
    pause,
    elapsed: standingStill,
    ...options,
    prepare: (rings) => rings.length === 0 || rings.some((ring) => opensRing(ring, sealer)),
  })
  return { ...createRepositories(raw, sealer), raw, secretFits: prepared, ...rest }
}

/** Its sessions and rings together with its ends, for tests that need nothing else. */
export function openSqliteSessions(options: Parameters<typeof openSqliteStore>[0]) {
  const { sessions, keyRings, sweep, close } = openSqliteStore(options)
  return { ...sessions, ...keyRings, sweep, close }
}
