/** The store's half of wire.ts: which engine keeps the sessions, with the sealer for what it keeps. */
import { createPseudonyms } from '../adapters/crypto/pseudonyms.js'
import type { RandomBytes } from '../adapters/crypto/random-bytes.js'
import { createAesSealer } from '../adapters/crypto/sealer.js'
import { lastWrittenAt } from '../adapters/sqlite/file/place.js'
import { type Inspection, inspectSqlite, openSqlite } from '../adapters/sqlite/open.js'
import { opensRing } from '../adapters/store/key-rings.js'
import type { RawStore } from '../adapters/store/raw-store.js'
import type { Clock, Sealer } from '../domain/ports.js'
import type { Config } from './config/config.js'
import type { Said } from './config/language.js'
import { type RedisAddress, redisPlace } from './config/redis-address.js'
import { pathOf } from './config/store.js'
import { misfitOf, storeSecretOf } from './config/store-secret.js'
import { checkRedis } from './doctor/redis.js'
import { checkStore } from './doctor/store.js'
import type { Log } from './log/logger.js'
import { redisNews, sayFound } from './log/store-news.js'

/** Only where it is wanted, and before anything is served: the client of Redis takes its time to load. */
const loadRedis = () => import('../adapters/redis/open.js')

/** Milliseconds that a start waits for Redis. */
const REDIS_PATIENCE = 2_000

/** Time and chance, as wire.ts has them. */
export interface Means {
  readonly clock: Clock
  readonly elapsed: () => number
  readonly pause: (milliseconds: number, value?: undefined, options?: { ref: boolean }) => Promise<unknown>
  readonly random: () => number
  readonly randomBytes: RandomBytes
}

export interface OpenStore {
  readonly raw: RawStore
  readonly sealer: Sealer
  /** Gives an id the name under which it stands in the log. */
  readonly pseudonym: (...id: readonly string[]) => string
  sweep(): Promise<void>
  close(): Promise<void>
}

/** When the store was last written, before it is opened: so late it has been already. Nothing for one that is not here. */
export function lastWrite({ store }: Config): number | undefined {
  return store.kind === 'sqlite' ? lastWrittenAt(store.path) : undefined
}

/** Opens the store of these settings; fails with what keeps it from being used. */
export async function openStore(config: Config, log: Log, means: Means): Promise<OpenStore> {
  const { store } = config
  return store.kind === 'redis'
    ? openInRedis(store.address, config.sessionSecrets, log, means)
    : openInFile(pathOf(store), config, log, means)
}

function openInFile(path: string, config: Config, log: Log, means: Means): OpenStore {
  const { clock, pause, elapsed, randomBytes } = means
  const secret = storeSecretOf(config)
  // Before anything is opened: a secret that is there and can't be read must not cost a database.
  secret.present()
  const store = openSqlite({
    path,
    clock,
    pause,
    elapsed,
    besides: secret.files,
    prepare(rings) {
      const { secrets, isNew } = secret.take(() => randomBytes(32).toString('hex'))
      const sealer = createAesSealer(secrets, randomBytes)
      const fits = rings.length === 0 || rings.some((ring) => opensRing(ring, sealer))
      return { sealer, isNew, fits, pseudonym: createPseudonyms(secrets) }
    },
  })
  const { prepared, raw, sweep, close } = store
  if (!prepared.fits) log.error({ secret: secret.name }, misfitOf(prepared))
  sayFound(log, path, store)
  return { raw, sealer: prepared.sealer, pseudonym: prepared.pseudonym, sweep, close }
}

async function openInRedis(
  address: RedisAddress,
  secrets: readonly string[],
  log: Log,
  { pause, random, randomBytes }: Means,
): Promise<OpenStore> {
  const { openRedis } = await loadRedis()
  const store = openRedis({ ...optionsOf(address), random, news: redisNews(log, redisPlace(address)) })
  try {
    // One that is out of reach is said to be, and waited for while requests are refused.
    await Promise.race([store.found, pause(REDIS_PATIENCE, undefined, { ref: false })])
  } catch (error) {
    await store.close()
    throw error
  }
  const { raw, close } = store
  // Redis lets go of what has ended by itself.
  const [sealer, pseudonym] = [createAesSealer(secrets, randomBytes), createPseudonyms(secrets)]
  return { raw, sealer, pseudonym, sweep: async () => {}, close }
}

function optionsOf({ prefix, replicas, timeout, ...place }: RedisAddress) {
  return { place, prefix, replicas, deadline: timeout }
}

/** What the doctor finds where sessions are kept. */
export async function examineStore(config: Config, { pause, random, randomBytes }: Means): Promise<Said> {
  const { store } = config
  if (store.kind === 'redis') {
    const { openRedis } = await loadRedis()
    return checkRedis(redisPlace(store.address), (news) => {
      const { found, close } = openRedis({ ...optionsOf(store.address), random, news })
      const late = pause(REDIS_PATIENCE, undefined, { ref: false }).then(() => {
        throw new Error('no answer in time')
      })
      return Promise.race([found, late]).finally(close)
    })
  }
  return checkStore(store, storeSecretOf(config), (secrets) => inspectStore(config, randomBytes, secrets))
}

/** What the next start would meet where the store lies; makes and changes nothing. */
export function inspectStore(
  config: Config,
  randomBytes: RandomBytes,
  secrets = storeSecretOf(config).present(),
): Inspection {
  if (config.store.kind === 'redis') return { found: 'nothing' }
  const sealer = secrets.length === 0 ? undefined : createAesSealer(secrets, randomBytes)
  return inspectSqlite({
    path: pathOf(config.store),
    besides: storeSecretOf(config).files,
    opens: sealer && ((ring) => opensRing(ring, sealer)),
  })
}
