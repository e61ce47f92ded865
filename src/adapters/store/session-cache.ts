import { setImmediate as endOfTurn } from 'node:timers/promises'
import type { SessionRepository } from '../../domain/ports.js'
import type { Session } from '../../domain/session.js'
import { createBoundedCache, type Markable } from './bounded-cache.js'
import { digestOf, pooledBytesOf } from './hashes.js'
import type { RawStore, Times } from './raw-store.js'

/** An entry takes 450 bytes (`bench/session-cache.mjs`), so all that can be there take 18 MB. */
const MOST = 40_000

/**
 * What was read. A use since brings the session up to date in place: another object for each would cost the collector
 * of garbage as much as all else that a use takes here.
 */
interface Entry extends Markable {
  readonly session: Omit<Session, keyof Times> & Record<keyof Times, number>
  readonly epoch: number
}

/**
 * `find` and `touch` of a SessionRepository, which know sessions that were read before.
 *
 * The epoch is read before the session, and again before every answer from memory. While the two are equal, no process
 * has ended any session in between, so a session that was there is there. Of a store that can't be read nothing is told.
 *
 * Tokens that open nothing are not remembered: anybody can make those up. Nor is a token itself ever kept, only its
 * hash, so that nobody can become a user with what lies here.
 */
export function createSessionCache(
  raw: Pick<RawStore, 'epoch' | 'find' | 'findWithEpoch' | 'isDistant' | 'touch'>,
  most = MOST,
): Pick<SessionRepository, 'find' | 'touch'> {
  const read = createBoundedCache<Entry>(most)
  let reading: Promise<number> | undefined
  /** The epoch that was read last; what is remembered with another one is over. */
  let latest: number | undefined
  /** What was recorded last, and what came of it; uses that are recorded together share both. */
  let recording: { readonly recorded: Promise<boolean>; readonly end: Promise<void> } | undefined

  /** Read once for all who ask in one turn of the event loop, and only after the last of them has asked. */
  async function readEpoch(): Promise<number> {
    await endOfTurn()
    reading = undefined
    latest = await raw.epoch()
    return latest
  }

  function remember(
    digest: string,
    session: Session | undefined,
    epoch: number,
    suffices: (session: Session) => boolean,
  ): Session | undefined {
    if (session === undefined || !suffices(session)) {
      read.delete(digest)
      return session
    }
    // What a store gives may be its own.
    const own = { ...session }
    read.set(digest, { session: own, epoch, wasUsed: false })
    return own
  }

  /** What memory tells, if this is the epoch. */
  function known(
    digest: string,
    suffices: (session: Session) => boolean,
    isRecorded: (session: Session) => boolean,
  ): Entry | undefined {
    const entry = read.get(digest)
    if (entry === undefined || entry.epoch !== latest || !suffices(entry.session)) return undefined
    // Of many processes each would record a use that it could have learned another one has recorded.
    return raw.isDistant === true && !isRecorded(entry.session) ? undefined : entry
  }

  async function find(
    token: string,
    suffices?: (earlier: Session) => boolean,
    isRecorded: (earlier: Session) => boolean = () => true,
  ): Promise<Session | undefined> {
    const digest = digestOf(token)
    if (suffices === undefined) return raw.find(pooledBytesOf(digest))

    const entry = known(digest, suffices, isRecorded)
    // What memory can't tell is asked for at once, where that is one question.
    if (entry === undefined && raw.findWithEpoch !== undefined) {
      const { session, epoch } = await raw.findWithEpoch(pooledBytesOf(digest))
      latest = epoch
      return remember(digest, session, epoch, suffices)
    }

    reading ??= readEpoch()
    const epoch = await reading
    if (entry?.epoch === epoch && suffices(entry.session)) return entry.session
    return remember(digest, await raw.find(pooledBytesOf(digest)), epoch, suffices)
  }

  /**
   * What is not recorded must not prolong anything. And where a record is gone without an ending, by somebody's hand, so
   * may others be.
   */
  async function trustIf(recorded: Promise<boolean>): Promise<void> {
    let isWhole = false
    try {
      isWhole = await recorded
    } finally {
      if (!isWhole) read.clear()
    }
  }

  return {
    find,

    touch(token, session) {
      const digest = digestOf(token)
      const entry = read.get(digest)
      const { lastSeenAt, expiresAt } = session
      if (entry !== undefined) {
        entry.session.lastSeenAt = lastSeenAt
        entry.session.expiresAt = expiresAt
      }
      const recorded = raw.touch(pooledBytesOf(digest), { lastSeenAt, expiresAt })
      if (recorded !== recording?.recorded) recording = { recorded, end: trustIf(recorded) }
      return recording.end
    },
  }
}
