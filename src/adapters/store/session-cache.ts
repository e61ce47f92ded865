import { setImmediate as endOfTurn } from 'node:timers/promises'
import type { SessionRepository } from '../../domain/ports.js'
import type { Session } from '../../domain/session.js'
import { createBoundedCache } from './bounded-cache.js'
import { digestOf, pooledBytesOf } from './hashes.js'
import type { RawStore } from './raw-store.js'

/** An entry takes 430 bytes (`bench/session-cache.mjs`), so all that can be there, twice as many, take 17 MB. */
const GENERATION = 20_000

/** Milliseconds of use, after which a session is read again: a record may go without an ending, by somebody's hand. */
const TRUST = 5 * 60_000

/** What was read: `seenAt` is when the session was seen last by then. Uses since are in the session. */
interface Entry {
  readonly session: Session
  readonly seenAt: number
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
  generation = GENERATION,
): Pick<SessionRepository, 'find' | 'touch'> {
  const read = createBoundedCache<Entry>(generation)
  let reading: Promise<number> | undefined
  /** The epoch that was read last; what is remembered with another one is over. */
  let latest: number | undefined

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
    if (session !== undefined && suffices(session))
      read.set(digest, { session, seenAt: session.lastSeenAt, epoch })
    else read.delete(digest)
    return session
  }

  /** What memory tells while this is the epoch. */
  function known(
    digest: string,
    epoch: number | undefined,
    suffices: (session: Session) => boolean,
    isRecorded: (session: Session) => boolean,
  ): Session | undefined {
    const entry = read.get(digest)
    if (entry === undefined || entry.epoch !== epoch || !suffices(entry.session)) return undefined
    // Of many processes each would record a use that it could have learned another one has recorded.
    return raw.isDistant === true && !isRecorded(entry.session) ? undefined : entry.session
  }

  async function find(
    token: string,
    suffices?: (earlier: Session) => boolean,
    isRecorded: (earlier: Session) => boolean = () => true,
  ): Promise<Session | undefined> {
    const digest = digestOf(token)
    if (suffices === undefined) return raw.find(pooledBytesOf(digest))

    // What memory can't tell is asked for at once, where that is one question.
    if (raw.findWithEpoch !== undefined && !known(digest, latest, suffices, isRecorded)) {
      const { session, epoch } = await raw.findWithEpoch(pooledBytesOf(digest))
      latest = epoch
      return remember(digest, session, epoch, suffices)
    }

    reading ??= readEpoch()
    const epoch = await reading
    const earlier = known(digest, epoch, suffices, isRecorded)
    if (earlier !== undefined) return earlier
    return remember(digest, await raw.find(pooledBytesOf(digest)), epoch, suffices)
  }

  return {
    find,

    async touch(token, session) {
      const digest = digestOf(token)
      const entry = read.get(digest)
      if (entry !== undefined) {
        if (session.lastSeenAt - entry.seenAt < TRUST) read.set(digest, { ...entry, session })
        else read.delete(digest)
      }
      try {
        const { lastSeenAt, expiresAt } = session
        await raw.touch(pooledBytesOf(digest), { lastSeenAt, expiresAt })
      } catch (error) {
        // What is not recorded must not prolong anything.
        read.delete(digest)
        throw error
      }
    },
  }
}
