import type { Redis } from 'ioredis'
import type { Connection } from './connection.js'
import type { Names } from './names.js'

/** Sessions that are counted one by one, on all servers together. */
const EXACT = 10_000

/** `count` of a raw store: of many sessions, the share that a sample of all keys has of them. */
export function createCount({ servers, inTime }: Connection, { sessionPrefix }: Names) {
  async function countOn(redis: Redis, enough: number): Promise<number> {
    // A key may come twice where the table grows meanwhile.
    const seen = new Set<string>()
    let sessions = 0
    let cursor = '0'
    do {
      const [next, keys] = await inTime(redis.scan(cursor, 'COUNT', 1000))
      cursor = next
      for (const key of keys) {
        if (!seen.has(key) && key.startsWith(sessionPrefix)) sessions++
        seen.add(key)
      }
    } while (cursor !== '0' && sessions < enough && seen.size < 10 * EXACT)
    if (cursor === '0') return sessions
    return Math.round((sessions / seen.size) * (await inTime(redis.dbsize())))
  }

  return async (): Promise<number> => {
    const all = servers()
    const counts = await Promise.all(all.map((redis) => countOn(redis, EXACT / all.length)))
    return counts.reduce((sum, count) => sum + count, 0)
  }
}
