import { isAlive, type UserKey } from '../../domain/session.js'
import type { RawStore, StoredSession } from './raw-store.js'

/** Sessions that are written at once. */
const TOGETHER = 100

/** No user has as many, so that none makes room. */
const ALL = 1_000_000

type Sessions = () => Iterable<StoredSession> | AsyncIterable<StoredSession>

/**
 * Writes all sessions that live at `now`, with their users' rings, into an empty store, and looks each up there.
 *
 * Fails with `storage_unavailable`; what was written until then stays.
 *
 * @returns how many there are, and how many of them were found in their new place as they were
 */
export async function copySessions(
  sessions: Sessions,
  to: RawStore,
  now: number,
): Promise<{ sessions: number; found: number }> {
  const epoch = await to.epoch()
  const count = await eachTogether(sessions, now, async ({ tokenHash, session, ring = '' }) => {
    const user = userOf(session)
    for (;;) {
      const change = { sealed: ring, replaces: await to.ring(user) }
      const outcome = await to.save({ tokenHash, session, ring: change, epoch, maxSessions: ALL })
      // Another session of the user came between.
      if (outcome !== 'outdated') return
    }
  })
  let found = 0
  await eachTogether(sessions, now, async ({ tokenHash, session, ring = '' }) => {
    const [there, itsRing] = [await to.find(tokenHash), await to.ring(userOf(session))]
    if (there !== undefined && textOf(there) === textOf(session) && itsRing === ring) found++
  })
  return { sessions: count, found }
}

async function eachTogether(
  sessions: Sessions,
  now: number,
  work: (stored: StoredSession) => Promise<void>,
): Promise<number> {
  let count = 0
  let batch: StoredSession[] = []
  for await (const stored of sessions()) {
    if (!isAlive(stored.session, now)) continue
    count++
    if (batch.push(stored) < TOGETHER) continue
    await Promise.all(batch.map(work))
    batch = []
  }
  await Promise.all(batch.map(work))
  return count
}

const userOf = ({ appid, openid }: UserKey): UserKey => ({ appid, openid })

/** The fields of a session, whatever order they come in. */
const textOf = (session: object) => JSON.stringify(Object.entries(session).sort())
