/** Puts the parts together. The only file that names adapters; with main.ts the only one with a clock and chance. */
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type Koa from 'koa'
import { createNodeDecryptor } from '../adapters/crypto/decryptor.js'
import { createAesSealer } from '../adapters/crypto/sealer.js'
import { type Inspection, inspectSqlite, openSqlite, sqliteVersion } from '../adapters/sqlite/open.js'
import { opensRing } from '../adapters/store/key-rings.js'
import { createRepositories } from '../adapters/store/repositories.js'
import { createHttpWechat } from '../adapters/wechat/gateway.js'
import { wechatTime } from '../adapters/wechat/server-time.js'
import { createAccessTokens } from '../domain/access-token.js'
import { createAuthenticate } from '../domain/authenticate.js'
import { createDecrypt } from '../domain/decrypt.js'
import { createLogin } from '../domain/login.js'
import { createLogout } from '../domain/logout.js'
import { createPhoneNumber } from '../domain/phone-number.js'
import type { Clock } from '../domain/ports.js'
import { createSessionKey } from '../domain/session-key.js'
import { createUserSessions } from '../domain/user-sessions.js'
import { startSandbox } from '../sandbox/index.js'
import { createApp } from './app.js'
import type { App, Config } from './config/config.js'
import { readSecret, secretIn } from './config/secret-file.js'
import type { Checks } from './doctor/doctor.js'
import { checkPort } from './doctor/port.js'
import { storeVerdict, unusableSecret } from './doctor/store.js'
import { createEventLog } from './log/event-log.js'
import type { Log } from './log/logger.js'
import { thisPackage } from './package.js'
import { createAppChoice } from './routes/app-choice.js'
import { createServerView } from './routes/server-view.js'

const monotonic = () => performance.now()

/** The assembled service, ready to be given a port. */
export interface Service {
  readonly app: Koa
  /** Where the sandbox imitates WeChat, when it does. */
  readonly sandboxUrl: string | undefined
  /** Deletes what has expired, in small steps; resolves when nothing is left to delete. */
  sweep(): Promise<void>
  /** From here on requests are refused with `overloaded`, while those under way are finished. */
  stop(): void
  close(): Promise<void>
}

/** Opens the store and, without a mini program in the settings, the sandbox. Opens no public port. */
export async function openService(config: Config, log: Log, clock: Clock = Date.now): Promise<Service> {
  const report = createEventLog(log, clock)
  const store = openStore(config, log, clock)
  const { sessions, keyRings, loginAttempts, phoneAttempts, tokens } = store.repositories
  const sandbox = config.apps.length === 0 ? await startSandbox({ clock }) : undefined
  const apps = sandbox?.apps ?? config.apps
  const wechat = createHttpWechat({
    api: sandbox?.url ?? config.wechatApi,
    apps: secretsOf(apps),
    timeout: config.wechatTimeout,
  })
  const decryptor = createNodeDecryptor()
  const { lifetime, openDataMaxAge, maxSessions, serviceKeys, wechatTimeout: timeout } = config
  const newToken = () => randomBytes(64).toString('hex')
  const newId = () => randomBytes(16).toString('hex')
  const authenticate = createAuthenticate({ sessions, lifetime, clock, report })

  const { random } = Math
  const accessTokens = createAccessTokens({ wechat, tokens, clock, random, pause, timeout, report })

  let stopping = false
  const app = createApp(
    {
      login: createLogin({
        wechat,
        sessions,
        attempts: loginAttempts,
        lifetime,
        maxSessions,
        clock,
        newToken,
        newId,
        pause,
        timeout,
        report,
      }),
      authenticate,
      phoneNumber: createPhoneNumber({
        authenticate,
        wechat,
        accessTokens,
        attempts: phoneAttempts,
        clock,
        pause,
        timeout,
        report,
      }),
      sessionKeys: createSessionKey({ authenticate, keyRings, wechat, accessTokens, clock, report }),
      accessTokens,
      userSessions: createUserSessions({ sessions, clock, report }),
      serviceKeys,
      version: thisPackage.version,
      trustedProxies: config.trustedProxies,
      chooseApp: createAppChoice(apps.map(({ appid }) => appid)),
      logout: createLogout({ sessions, report }),
      decrypt: createDecrypt({
        authenticate,
        keyRings,
        decryptor,
        openDataMaxAge,
        clock,
        monotonic,
        pause,
        report,
      }),
      ready: () => sessions.ready(),
      ...(sandbox && {
        sandbox: {
          weixin: sandbox,
          serverView: createServerView({ sessions, keyRings, weixinKey: sandbox.keyOf, clock }),
          page: thisPackage.playground,
        },
      }),
    },
    { log, newRequestId: randomUUID, isStopping: () => stopping, monotonic },
  )

  return {
    app,
    sandboxUrl: sandbox?.url,
    sweep: () => store.sweep(),
    stop() {
      stopping = true
    },
    async close() {
      wechat.close()
      await sandbox?.close()
      await store.close()
    },
  }
}

