import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createAesSealer } from '#src/adapters/crypto/sealer.js'
import { openRedis } from '#src/adapters/redis/open.js'
import type { RawStore } from '#src/adapters/store/raw-store.js'
import { createRepositories } from '#src/adapters/store/repositories.js'
import type { Repositories } from '#src/domain/ports.js'
import type { Session } from '#src/domain/session.js'
import { redisMissing, startRedis, startRedisCluster } from '../support/redis/servers.js'
import { createMapStore } from '../support/store/map-store.js'
import { openRawSqlite } from '../support/store/open-sqlite-store.js'

/** A store without any data in it, open more than once where the engine can do that. */
export interface OpenStore {
  readonly raw: RawStore
  /** The same data as another process has them: another connection, or the same where there can be only one. */
  readonly otherRaw: RawStore
  /** Puts the store out of reach of `raw`. */
  breakDown(): Promise<void>
  close(): Promise<void>
}

/** Every engine that has to keep the contract. A new one is a line here. */
const stores: Readonly<Record<string, () => Promise<OpenStore>>> = {
  'SQLite on file': async () => {
    const folder = mkdtempSync(join(tmpdir(), 'r3session-'))
    const path = join(folder, 'sessions.db')
    const [one, other] = [openRawSqlite({ path, clock }), openRawSqlite({ path, clock })]
    return {
      raw: one.raw,
      otherRaw: other.raw,
      breakDown: async () => rmSync(path),
      async close() {
        await Promise.all([one.close(), other.close()])
        rmSync(folder, { recursive: true })
      },
    }
  },
  'SQLite in memory': async () => {
    const { raw, close } = openRawSqlite({ path: ':memory:', clock })
    return { raw, otherRaw: raw, breakDown: close, close }
  },
  Redis: async () => openRawRedis([(await redis()).port]),
  'a Redis Cluster': async () => openRawRedis((await redisCluster()).nodes.map(({ port }) => port)),
  'the fake of the tests': async () => {
    const raw = createMapStore()
    return { raw, otherRaw: raw, breakDown: async () => raw.breakDown(), close: async () => {} }
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
  return {
    raw: one.raw,
    otherRaw: other.raw,
    breakDown: one.close,
    async close() {
      await Promise.all([one.close(), other.close()])
    },
  }
}

/** Starts servers at the first use, and ends them after all suites of this file's. */
function once<Servers extends { close(): Promise<void> }>(start: () => Promise<Servers>) {
  let started: Promise<Servers> | undefined
  after(async () => (await started)?.close())
  return () => (started ??= start())
}

function clock(): number {
  return 0
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
        if (name.includes('Redis') && redisMissing) {
          this.test?.parent?.eachTest((test) => (test.title += ` (${redisMissing})`))
          this.skip()
        }
      })
      beforeEach(async () => {
        store = onTrial(await open())
      })
      // Not there where the suite was skipped.
      afterEach(() => store?.close())
      suite(() => store)
    })
  }
}

function onTrial(store: OpenStore): StoreOnTrial {
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
