import { BlockList } from 'node:net'
import { type App, brokenApp } from './apps.js'
import { inLanguage, type Language, type Said, type Text } from './language.js'
import { type Env, examineNames } from './names.js'
import { createSettingReader, type SettingReader } from './reader.js'
import { rule } from './rules.js'
import type { Name } from './settings.js'
import type { Store } from './store.js'

export interface Config {
  readonly host: string
  readonly port: number
  /** The first is the default. Empty: serve the sandbox. */
  readonly apps: readonly App[]
  readonly wechatApi: string
  /** Milliseconds. */
  readonly wechatTimeout: number
  readonly store: Store
  /** Milliseconds. */
  readonly lifetime: { readonly ttl: number; readonly maxAge: number }
  /** How many live sessions a user may have; the oldest make room. */
  readonly maxSessions: number
  /** Newest first. Empty: made once and kept beside the store. */
  readonly sessionSecrets: readonly string[]
  /** Milliseconds; 0 turns the check off. */
  readonly openDataMaxAge: number
  /** Key by name. Empty: the routes for services don't exist. */
  readonly serviceKeys: ReadonlyMap<string, string>
  readonly trustedProxies: BlockList
  /** How many in a window; 0 turns the limit off. */
  readonly limits: { readonly logins: number; readonly decryptFailures: number; readonly keyFailures: number }
  /** Processes on one port; `auto` is one a core. */
  readonly workers: number | 'auto'
  /** Where metrics are given without a key; `undefined`: beside everything else, with one. */
  readonly metricsPort: number | undefined
  /** `undefined`: what suits the place the log goes to. */
  readonly logFormat: 'pretty' | 'json' | undefined
  readonly logLevel: string
  /** What is odd, but keeps nobody from starting. */
  readonly warnings: readonly Text[]
}

const secretForRedis = rule(
  'is missing: with sessions in Redis it must be set, the same for all processes; make one with: openssl rand -hex 32',
  '未配置：会话保存在 Redis 中时必须配置，所有进程须相同；可用 openssl rand -hex 32 生成',
)

const LOOPBACK = '127.0.0.1'

/** Everything that is wrong with the settings, in one message. Holds names and rules, never a value. */
export class ConfigError extends Error {
  readonly texts: readonly Said[]
  /** In English. */
  readonly problems: readonly string[]

  constructor(texts: readonly Said[]) {
    super(listOf(texts, 'en'))
    this.name = 'ConfigError'
    this.texts = texts
    this.problems = texts.map((text) => inLanguage('en', text))
  }

  /** The message in this language. */
  in(language: Language): string {
    return listOf(this.texts, language)
  }
}

function listOf(texts: readonly Said[], language: Language): string {
  const title = { en: 'These settings need mending:', zh: '以下配置有误：' }
  return [title[language], ...texts.map((text) => `  - ${inLanguage(language, text)}`)].join('\n')
}

/**
 * The settings, from the environment variables given.
 *
 * @param readFile gives the text of a file, for the `NAME_FILE` form of every setting; throws when it can't
 * @throws ConfigError naming all problems at once
 */
export function loadConfig(env: Env, readFile: (path: string) => string): Config {
  const { mistakes, warnings } = examineNames(env)
  const reader = createSettingReader(env, readFile)
  const { value } = reader
  const host = value('HOST')
  const port = value('PORT')
  const apps = appsOf(reader)
  if (apps.length === 0 && mistakes.length === 0 && env['NODE_ENV'] === 'production') {
    requireApp(reader)
  }
  const store = value('SESSION_STORE')
  if (store.kind === 'redis' && !reader.isBroken('SESSION_STORE') && !reader.isSet('SESSION_SECRET')) {
    reader.complain('SESSION_SECRET', secretForRedis)
  }
  const workers = workersOf(reader, { isSandbox: apps.length === 0, store })
  if (workers === undefined) warnings.push(oneProcess)
  const metricsPort = metricsPortOf(reader, port)
  const config: Config = {
    // Anybody can log in to a sandbox as anybody, so it serves this machine alone unless told otherwise.
    host: apps.length === 0 && !reader.isSet('HOST') ? LOOPBACK : host,
    port,
    apps,
    wechatApi: value('WECHAT_API'),
    wechatTimeout: value('WECHAT_TIMEOUT'),
    store,
    lifetime: lifetimeOf(reader),
    maxSessions: value('SESSION_MAX_PER_USER'),
    sessionSecrets: value('SESSION_SECRET') ?? [],
    openDataMaxAge: value('OPEN_DATA_MAX_AGE') * 1000,
    serviceKeys: value('SERVICE_KEYS') ?? new Map(),
    trustedProxies: value('TRUST_PROXY') ?? new BlockList(),
    limits: {
      logins: value('LIMIT_LOGINS'),
      decryptFailures: value('LIMIT_DECRYPT_FAILURES'),
      keyFailures: value('LIMIT_KEY_FAILURES'),
    },
    workers: workers ?? 1,
    metricsPort,
    logFormat: value('LOG_FORMAT'),
    logLevel: value('LOG_LEVEL'),
    warnings,
  }
  const problems = [...mistakes, ...reader.problems]
  if (problems.length > 0) throw new ConfigError(problems)
  return config
}

