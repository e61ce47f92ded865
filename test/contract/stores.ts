import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createAesSealer } from '#src/adapters/crypto/sealer.js'
import { openRedis } from '#src/adapters/redis/open.js'
import type { RawStore } from '#src/adapters/store/raw-store.js'
import { createRepositories } from '#src/adapters/store/repositories.js'
import type { Clock, Repositories } from '#src/domain/ports.js'
import type { Session } from '#src/domain/session.js'
import { skipWithoutRedis, startRedis, startRedisCluster } from '../support/redis/servers.js'
import { createMapStore } from '../support/store/map-store.js'
import { openRawSqlite } from '../support/store/open-sqlite-store.js'

/** A store without any data in it, open more than once where the engine can do that. */
export interface OpenStore {
  readonly raw: RawStore
  /** The same data as another process has them: another connection, or the same where there can be only one. */
  readonly otherRaw: RawStore
  /** Deletes what is over by the clock, where the engine does that. */
  sweep(): Promise<void>
  /** The store as it is after the process of `raw` has ended and started again, where that changes anything. */
  reopen(): Promise<OpenStore>
  /** Puts the store out of reach of `raw`. */
  breakDown(): Promise<void>
  close(): Promise<void>
}

/** Where a store lies and how it is told the time. */
interface Surroundings {
  readonly clock: Clock
  /** Folders for what it keeps are made in this one. */
  readonly place: string
}

/** Every engine that has to keep the contract. A new one is a line here. */
export const stores: Readonly<Record<string, (around: Surroundings) => Promise<OpenStore>>> = {
  'SQLite on file': async ({ clock, place }) => {
    const folder = mkdtempSync(join(place, 'r3session-'))
    const path = join(folder, 'sessions.db')
    const open = () => openRawSqlite({ path, clock })
    const opened = (one: ReturnType<typeof open>, other: ReturnType<typeof open>): OpenStore => ({
      raw: one.raw,
      otherRaw: other.raw,
      sweep: () => one.sweep(),
      async reopen() {
        await one.close()
        return opened(open(), other)
      },
      breakDown: async () => rmSync(path),
      async close() {
        await Promise.all([one.close(), other.close()])
        rmSync(folder, { recursive: true })
      },
    })
    return opened(open(), open())
  },
  'SQLite in memory': async ({ clock }) => {
    const { raw, sweep, close } = openRawSqlite({ path: ':memory:', clock })
    return ending({ raw, otherRaw: raw, sweep, breakDown: close, close })
  },
  Redis: async () => openRawRedis([(await redis()).port]),
  'a Redis Cluster': async () => openRawRedis((await redisCluster()).nodes.map(({ port }) => port)),
  'the fake of the tests': async () => {
    const raw = createMapStore()
    const nothing = async () => {}
    return ending({
      raw,
      otherRaw: raw,
      sweep: nothing,
      breakDown: async () => raw.breakDown(),
      close: nothing,
    })
  },
}

const [redis, redisCluster] = [once(() => startRedis()), once(() => startRedisCluster())]
let opened = 0

/** Each with keys of its own on the same servers. */
async function openRawRedis(ports: readonly number[]): Promise<OpenStore> {
  const place = { hosts: ports.map((port) => ({ host: '127.0.0.1', port })), isTls: false, database: 0 }
  const options = { place, prefix: `test-${opened++}:`, random: Math.random, deadline: 20_000 }
  const [one, other] = [openRedis(options), openRedis(options)]
  await Promise.all([one.found, other.found])
  return ending({
    raw: one.raw,
    otherRaw: other.raw,
    // The server does it, by its own clock.
    sweep: async () => {},
    breakDown: one.close,
    async close() {
      await Promise.all([one.close(), other.close()])
    },
  })
}

/** Starts servers at the first use. They end after all suites of this file's. */
function once<Servers extends { close(): Promise<void> }>(start: () => Promise<Servers>) {
  let started: Promise<Servers> | undefined
  const get = () => (started ??= start())
  get.close = async () => (await started)?.close()
  if (typeof after !== 'undefined') after(get.close)
  return get
}

/** For who runs without mocha: ends the servers of stores that were opened. */
export async function closeServers(): Promise<void> {
  await Promise.all([redis.close(), redisCluster.close()])
}

/** A store that ends with its process, so that it is never opened again. */
function ending(store: Omit<OpenStore, 'reopen'>): OpenStore {
  const kept: OpenStore = { ...store, reopen: async () => kept }
  return kept
}

/** What a suite works with. */
export interface StoreOnTrial extends OpenStore {
  /** Everything the domain keeps, in this process. */
  readonly here: Repositories
  /** The same in another process. */
  readonly there: Repositories
  /** The same in a process with other secrets; `here` and `there` seal with `['secret']`. */
  with(secrets: readonly string[]): Repositories
  /** The domain's half over another raw store, such as one that looks at what passes through to `raw`. */
  over(raw: RawStore): Repositories
}

/** Runs a suite over every store; `current()` is the store of the test that runs. */
export function describeEachStore(subject: string, suite: (current: () => StoreOnTrial) => void): void {
  for (const [name, open] of Object.entries(stores)) {
    describe(`${subject}: ${name}`, () => {
      let store: StoreOnTrial
      before(function () {
        if (name.includes('Redis')) skipWithoutRedis(this)
      })
      beforeEach(async () => {
        store = onTrial(await open({ clock: () => 0, place: tmpdir() }))
      })
      // Not there where the suite was skipped.
      afterEach(() => store?.close())
      suite(() => store)
    })
  }
}

/** A store with the domain's half over it. */
export function onTrial(store: OpenStore): StoreOnTrial {
  const sealing = (raw: RawStore, secrets: readonly string[]) =>
    comparingMemory(createRepositories(raw, createAesSealer(secrets, randomBytes)))
  return {
    ...store,
    here: sealing(store.raw, ['secret']),
    there: sealing(store.otherRaw, ['secret']),
    with: (secrets) => sealing(store.otherRaw, secrets),
    over: (raw) => sealing(raw, ['secret']),
  }
}

/** Whatever a suite looks for is also asked of memory, which may be behind in nothing but a session's instants. */
function comparingMemory(repositories: Repositories): Repositories {
  const { sessions } = repositories
  const timeless = (session?: Session) => session && { ...session, lastSeenAt: 0, expiresAt: 0 }
  return {
    ...repositories,
    sessions: {
      ...sessions,
      async find(token, suffices) {
        const remembered = await sessions.find(token, suffices ?? (() => true))
        if (suffices !== undefined) return remembered
        const recorded = await sessions.find(token)
        expect(timeless(remembered), 'what is remembered').to.deep.equal(timeless(recorded))
        return recorded
      },
    },
  }
}
