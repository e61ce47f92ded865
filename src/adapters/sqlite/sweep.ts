import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../domain/ports.js'
import type { Connections } from './connections.js'
import type { StoredUser, SweepStep } from './writer/sweep.js'

/**
 * How many times as long as each step the sweep rests after it: then it takes a tenth of the writer's time and of a
 * processor's, however many rows there are, and whoever waits behind a step does not meet the next one as well.
 * On a slow disk it is not that patient: it would fall behind logins.
 */
const REST = 9
const LONGEST_REST = 100

/** The arguments of `openSqlite`. */
interface SweepTimes {
  readonly clock: Clock
  readonly elapsed: () => number
  readonly pause: (milliseconds: number) => Promise<unknown>
}

/**
 * Deletes what is over, step by step; `openSqlite` says what. Where nothing was written since the last time and
 * nothing has ended, it does not trouble the writer: an idle service then needs no thread for it.
 */
export function createSweep(
  { db, read, write, isClosed }: Connections,
  { clock, elapsed, pause }: SweepTimes,
): () => Promise<void> {
  /** Changes with every change by others (data_version, for a file) or by this connection (for one in memory). */
  const selectVersion = db
    .prepare<[], string>("SELECT data_version || '/' || total_changes() FROM pragma_data_version")
    .pluck()
  let clean: { version: string | undefined; until: number } | undefined
  let sweeping: Promise<void> | undefined

  /**
   * Goes step by step until there is no further one, and lets others take their turn between two. Gives the soonest
   * end of what it passed.
   */
  async function walk<Place>(
    start: Place,
    step: (after: Place) => Promise<SweepStep<Place>>,
  ): Promise<number> {
    let soonest = Number.POSITIVE_INFINITY
    for (let place: Place | null = start; place !== null; ) {
      const began = elapsed()
      const found = await step(place)
      soonest = Math.min(soonest, found.soonest ?? soonest)
      place = found.last
      if (place === null) break
      const rest = Math.min(REST * (elapsed() - began), LONGEST_REST)
      await (rest > 0 ? pause(rest) : nextTurn())
    }
    return soonest
  }

  async function sweepAll(): Promise<void> {
    const now = clock()
    const version = await read(() => selectVersion.get())
    if (clean !== undefined && version === clean.version && now < clean.until) return
    const ends = [
      await walk<number>(-1, (after) => write('sweepSessions', after, now)),
      await walk<Uint8Array>(new Uint8Array(), (after) => write('sweepAttempts', after, now)),
      await walk<Uint8Array>(new Uint8Array(), (after) => write('sweepCounts', after, now)),
      await walk<StoredUser>({ app: -1, openid: '' }, (after) => write('sweepUsers', after, now)),
    ]
    clean = { version, until: Math.min(...ends) }
  }

  async function sweepOnce(): Promise<void> {
    try {
      await sweepAll()
    } catch (error) {
      if (!isClosed()) throw error
    } finally {
      sweeping = undefined
    }
  }

  return async () => {
    // After the end it fails like everything else; only a sweep that was under way ends in peace.
    if (isClosed()) await read(() => undefined)
    sweeping ??= sweepOnce()
    return sweeping
  }
}