function appsOf({ value, complain, isSet }: SettingReader): readonly App[] {
  const appid = value('WECHAT_APPID')
  const secret = value('WECHAT_SECRET')
  const several = value('WECHAT_APPS') ?? []
  if (isSet('WECHAT_APPS')) {
    if (isSet('WECHAT_APPID') || isSet('WECHAT_SECRET')) {
      complain(
        'WECHAT_APPS',
        rule(
          'and WECHAT_APPID/WECHAT_SECRET are both set; keep one of them',
          '与 WECHAT_APPID/WECHAT_SECRET 同时配置了，请只留一个',
        ),
      )
    }
    return several
  }
  const broken = brokenApp({ appid, secret })
  if (broken.appid !== undefined) complain('WECHAT_APPID', broken.appid)
  if (broken.secret !== undefined) complain('WECHAT_SECRET', broken.secret)
  if (appid !== undefined && secret !== undefined) return [{ appid, secret }]
  const missing = (name: Name, other: Name) =>
    complain(
      name,
      rule(`is missing: ${other} is set, so it must be too`, `未配置：已配置 ${other}，两者须同时配置`),
    )
  if (appid !== undefined && !isSet('WECHAT_SECRET')) missing('WECHAT_SECRET', 'WECHAT_APPID')
  if (secret !== undefined && !isSet('WECHAT_APPID')) missing('WECHAT_APPID', 'WECHAT_SECRET')
  return []
}

function requireApp({ complain, isBroken }: SettingReader): void {
  const names: Name[] = ['WECHAT_APPID', 'WECHAT_SECRET', 'WECHAT_APPS']
  if (names.some(isBroken)) return
  complain(
    'WECHAT_APPID',
    rule(
      'is missing: with NODE_ENV=production the sandbox does not start',
      '未配置：NODE_ENV=production 时不启动沙箱',
    ),
  )
}

function lifetimeOf({ value, complain, isSet, isBroken }: SettingReader): Config['lifetime'] {
  const ttl = value('SESSION_TTL')
  const maxAge = value('SESSION_MAX_AGE')
  const bothFit = !isBroken('SESSION_TTL') && !isBroken('SESSION_MAX_AGE')
  if (ttl > maxAge && isSet('SESSION_TTL') && bothFit) {
    complain(
      'SESSION_TTL',
      rule(
        `must not be above SESSION_MAX_AGE${isSet('SESSION_MAX_AGE') ? '' : `, which is ${maxAge} where it is not set`}`,
        `不能大于 SESSION_MAX_AGE${isSet('SESSION_MAX_AGE') ? '' : `（未配置时为 ${maxAge}）`}`,
      ),
    )
  }
  // The default gives way to a shorter life that was asked for.
  return { ttl: Math.min(ttl, maxAge) * 1000, maxAge: maxAge * 1000 }
}

const oneProcess: Text = {
  en: 'WORKERS has no effect in the sandbox: there one process does it all',
  zh: 'WORKERS 在沙箱中不起作用：沙箱只用一个进程',
}

/** How many processes serve; `undefined` for several where there can be one only, the sandbox's. */
function workersOf(
  { value, complain, isBroken }: SettingReader,
  { isSandbox, store }: { isSandbox: boolean; store: Store },
): Config['workers'] | undefined {
  const workers = value('WORKERS')
  if (workers === 1) return 1
  if (isSandbox) return undefined
  if (store.kind === 'memory' && !isBroken('SESSION_STORE')) {
    complain(
      'WORKERS',
      rule(
        'must be 1 with SESSION_STORE=sqlite::memory:, which no two processes can share',
        '在 SESSION_STORE=sqlite::memory: 时须为 1：多个进程无法共享内存中的会话',
      ),
    )
  }
  return workers
}

function metricsPortOf({ value, complain, isBroken }: SettingReader, port: number): number | undefined {
  const metricsPort = value('METRICS_PORT')
  if (metricsPort === port && !isBroken('PORT')) {
    complain('METRICS_PORT', rule('must be another port than PORT', '不能与 PORT 相同'))
  }
  return metricsPort
}
