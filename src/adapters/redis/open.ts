import { Cluster, type Redis } from 'ioredis'
import type { RawStore, StoredSession } from '../store/raw-store.js'
import { sessionsInRedis } from './all-sessions.js'
import { connect, type RedisPlace } from './connection.js'
import { type Doubt, examine, UnfitError } from './fitness.js'
import { createNames } from './names.js'
import { createRedisRawStore } from './raw-store.js'
import { confirmedByReplicas } from './replicas.js'

/** A raw store in Redis. */
export interface RedisStore {
  readonly raw: RawStore
  /** Resolves when Redis is there for the first time; fails, with an UnfitError, where it must not be used. */
  readonly found: Promise<void>
  /** All sessions, while nobody changes them. */
  sessions(): AsyncIterable<StoredSession>
  close(): Promise<void>
}

/** What is told of a store as it comes and goes. */
export interface RedisNews {
  readonly lost: (reason: string) => void
  readonly found: (doubts: readonly Doubt[]) => void
}

/**
 * Opens a raw store in Redis, which need not be there yet: until it is, and whenever it is gone, every call fails at
 * once with `storage_unavailable`.
 *
 * @param random between 0 and 1, so that many processes do not come back in one moment
 * @param deadline milliseconds that a command may take
 * @param replicas so many must have what is confirmed; for one server
 */
export function openRedis({
  place,
  prefix,
  random,
  deadline = 250,
  replicas = 0,
  news,
}: {
  place: RedisPlace
  prefix: string
  random: () => number
  deadline?: number
  replicas?: number
  news?: RedisNews
}): RedisStore {
  const names = createNames(prefix)
  const isCluster = place.hosts.length > 1
  let doubts: readonly Doubt[] = []
  const first = withResolvers()
  // Whoever asks later than the first failure is told all the same.
  first.promise.catch(() => {})

  async function check(client: Redis | Cluster): Promise<void> {
    const servers = client instanceof Cluster ? client.nodes('master') : [client]
    try {
      doubts = (await Promise.all(servers.map((server) => server.info()))).flatMap((info) =>
        examine(info, isCluster),
      )
    } catch (error) {
      if (error instanceof UnfitError) first.reject(error)
      throw error
    }
    // The epoch is there before anything is read, or a store that was lost would look as if nothing had ended in it.
    // One that is full can still be read.
    if ((await client.get(names.epoch)) === null)
      await client.set(names.epoch, String(await serverTime(client)), 'NX')
  }

  const means = { random, deadline }
  const connection = connect(place, means, {
    check,
    found() {
      news?.found([...new Set(doubts)])
      first.resolve()
    },
    lost: (reason) => news?.lost(reason),
  })
  const raw = createRedisRawStore(connection, prefix)
  const sessions = () => sessionsInRedis(connection, names)
  if (replicas === 0) return { raw, found: first.promise, sessions, close: async () => connection.close() }

  // Who waits for replicas holds up all that comes behind on the same connection.
  const second = withResolvers()
  const waiting = connect(place, means, { check: async () => {}, found: second.resolve, lost: () => {} })
  const both = Promise.all([first.promise, second.promise]).then(() => {})
  both.catch(() => {})
  return {
    raw: confirmedByReplicas(raw, createRedisRawStore(waiting, prefix), waiting, {
      replicas,
      deadline,
      names,
    }),
    found: both,
    sessions,
    async close() {
      connection.close()
      waiting.close()
    },
  }
}

/** Microseconds since 1970 on the server's clock. */
async function serverTime(client: Redis | Cluster): Promise<number> {
  const [seconds = 0, micros = 0] = ((await client.time()) as (string | number)[]).map(Number)
  return seconds * 1_000_000 + micros
}

/** Node 20 has no `Promise.withResolvers`. */
function withResolvers() {
  let resolve = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<void>((done, failed) => {
    resolve = done
    reject = failed
  })
  return { promise, resolve, reject }
}
