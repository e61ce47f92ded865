/** What the command does to a store beside serving from it; a third of wire.ts. */
import { randomBytes } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { createAesSealer } from '../adapters/crypto/sealer.js'
import { sessionsInSqlite } from '../adapters/sqlite/copies/all-sessions.js'
import { lockAlone } from '../adapters/sqlite/copies/alone.js'
import { backUpSqlite } from '../adapters/sqlite/copies/backup.js'
import { restoreSqlite } from '../adapters/sqlite/copies/restore.js'
import { openSqlite } from '../adapters/sqlite/open.js'
import { copySessions } from '../adapters/store/copy-sessions.js'
import { opensRing } from '../adapters/store/key-rings.js'
import type { RawStore, StoredSession } from '../adapters/store/raw-store.js'
import { createSessions } from '../adapters/store/sessions.js'
import { R3SessionError } from '../domain/errors.js'
import { createUserSessions, type UserSessions } from '../domain/user-sessions.js'
import { demoApp } from '../sandbox/index.js'
import type { Config } from './config/config.js'
import type { RedisAddress } from './config/redis-address.js'
import { placeOf, type Store } from './config/store.js'
import { storeSecretOf } from './config/store-secret.js'
import { CheckFailure } from './doctor/doctor.js'
import { troubleFailure } from './doctor/store.js'

/** Milliseconds that Redis has to answer at all. */
const REDIS_PATIENCE = 2_000

const elapsed = () => performance.now()

type SharedStore = Exclude<Store, { kind: 'memory' }>

interface OpenStore {
  readonly raw: RawStore
  close(): Promise<void>
}

/**
 * Fails with a CheckFailure where the store can't be used.
 *
 * @param asItIs makes no file, and brings none to another version
 */
async function open(store: SharedStore, asItIs: boolean): Promise<OpenStore> {
  if (store.kind === 'redis') return openInRedis(store.address)
  const { path } = store
  const besides = storeSecretOf({ sessionSecrets: [], store }).files
  return inWords(path, async () =>
    openSqlite({ path, besides, pause, elapsed, clock: Date.now, prepare: () => undefined, asItIs }),
  )
}

async function openInRedis({ prefix, replicas, timeout, ...place }: RedisAddress) {
  const { openRedis } = await import('../adapters/redis/open.js')
  let reason = 'no answer'
  const news = { found: () => {}, lost: (why: string) => (reason = why) }
  const options = { place, prefix, replicas, deadline: timeout, random: Math.random, news }
  const { raw, found, sessions, close } = openRedis(options)
  try {
    const late = pause(REDIS_PATIENCE, undefined, { ref: false }).then(() =>
      Promise.reject(new Error(reason)),
    )
    await Promise.race([found, late])
    return { raw, sessions, close }
  } catch (error) {
    await close()
    const why = error instanceof Error ? error.message : ''
    throw new CheckFailure(
      { en: `Redis can't be used: ${why}`, zh: `Redis 无法使用：${why}` },
      {
        en: 'Check the address in SESSION_STORE; r3session doctor tells more.',
        zh: '请检查 SESSION_STORE 中的地址；r3session doctor 会给出更多信息。',
      },
    )
  }
}

/** Runs something on the database at the path; what it fails with says what is the matter, and what to do about it. */
async function inWords<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof R3SessionError && error.cause instanceof Error)) throw error
    const { message: text } = error.cause
    throw troubleFailure(path, { trouble: 'trouble' in error.cause ? String(error.cause.trouble) : '', text })
  }
}

/** The mini program that is meant where none is named, and all there are. */
export function appidsOf({ apps }: Pick<Config, 'apps'>): readonly string[] {
  return apps.length === 0 ? [demoApp.appid] : apps.map(({ appid }) => appid)
}

/** Runs something with what services may do to the sessions of a user. Fails with a CheckFailure. */
export async function withUserSessions<T>(
  { store, sessionSecrets }: Config,
  work: (sessions: UserSessions) => Promise<T>,
): Promise<T> {
  if (store.kind === 'memory') throw new TypeError('sessions in memory are those of another process')
  const { raw, close } = await open(store, true)
  try {
    // Nothing is sealed or opened here, so that it needs no secret.
    const sealer = createAesSealer([...sessionSecrets, randomBytes(32).toString('hex')], randomBytes)
    const sessions = createSessions(raw, sealer)
    return await inWords(placeOf(store), () =>
      work(createUserSessions({ sessions, clock: Date.now, report: () => {} })),
    )
  } finally {
    await close()
  }
}

/** As `backUpSqlite`; fails with a CheckFailure. */
export function backUp(path: string, to: string, besides: readonly string[]) {
  return inWords(path, () => backUpSqlite({ path, to, besides }))
}

/** As `restoreSqlite`, and tells whether the secrets open what is in it; fails with a CheckFailure. */
export async function restore({
  secrets,
  ...options
}: Parameters<typeof restoreSqlite>[0] & { secrets: readonly string[] }) {
  const restored = await inWords(options.path, () => restoreSqlite(options))
  if (restored === 'in use') return restored
  const { rings, ...rest } = restored
  const sealer = createSealerOf(secrets)
  const secretFits =
    rings.length === 0 || (sealer !== undefined && rings.some((ring) => opensRing(ring, sealer)))
  return { ...rest, secretFits }
}

/**
 * Copies all sessions that live into an empty store. Fails with a CheckFailure.
 *
 * @param secrets those of the settings; where there are none and a SQLite file is copied, its own is the one that counts
 * @returns what keeps it from being done, or how many there are, how many of them were found in their new place, and the
 *   file of the secret that they need there, where it is none of the settings
 */
export async function copyStore(from: SharedStore, to: SharedStore, secrets: readonly string[]) {
  if ([from, to].some(isOpenElsewhere)) return 'in use'
  const secret = storeSecretOf({ sessionSecrets: secrets, store: from })
  const source = await openSource(from)
  try {
    const sealer = createSealerOf(secret.present())
    for await (const { session, ring } of source.sessions()) {
      if (ring === undefined) continue
      if (sealer === undefined || !opensRing({ user: session, sealed: ring }, sealer)) return 'other secret'
      break
    }
    // A file is made where there is none.
    const target = await open(to, false)
    try {
      if ((await target.raw.count()) > 0) return 'not empty'
      const copied = await inWords(placeOf(to), () => copySessions(source.sessions, target.raw, Date.now()))
      return { ...copied, secretFile: secrets.length > 0 ? undefined : secret.name }
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

function isOpenElsewhere(store: SharedStore): boolean {
  if (store.kind === 'redis' || !existsSync(store.path)) return false
  const lock = lockAlone(realpathSync(store.path))
  if (typeof lock === 'object') lock.release()
  return lock === 'open'
}

async function openSource(store: SharedStore): Promise<{
  sessions: () => Iterable<StoredSession> | AsyncIterable<StoredSession>
  close(): Promise<void>
}> {
  if (store.kind === 'redis') return openInRedis(store.address)
  // Looks whether it is whole, and of this version.
  const { close } = await open(store, true)
  return { sessions: () => sessionsInSqlite(store.path), close }
}

function createSealerOf(secrets: readonly string[]) {
  return secrets.length === 0 ? undefined : createAesSealer(secrets, randomBytes)
}
