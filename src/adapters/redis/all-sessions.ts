import type { StoredSession } from '../store/raw-store.js'
import type { Connection } from './connection.js'
import { hashIn, type Names } from './names.js'
import { sessionIn } from './session-text.js'

/** Keys that are looked through at once. */
const PAGE = 500

/** All sessions in Redis that are no longer changed meanwhile, each once. */
export async function* sessionsInRedis(
  { servers, inTime, call }: Connection,
  names: Names,
): AsyncGenerator<StoredSession> {
  const { sessionPrefix } = names
  // SCAN may give a key twice.
  const seen = new Set<string>()
  for (const server of servers()) {
    let cursor = '0'
    do {
      const [next, keys] = await inTime(server.scan(cursor, 'COUNT', PAGE))
      cursor = next
      const found = keys.filter((key) => key.startsWith(sessionPrefix) && !seen.has(key))
      for (const key of found) seen.add(key)
      yield* await Promise.all([...new Set(found)].map(stored)).then((all) =>
        all.filter((one) => one !== undefined),
      )
    } while (cursor !== '0')
  }

  async function stored(key: string): Promise<StoredSession | undefined> {
    const session = sessionIn(await call((redis) => redis.get(key)))
    if (session === undefined) return undefined
    const ring = (await call((redis) => redis.hget(names.user(session), 'ring'))) ?? undefined
    return { tokenHash: hashIn(key.slice(sessionPrefix.length)), session, ring }
  }
}
