import { BlockList } from 'node:net'
import {
  CREDENTIAL_RULE,
  isCredential,
  parseApps,
  parseCidrs,
  parseSecrets,
  parseServiceKeys,
  parseStore,
  parseWechatApi,
} from './config-values.js'

/** One mini program this service answers for. */
export interface App {
  readonly appid: string
  readonly secret: string
}

export interface Config {
  readonly host: string
  readonly port: number
  /** The first is the default. Empty: serve the sandbox. */
  readonly apps: readonly App[]
  readonly wechatApi: string
  /** Milliseconds. */
  readonly wechatTimeout: number
  /** A path, or `:memory:`. */
  readonly sqlitePath: string
  /** Milliseconds. */
  readonly lifetime: { readonly ttl: number; readonly maxAge: number }
  /** How many live sessions a user may have; the oldest make room. */
  readonly maxSessions: number
  /** Newest first. Empty: made once and kept beside the SQLite file. */
  readonly sessionSecrets: readonly string[]
  /** Milliseconds; 0 turns the check off. */
  readonly openDataMaxAge: number
  /** Key by name. Empty: the routes for services don't exist. */
  readonly serviceKeys: ReadonlyMap<string, string>
  readonly trustedProxies: BlockList
  readonly logLevel: string
}

/** Every setting with its default as text; `undefined` where there is none. The README's table is held to it. */
export const settings = {
  HOST: '0.0.0.0',
  PORT: '3000',
  WECHAT_APPID: undefined,
  WECHAT_SECRET: undefined,
  WECHAT_APPS: undefined,
  WECHAT_API: 'https://api.weixin.qq.com',
  WECHAT_TIMEOUT: '5000',
  SESSION_STORE: 'sqlite:data/sessions.db',
  SESSION_TTL: '259200',
  SESSION_MAX_AGE: '2592000',
  SESSION_MAX_PER_USER: '10',
  SESSION_SECRET: undefined,
  OPEN_DATA_MAX_AGE: '3600',
  SERVICE_KEYS: undefined,
  TRUST_PROXY: undefined,
  LOG_LEVEL: 'info',
} as const

type Name = keyof typeof settings

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']
const TEN_YEARS = 315_360_000

/** Everything that is wrong with the settings, in one message. Holds names and rules, never a value. */
export class ConfigError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`These settings need mending:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/**
 * The settings, from the environment variables given. An empty variable counts as unset, since that is what
 * compose files make of a missing one.
 *
 * @param readFile gives the text of a file, for the `NAME_FILE` form of every setting; throws when it can't
 * @throws ConfigError naming all problems at once
 */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Config {
  const problems: string[] = []

  function text(name: Name): string | undefined {
    const file = env[`${name}_FILE`]
    if (!file) return env[name] || settings[name]
    if (env[name]) problems.push(`${name} and ${name}_FILE are both set; keep one of them`)
    try {
      const value = readFile(file).replace(/[\r\n]+$/, '')
      if (value !== '') return value
      problems.push(`${name}_FILE names a file that is empty`)
    } catch {
      problems.push(`${name}_FILE names a file that can't be read`)
    }
    return settings[name]
  }

  function whole(name: Name, min: number, max: number): number {
    const value = text(name) ?? ''
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
    if (number >= min && number <= max) return number
    problems.push(`${name} must be a whole number from ${min} to ${max}`)
    return min
  }

  /** What `parse` makes of the setting; a string it returns is the rule that was broken. */
  function parsed<T extends object>(name: Name, parse: (value: string) => T | string, unset: T): T {
    const value = text(name)
    if (value === undefined) return unset
    const result = parse(value)
    if (typeof result !== 'string') return result
    problems.push(`${name} ${result}`)
    return unset
  }

  function apps(): readonly App[] {
    const appid = text('WECHAT_APPID')
    const secret = text('WECHAT_SECRET')
    const several = parsed('WECHAT_APPS', parseApps, [])
    if (several.length > 0) {
      if (appid || secret)
        problems.push('WECHAT_APPS and WECHAT_APPID/WECHAT_SECRET are both set; keep one of them')
      return several
    }
    if (appid && !secret)
      problems.push('WECHAT_SECRET is missing: WECHAT_APPID is set, so the secret must be too')
    if (secret && !appid)
      problems.push('WECHAT_APPID is missing: WECHAT_SECRET is set, so the appid must be too')
    if (appid && secret) {
      if (!isCredential(appid) || !isCredential(secret))
        problems.push(`WECHAT_APPID and WECHAT_SECRET ${CREDENTIAL_RULE}`)
      return [{ appid, secret }]
    }
    if (!appid && !secret && !problems.some(isAboutApp) && env['NODE_ENV'] === 'production') {
      problems.push('WECHAT_APPID is missing: with NODE_ENV=production the sandbox does not start')
    }
    return []
  }

  const config: Config = {
    host: text('HOST') ?? '',
    port: whole('PORT', 0, 65_535),
    apps: apps(),
    wechatApi: parsed('WECHAT_API', parseWechatApi, new URL(settings.WECHAT_API)).origin,
    wechatTimeout: whole('WECHAT_TIMEOUT', 1, 60_000),
    sqlitePath: parsed('SESSION_STORE', parseStore, { path: '' }).path,
    lifetime: {
      ttl: whole('SESSION_TTL', 1, TEN_YEARS) * 1000,
      maxAge: whole('SESSION_MAX_AGE', 1, TEN_YEARS) * 1000,
    },
    maxSessions: whole('SESSION_MAX_PER_USER', 1, 1000),
    sessionSecrets: parsed('SESSION_SECRET', parseSecrets, []),
    openDataMaxAge: whole('OPEN_DATA_MAX_AGE', 0, TEN_YEARS) * 1000,
    serviceKeys: parsed('SERVICE_KEYS', parseServiceKeys, new Map()),
    trustedProxies: parsed('TRUST_PROXY', parseCidrs, new BlockList()),
    logLevel: text('LOG_LEVEL') ?? '',
  }
  if (!LOG_LEVELS.includes(config.logLevel))
    problems.push(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`)
  if (problems.length > 0) throw new ConfigError(problems)
  return config
}

function isAboutApp(problem: string): boolean {
  return problem.startsWith('WECHAT_APP') || problem.startsWith('WECHAT_SECRET')
}
