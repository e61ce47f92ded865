/**
 * Puts the parts together. With wire-store.ts, its half for the store, the only file that names adapters; with main.ts
 * the only one with a clock and chance.
 */
import { randomFillSync, randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { createNodeDecryptor } from '../adapters/crypto/decryptor.js'
import { createRandomBytes } from '../adapters/crypto/random-bytes.js'
import { signData } from '../adapters/crypto/sign-data.js'
import { sqliteVersion } from '../adapters/sqlite/open.js'
import { createRepositories } from '../adapters/store/repositories.js'
import { createBreaker } from '../adapters/wechat/breaker.js'
import { createHttpWechat } from '../adapters/wechat/gateway.js'
import { wechatTime } from '../adapters/wechat/server-time.js'
import { createAccessTokens } from '../domain/access-token.js'
import { createAuthenticate } from '../domain/authenticate.js'
import { createDecrypt } from '../domain/decrypt.js'
import { R3SessionError } from '../domain/errors.js'
import type { Report } from '../domain/events.js'
import { createEncryptKeys } from '../domain/keys/encrypt-keys.js'
import { createSessionKey } from '../domain/keys/session-key.js'
import { createSign } from '../domain/keys/sign.js'
import { createLogin } from '../domain/login.js'
import { createLoginWithPhone } from '../domain/login-with-phone.js'
import { createLogout } from '../domain/logout.js'
import { createPhoneNumber } from '../domain/phone-number.js'
import type { Clock, WechatGateway } from '../domain/ports.js'
import { createUserSessions } from '../domain/user-sessions.js'
import { startSandbox } from '../sandbox/index.js'
import { createAdmission } from './admission/admission.js'
import { createLateness } from './admission/lateness.js'
import { type App, createApp, createMetricsApp, listenerOf } from './app.js'
import { timeFor } from './clock.js'
import type { App as WechatApp } from './config/apps.js'
import type { Config } from './config/config.js'
import type { Checks } from './doctor/doctor.js'
import { checkMetricsPort, checkPort } from './doctor/port.js'
import { createLimits } from './limits/limits.js'
import { createEventLog } from './log/event-log.js'
import type { Log } from './log/logger.js'
import { measured } from './metrics/measured.js'
import type { Report as MetricsReport } from './metrics/metric.js'
import { createMetrics, type Gather } from './metrics/metrics.js'
import { thisPackage } from './package.js'
import { createAppChoice } from './routes/app-choice.js'
import { createKeptCount, createServerView } from './routes/sandbox/server-view.js'
import { after, every } from './timers.js'
import { examineStore, inspectStore as inspect, lastWrite, openStore } from './wire-store.js'

const monotonic = () => performance.now()
const randomBytes = createRandomBytes(randomFillSync)
const means = { clock: Date.now, elapsed: monotonic, pause, random: Math.random, randomBytes }

/** The assembled service, ready to be given a port. */
export interface Service {
  readonly app: App
  /** Answers a request; for an HTTP server. */
  readonly listener: RequestListener
  /** Likewise on the port that metrics may have for themselves. */
  readonly metricsListener: RequestListener
  /** What this process has counted. */
  report(): Promise<MetricsReport>
  /** Where the sandbox imitates WeChat, when it does. */
  readonly sandboxUrl: string | undefined
  /** Deletes what has expired, in small steps; resolves when nothing is left to delete. */
  sweep(): Promise<void>
  /** Writes into the log what was only counted since the last time: verifications, and requests without a place. */
  logCounts(): void
  /** From here on it is not ready any more, and each answer is the last on its connection; all are still served. */
  stop(): void
  close(): Promise<void>
}

/**
 * Opens the store and, without a mini program in the settings, the sandbox. Opens no public port.
 *
 * @param gather the metrics of all processes, where several serve
 */
export async function openService(
  config: Config,
  log: Log,
  given?: Clock,
  gather?: Gather,
): Promise<Service> {
  const { now: clock, settled } = timeFor(given, { wall: Date.now, monotonic, mark: lastWrite(config) })
  const metrics = createMetrics({ sessions: () => raw.count(), gather })
  const store = await openStore(config, log, { ...means, clock: settled })
  const logEvent = createEventLog(log, clock, store.pseudonym)
  const report: Report = (event) => {
    logEvent(event)
    metrics.happened(event)
  }
  // Every verification reads the epoch, in less time than a look at the clock would add.
  const raw = measured(store.raw, monotonic, metrics.stored, ['epoch'])
  const repositories = createRepositories(raw, store.sealer)
  const { sessions, keyRings, loginAttempts, phoneAttempts, tokens, counters } = repositories
  const sandbox = config.apps.length === 0 ? await startSandbox({ clock }) : undefined
  const apps = sandbox?.apps ?? config.apps
  const { lifetime, maxSessions, openDataMaxAge, serviceKeys, trustedProxies } = config
  const { wechatApi, wechatTimeout: timeout } = config
  const breaker = createBreaker({
    now: monotonic,
    changed: (change) => report({ type: 'wechat_circuit', ...change }),
  })
  const api = sandbox?.url ?? wechatApi
  const gateway = createHttpWechat({ api, apps: secretsOf(apps), timeout, breaker })
  const wechat = measured<WechatGateway>(gateway, monotonic, metrics.wechatCalled)
  const decryptor = createNodeDecryptor()

  const common = { clock, pause, timeout, report }
  const authenticate = createAuthenticate({ ...common, sessions, lifetime })
  const accessTokens = createAccessTokens({ ...common, wechat, tokens, random: Math.random })
  const forUsers = { ...common, authenticate, wechat, accessTokens }
  const beginning = { lifetime, maxSessions, newToken: () => randomHex(64), newId: () => randomHex(16) }
  const login = createLogin({ ...common, ...beginning, wechat, sessions, attempts: loginAttempts })
  const phoneNumber = createPhoneNumber({ ...forUsers, attempts: phoneAttempts })

  const forApps = { log, newRequestId: randomUUID, monotonic }
  const limited = { ...common, counters, log, isSandbox: sandbox !== undefined }
  const { addressLimits, failureLimit } = createLimits(config, limited)
  const decrypting = { keyRings, decryptor, openDataMaxAge, failureLimit, digest: store.pseudonym, monotonic }

  let stopping = false
  const app = createApp(
    {
      login: createLoginWithPhone({ login, phoneNumber, report }),
      authenticate,
      logout: createLogout({ sessions, report }),
      decrypt: createDecrypt({ ...common, ...decrypting, authenticate }),
      phoneNumber,
      sessionKeys: createSessionKey({ ...forUsers, keyRings }),
      userSessions: createUserSessions({ ...common, sessions }),
      sign: createSign({ keyRings, signData, report }),
      encryptKeys: createEncryptKeys({ ...forUsers, keyRings }),
      accessTokens,
      ready: () => (stopping ? Promise.reject(new R3SessionError('overloaded')) : sessions.ready()),
      circuit: breaker.state,
      chooseApp: createAppChoice(apps.map(({ appid }) => appid)),
      serviceKeys,
      addressLimits,
      trustedProxies,
      metrics: metrics.text,
      metricsElsewhere: config.metricsPort !== undefined,
      version: thisPackage.version,
      ...(sandbox && {
        sandbox: {
          weixin: sandbox,
          serverView: createServerView({ sessions, keyRings, weixinKey: sandbox.keyOf, clock }),
          kept: createKeptCount({ sessions, keyRings, clock }),
          newOrderNumber: () => randomHex(16),
          page: thisPackage.playground,
        },
      }),
    },
    {
      ...forApps,
      isStopping: () => stopping,
      admission: createAdmission({
        after,
        shed: metrics.shed,
        lateness: createLateness({ monotonic, every }),
      }),
      observe: metrics.observe,
    },
  )
  // Answers until the very end: how a service stops is worth seeing, too.
  const forMetrics = { ...forApps, isStopping: () => false, admission: createAdmission({ after }) }

  return {
    app,
    listener: listenerOf(app),
    metricsListener: listenerOf(createMetricsApp(metrics.text, forMetrics)),
    report: metrics.report,
    logCounts: app.logCounts,
    sandboxUrl: sandbox?.url,
    sweep: () => store.sweep(),
    stop: () => {
      stopping = true
    },
    async close() {
      gateway.close()
      await sandbox?.close()
      await store.close()
    },
  }
}

export { sqliteVersion }

/** What the next start would meet where the store lies; makes and changes nothing. */
export const inspectStore = (config: Config) => inspect(config, randomBytes)

/** What `r3session doctor` examines: the parts of the service that can ail, without starting it. */
export function checksOf(config: Config): Checks {
  const { wechatApi: api, wechatTimeout: timeout, apps } = config
  // Without a breaker: each app's answer is worth having, however many went without one.
  const wechat = createHttpWechat({ api, timeout, apps: secretsOf(apps) })
  return {
    appids: apps.map(({ appid }) => appid),
    sandbox: apps.length === 0,
    checkStore: () => examineStore(config, means),
    checkPort: () => checkPort(config),
    ...(config.metricsPort !== undefined && {
      checkMetricsPort: () => checkMetricsPort({ host: config.host, port: config.metricsPort ?? 0 }),
    }),
    wechatTime: () => wechatTime(api, timeout),
    stableToken: (appid) => wechat.stableToken(appid),
    clock: Date.now,
  }
}

function secretsOf(apps: readonly WechatApp[]): ReadonlyMap<string, string> {
  return new Map(apps.map(({ appid, secret }) => [appid, secret]))
}

function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
