import { setImmediate as endOfTurn } from 'node:timers/promises'
import type { SessionRepository } from '../../domain/ports.js'
import type { Session } from '../../domain/session.js'
import { createBoundedCache } from './bounded-cache.js'
import { digestOf, pooledBytesOf } from './hashes.js'
import type { RawStore } from './raw-store.js'

/** An entry takes 430 bytes (`bench/session-cache.mjs`), so all that can be there, twice as many, take 9 MB. */
const GENERATION = 10_000

/**
 * `find` of a SessionRepository, which knows sessions that it has read before.
 *
 * The epoch is read before the session, and again before every answer from memory. While the two are equal, no process
 * has ended any session in between, so a session that was there is there. Of a store that can't be read nothing is told.
 *
 * Tokens that open nothing are not remembered: anybody can make those up. Nor is a token itself ever kept, only its
 * hash, so that nobody can become a user with what lies here.
 */
export function createSessionCache(
  raw: Pick<RawStore, 'epoch' | 'find' | 'findWithEpoch'>,
  generation = GENERATION,
): SessionRepository['find'] {
  const read = createBoundedCache<{ readonly session: Session; readonly epoch: number }>(generation)
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

  /** What does not suffice is about to be recorded anew. */
  function remember(
    digest: string,
    session: Session | undefined,
    epoch: number,
    suffices: (session: Session) => boolean,
  ): Session | undefined {
    if (session !== undefined && suffices(session)) read.set(digest, { session, epoch })
    else read.delete(digest)
    return session
  }

  return async (token, suffices) => {
    const digest = digestOf(token)
    if (suffices === undefined) return raw.find(pooledBytesOf(digest))

    // What memory can't tell is asked for at once, where that is one question.
    if (raw.findWithEpoch !== undefined) {
      const known = read.get(digest)
      if (known === undefined || known.epoch !== latest || !suffices(known.session)) {
        const { session, epoch } = await raw.findWithEpoch(pooledBytesOf(digest))
        latest = epoch
        return remember(digest, session, epoch, suffices)
      }
    }

    reading ??= readEpoch()
    const epoch = await reading
    const earlier = read.get(digest)
    if (earlier?.epoch === epoch && suffices(earlier.session)) return earlier.session
    return remember(digest, await raw.find(pooledBytesOf(digest)), epoch, suffices)
  }
}
