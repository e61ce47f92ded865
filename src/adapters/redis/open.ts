import type { Cluster, Redis } from 'ioredis'
import type { RawStore } from '../store/raw-store.js'
import { connect, type RedisPlace } from './connection.js'
import { createNames } from './names.js'
import { createRedisRawStore } from './raw-store.js'

export type { RedisPlace } from './connection.js'

/** A raw store in Redis. */
export interface RedisStore {
  readonly raw: RawStore
  /** Resolves when Redis was reached, or `undefined` was given up after `patience` milliseconds; fails where it is unfit. */
  readonly opened: Promise<void>
  close(): Promise<void>
}

/** Opens a raw store in Redis. It need not be there yet. */
export function openRedis({
  place,
  prefix,
  random,
  deadline = 250,
  lost = () => {},
  found = () => {},
}: {
  place: RedisPlace
  prefix: string
  random: () => number
  /** Milliseconds that a command may take. */
  deadline?: number
  /** Redis is out of reach, and why. */
  lost?: (reason: string) => void
  /** Redis is there (again). */
  found?: () => void
}): RedisStore {
  const names = createNames(prefix)
  let settle = () => {}
  const opened = new Promise<void>((resolve) => {
    settle = resolve
  })
  const connection = connect(
    place,
    { random, deadline },
    {
      async check(client: Redis | Cluster) {
        // The epoch is there before anything is read, or a store that was lost would look as if nothing had ended in it.
        await client.set(names.epoch, String(await serverTime(client)), 'NX')
      },
      found() {
        found()
        settle()
      },
      lost,
    },
  )
  return {
    raw: createRedisRawStore(connection, prefix),
    opened,
    async close() {
      connection.close()
    },
  }
}

/** Microseconds since 1970 on the server's clock. */
async function serverTime(client: Redis | Cluster): Promise<number> {
  const [seconds = 0, micros = 0] = ((await client.time()) as (string | number)[]).map(Number)
  return seconds * 1_000_000 + micros
}