export { sqliteVersion }

/** What `npm run doctor` examines: the parts of the service that can ail, without starting it. */
export function checksOf(config: Config): Checks {
  const { sqlitePath: path, wechatApi: api, wechatTimeout: timeout, apps } = config
  const wechat = createHttpWechat({ api, timeout, apps: secretsOf(apps) })
  return {
    appids: apps.map(({ appid }) => appid),
    sandbox: apps.length === 0,
    async checkStore() {
      const secretPath = secretPathOf(path)
      const secretName = config.sessionSecrets.length > 0 ? 'SESSION_SECRET' : secretPath
      let secrets: readonly string[]
      try {
        secrets = secretsInUse(config)
      } catch (error) {
        throw unusableSecret(secretPath, error instanceof Error ? error.message : '')
      }
      const inspection = inspectStore(config, secrets)
      return storeVerdict({
        path,
        exists: existsSync(path),
        inspection,
        secretName,
        hasSecret: secrets.length > 0,
      })
    },
    checkPort: () => checkPort(config),
    wechatTime: () => wechatTime(api, timeout),
    stableToken: (appid) => wechat.stableToken(appid),
    clock: Date.now,
  }
}

/** What the next start would meet where the store lies; makes and changes nothing. Fails like `secretsInUse`. */
export function inspectStore(config: Config, secrets: readonly string[] = secretsInUse(config)): Inspection {
  const path = config.sqlitePath
  return inspectSqlite({
    path,
    besides: [secretPathOf(path)],
    opens:
      secrets.length === 0 ? undefined : (ring) => opensRing(ring, createAesSealer(secrets, randomBytes)),
  })
}

/** None where a start would have to make one. Fails where the secret's file holds no secret. */
function secretsInUse({ sqlitePath: path, sessionSecrets }: Config): readonly string[] {
  if (sessionSecrets.length > 0 || path === ':memory:') return sessionSecrets
  const kept = readSecret(secretPathOf(path))
  return kept === undefined ? [] : [kept]
}

function secretsOf(apps: readonly App[]): ReadonlyMap<string, string> {
  return new Map(apps.map(({ appid, secret }) => [appid, secret]))
}

/**
 * The store with the sealer for what it keeps: from SESSION_SECRET, or else from a file beside the database, which is
 * made after the database, so that a store that can't be opened leaves none behind. Sessions in memory need no secret
 * that outlives the process.
 */
function openStore({ sessionSecrets, sqlitePath: path }: Config, log: Log, clock: Clock) {
  const makeSecret = () => randomBytes(32).toString('hex')
  const secretPath = secretPathOf(path)
  const isKept = sessionSecrets.length === 0 && path !== ':memory:'
  // Before anything is opened: a secret that is there and can't be read must not cost a database.
  if (isKept) readSecret(secretPath)
  let isLost = false

  function secrets(holdsSealed: boolean): readonly string[] {
    if (sessionSecrets.length > 0) return sessionSecrets
    if (!isKept) return [makeSecret()]
    isLost = holdsSealed && readSecret(secretPath) === undefined
    return [secretIn(secretPath, makeSecret)]
  }

  const store = openSqlite({
    path,
    clock,
    pause,
    elapsed: monotonic,
    besides: path === ':memory:' ? [] : [secretPath],
    prepare(rings) {
      const sealer = createAesSealer(secrets(rings.length > 0), randomBytes)
      return { sealer, secretFits: rings.length === 0 || rings.some((ring) => opensRing(ring, sealer)) }
    },
  })
  const { sealer, secretFits } = store.prepared
  if (isLost) {
    log.error({ secret: secretPath }, `the store's secret is not there, a new one is made: ${UNTIL_LOGIN}`)
  } else if (!secretFits) {
    const secret = isKept ? secretPath : 'SESSION_SECRET'
    log.error({ secret }, `the secret is not the one that the store was sealed with: ${UNTIL_LOGIN}`)
  }
  if (store.wasEmpty) {
    const advice = 'if it has held sessions, stop, and put a backup in its place'
    log.info({ store: path, advice }, 'the database was an empty file, and begins anew')
  }
  if (store.unread !== undefined) {
    const command = `sqlite3 ${path} 'PRAGMA quick_check'`
    log.info({ reason: store.unread, command }, 'the store was not read whole to find damage')
  }
  const { raw, sweep, close } = store
  return { repositories: createRepositories(raw, sealer), sweep, close }
}

const UNTIL_LOGIN = "sessions live on, sealed data opens after each user's next login"

function secretPathOf(path: string): string {
  return `${path}.secret`
}
