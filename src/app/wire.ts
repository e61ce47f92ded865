/** Puts the parts together. The only file that names adapters; with main.ts the only one with a clock and chance. */
import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type Koa from 'koa'
import { createAesSealer } from '../adapters/aes-sealer.js'
import { createHttpWechat } from '../adapters/http-wechat.js'
import { createNodeDecryptor } from '../adapters/node-decryptor.js'
import { openSqliteSessions } from '../adapters/sqlite-sessions.js'
import { createAuthenticate } from '../domain/authenticate.js'
import { createDecrypt } from '../domain/decrypt.js'
import { createLogin } from '../domain/login.js'
import { createLogout } from '../domain/logout.js'
import type { Clock } from '../domain/ports.js'
import { startSandbox } from '../sandbox/index.js'
import type { Config } from './config.js'
import { createApp } from './http.js'
import type { Log } from './requests.js'
import { secretIn } from './secret-file.js'

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
  const sealer = createAesSealer(sealingSecrets(config), randomBytes)
  const sessions = openSqliteSessions({ path: config.sqlitePath, sealer, clock })
  const sandbox = config.apps.length === 0 ? await startSandbox({ clock }) : undefined
  const apps = sandbox?.apps ?? config.apps
  const wechat = createHttpWechat({
    api: sandbox?.url ?? config.wechatApi,
    apps: new Map(apps.map(({ appid, secret }) => [appid, secret])),
    timeout: config.wechatTimeout,
  })
  const decryptor = createNodeDecryptor()
  const { lifetime, openDataMaxAge } = config
  const newToken = () => randomBytes(64).toString('hex')
  const newId = () => randomBytes(16).toString('hex')
  const authenticate = createAuthenticate({ sessions, lifetime, clock })

  let stopping = false
  const app = createApp(
    {
      login: createLogin({ wechat, sessions, lifetime, clock, newToken, newId }),
      authenticate,
      logout: createLogout({ sessions }),
      decrypt: createDecrypt({ authenticate, sessions, decryptor, openDataMaxAge, clock, pause }),
      appids: apps.map(({ appid }) => appid),
      ready: () => sessions.ready(),
      ...(sandbox && { phone: sandbox }),
    },
    { log, newRequestId: randomUUID, isStopping: () => stopping },
  )

  return {
    app,
    sandboxUrl: sandbox?.url,
    sweep: () => sessions.sweep(),
    stop() {
      stopping = true
    },
    async close() {
      await sandbox?.close()
      await sessions.close()
    },
  }
}

/** The secrets that seal session keys at rest. Sessions in memory need none that outlives the process. */
function sealingSecrets({ sessionSecrets, sqlitePath }: Config): readonly string[] {
  const makeSecret = () => randomBytes(32).toString('hex')
  if (sessionSecrets.length > 0) return sessionSecrets
  return [sqlitePath === ':memory:' ? makeSecret() : secretIn(`${sqlitePath}.secret`, makeSecret)]
}
