/** Every setting on one page: the default, and the schema that makes its value of its text. Rules quote no value. */
import { BlockList, isIP } from 'node:net'
import * as z from 'zod'
import { apps } from './apps.js'
import { rules } from './rules.js'
import { store } from './store.js'

/** zod's own ip and cidr refuse a zone (`fe80::1%eth0`), which Node's isIP knows. */
const host = z
  .string()
  .refine((text) => isIP(text) !== 0 || /^[a-z\d]([\w.-]*[a-z\d])?\.?$/i.test(text))
  .register(rules, {
    en: 'must be an address or a host name, without scheme, port or brackets',
    zh: '须为地址或主机名，不带协议、端口和方括号',
  })

/** AppSecret and login codes go to this address, so it is WeChat over TLS or this very machine. */
const wechatApi = z
  .union([
    z.url({ protocol: /^https$/, hostname: /\.weixin\.qq\.com$/ }),
    z.url({ protocol: /^https?$/, hostname: /^(localhost|\[::1\]|127(\.\d+){3})$/ }),
  ])
  .transform((text) => new URL(text))
  .refine(
    ({ username, password, pathname, search, hash }) =>
      username + password + search + hash === '' && pathname === '/',
  )
  .transform(({ origin }) => origin)
  .register(rules, {
    en: 'must be https:// on a host of weixin.qq.com, or http(s):// on a loopback address, without a path',
    zh: '须为 weixin.qq.com 下的 https:// 地址，或本机回环地址的 http(s)://，且不带路径',
  })

/** The secret that seals must not be one that can be guessed; those that only open are what they were. */
const SECRET_LENGTH = 32

const sessionSecrets = z
  .string()
  .transform(listed)
  .refine((secrets) => !secrets.includes(''), {
    params: { en: 'has an empty entry between its commas', zh: '的逗号之间有空项' },
  })
  .refine(([newest = '']) => newest.length >= SECRET_LENGTH)
  .register(rules, {
    en: `is shorter than ${SECRET_LENGTH} characters; make one with: openssl rand -hex 32`,
    zh: `短于 ${SECRET_LENGTH} 个字符；可用 openssl rand -hex 32 生成`,
  })

const serviceKeys = z
  .string()
  .transform((text) =>
    listed(text).map((pair) => /^([\w.-]{1,64}):([\x21-\x7e]{32,256})$/.exec(pair)?.slice(1)),
  )
  .pipe(z.array(z.tuple([z.string(), z.string()])))
  .refine((pairs) => new Map(pairs).size === pairs.length, {
    params: { en: 'names the same key name twice', zh: '中同一个名称出现了两次' },
  })
  .transform((pairs): ReadonlyMap<string, string> => new Map(pairs))
  .register(rules, {
    en: 'must be name:key pairs, comma-separated, each key 32 to 256 visible ASCII characters',
    zh: '须为逗号分隔的 name:key，每个 key 为 32 至 256 个可见 ASCII 字符',
  })

/** RFC 1122, RFC 4291; RFC 1918, RFC 4193. */
const networks: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

/** An address alone is a network of one. */
const cidr = z.string().transform((text, context) => {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  const longest = family === 'ipv6' ? 128 : 32
  const prefix = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (isIP(address) === 0 || rest.length > 0 || !(prefix <= longest)) context.addIssue('no CIDR')
  return { address, prefix, family } as const
})

const proxies = z
  .string()
  .transform((text) => listed(text).flatMap((entry) => networks[entry.toLowerCase()] ?? entry))
  .pipe(z.array(cidr))
  .transform((cidrs) => {
    const list = new BlockList()
    for (const { address, prefix, family } of cidrs) list.addSubnet(address, prefix, family)
    return list
  })
  .register(rules, {
    en: 'must be CIDRs like 10.0.0.0/8, or loopback or private, comma-separated',
    zh: '须为逗号分隔的 CIDR（如 10.0.0.0/8），或 loopback、private',
  })

/** More than any machine has a use for: SQLite has one writer at a time. */
const MOST_WORKERS = 128

const workers = z.union([z.literal('auto'), whole(1, MOST_WORKERS)]).register(rules, {
  en: `must be a whole number from 1 to ${MOST_WORKERS}, or auto`,
  zh: `须为 1 至 ${MOST_WORKERS} 的整数，或 auto`,
})

/** A Kubernetes service that is called `metrics` gives all pods beside it such a value, which nobody meant for us. */
const SERVICE_LINK = z
  .string()
  .regex(/^(tcp|udp|sctp):\/\//)
  .transform(() => undefined)

const metricsPort = z.union([SERVICE_LINK, whole(1, 65_535)]).register(rules, {
  en: 'must be a whole number from 1 to 65535',
  zh: '须为 1 至 65535 的整数',
})

/** More than can come in a window: a limit that is higher was meant to be off. */
const MOST_OF_A_LIMIT = 1_000_000

const TEN_YEARS = 315_360_000

/** The table of docs/settings.md is held to names, order and defaults. */
export const settings = {
  HOST: { default: '0.0.0.0', schema: host },
  PORT: { default: '3000', schema: whole(0, 65_535) },
  // What is wrong with these two shows only when they are seen together.
  WECHAT_APPID: { default: undefined, schema: z.string() },
  WECHAT_SECRET: { default: undefined, schema: z.string() },
  WECHAT_APPS: { default: undefined, schema: apps },
  WECHAT_API: { default: 'https://api.weixin.qq.com', schema: wechatApi },
  WECHAT_TIMEOUT: { default: '5000', schema: whole(1, 60_000) },
  SESSION_STORE: { default: 'sqlite:data/sessions.db', schema: store },
  SESSION_TTL: { default: '259200', schema: whole(1, TEN_YEARS) },
  SESSION_MAX_AGE: { default: '2592000', schema: whole(1, TEN_YEARS) },
  SESSION_MAX_PER_USER: { default: '10', schema: whole(1, 1000) },
  SESSION_SECRET: { default: undefined, schema: sessionSecrets },
  OPEN_DATA_MAX_AGE: { default: '3600', schema: whole(0, TEN_YEARS) },
  SERVICE_KEYS: { default: undefined, schema: serviceKeys },
  TRUST_PROXY: { default: undefined, schema: proxies },
  LIMIT_LOGINS: { default: '600', schema: whole(0, MOST_OF_A_LIMIT) },
  LIMIT_DECRYPT_FAILURES: { default: '20', schema: whole(0, MOST_OF_A_LIMIT) },
  LIMIT_KEY_FAILURES: { default: '30', schema: whole(0, MOST_OF_A_LIMIT) },
  WORKERS: { default: '1', schema: workers },
  METRICS_PORT: { default: undefined, schema: metricsPort },
  LOG_FORMAT: { default: undefined, schema: word('pretty', 'json') },
  LOG_LEVEL: { default: 'info', schema: word('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent') },
} as const

export type Name = keyof typeof settings

/** Not `z.coerce.number()`, which reads an empty text as 0 and takes `0x10`. */
function whole(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .register(rules, {
      en: `must be a whole number from ${min} to ${max}`,
      zh: `须为 ${min} 至 ${max} 的整数`,
    })
}

function word<const Words extends readonly string[]>(...words: Words) {
  const list = words.join(', ')
  return z.enum(words).register(rules, { en: `must be one of ${list}`, zh: `须为以下之一：${list}` })
}

function listed(text: string): string[] {
  return text.split(',').map((entry) => entry.trim())
}
