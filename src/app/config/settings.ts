/** The forms of single settings: each gives the value, or the rule that was broken. Rules quote no value. */
import { BlockList, isIP } from 'node:net'
import type { Text } from '../../domain/errors.js'
import type { App } from './config.js'
import { APPID } from './names.js'

/** What a setting must be, said so that it follows the setting's name. */
export interface Rule {
  readonly rule: Text
}

export function isRule(value: object): value is Rule {
  return 'rule' in value
}

export function rule(en: string, zh: string): Rule {
  return { rule: { en, zh } }
}

/** What no value of any setting may have: it was meant for a shell, or is no text. */
export function brokenText(value: string): Rule | undefined {
  if (/^(["'`]).*\1$|^[“”].*[“”]$|^[‘’].*[‘’]$/s.test(value)) {
    return rule(
      'has quotes around its value; write it without (docker --env-file keeps them)',
      '的值带有引号，请去掉（docker 的 --env-file 会保留引号）',
    )
  }
  if (/[\0\uFFFD]/.test(value))
    return rule('is not UTF-8 text; save it as UTF-8', '不是 UTF-8 文本，请另存为 UTF-8')
  return undefined
}

/** A value without what editors and Windows put around it: a byte order mark in front, the end of a line behind. */
export function withoutMarks(value: string): string {
  return value.replace(/^\uFEFF+/, '').replace(/[\r\n]+$/, '')
}

const appidRule = rule(
  'must be wx and 16 hex digits, as the WeChat console shows it (not the original id, gh_...)',
  '须为 wx 加 16 位十六进制数，见微信公众平台后台（不是原始 ID gh_...）',
)
const secretRule = rule('must be 1 to 64 visible ASCII characters', '须为 1 至 64 个可见 ASCII 字符')
const swapped = rule(
  'is an AppSecret and WECHAT_SECRET an appid: the two are swapped',
  '填的是 AppSecret，而 WECHAT_SECRET 填的是 appid：两者写反了',
)
const secretIsAppid = rule('is an appid; it must be the AppSecret', '填的是 appid，应为 AppSecret')
const APP_SECRET = /^[0-9a-f]{32}$/i

/** What is wrong with an appid and its AppSecret, or with the one of them that is there. */
export function brokenApp({ appid, secret }: Partial<App>): { appid?: Rule; secret?: Rule } {
  if (appid && secret && APP_SECRET.test(appid) && APPID.test(secret)) return { appid: swapped }
  const broken: { appid?: Rule; secret?: Rule } = {}
  if (appid !== undefined && !APPID.test(appid)) broken.appid = appidRule
  if (secret !== undefined && APPID.test(secret)) broken.secret = secretIsAppid
  else if (secret !== undefined && !/^[\x21-\x7e]{1,64}$/.test(secret)) broken.secret = secretRule
  return broken
}

/** `[{appid, secret}]`, no appid twice. */
export function parseApps(value: string): App[] | Rule {
  const form = rule(
    'must be JSON like [{"appid":"...","secret":"..."}]',
    '须为 JSON，形如 [{"appid":"...","secret":"..."}]',
  )
  let list: unknown
  try {
    list = JSON.parse(value)
  } catch {
    return form
  }
  if (!Array.isArray(list) || list.length === 0) return form
  const apps: App[] = []
  for (const [index, item] of list.entries()) {
    const { appid, secret } = (item ?? {}) as Partial<App>
    if (typeof appid !== 'string' || typeof secret !== 'string') return form
    const broken = brokenApp({ appid, secret })
    if (broken.appid !== undefined) return inApps(`[${index}].appid`, broken.appid)
    if (broken.secret !== undefined) return inApps(`[${index}].secret`, broken.secret)
    if (apps.some((app) => app.appid === appid))
      return rule('names the same appid twice', '中同一个 appid 出现了两次')
    apps.push({ appid, secret })
  }
  return apps
}

function inApps(place: string, { rule: { en, zh } }: Rule): Rule {
  const said = (text: string) => `${place} ${text.replace('WECHAT_SECRET', 'secret')}`
  return rule(said(en), said(zh))
}

/** An address or a name of this machine. */
export function parseHost(value: string): { host: string } | Rule {
  if (isIP(value) !== 0 || /^[a-z\d]([\w.-]*[a-z\d])?\.?$/i.test(value)) return { host: value }
  return rule(
    'must be an address or a host name, without scheme, port or brackets',
    '须为地址或主机名，不带协议、端口和方括号',
  )
}

/** AppSecret and login codes go to this address, so it is WeChat over TLS or this very machine. */
export function parseWechatApi(value: string): URL | Rule {
  const form = rule(
    'must be https:// on a host of weixin.qq.com, or http(s):// on a loopback address, without a path',
    '须为 weixin.qq.com 下的 https:// 地址，或本机回环地址的 http(s)://，且不带路径',
  )
  if (!URL.canParse(value)) return form
  const url = new URL(value)
  const bare = url.username + url.password + url.search + url.hash === '' && url.pathname === '/'
  const loopback =
    url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d+){3}$/.test(url.hostname)
  const allowed = loopback
    ? ['http:', 'https:'].includes(url.protocol)
    : url.protocol === 'https:' && url.hostname.endsWith('.weixin.qq.com')
  return bare && allowed ? url : form
}

/** A path that can be shown again: none of the URLs that may hold a password. */
const PLAIN_PATH = /^[\w./-]{1,200}$/

/** `sqlite:<path>` */
export function parseStore(value: string): { path: string } | Rule {
  const meant = (store: string, en: string, zh: string) =>
    rule(`${en}; did you mean ${store}?`, `${zh}；是否想写 ${store}？`)
  const only = (path: string) => meant(`sqlite:${path}`, 'must be sqlite:<path>', '须为 sqlite:<路径>')
  if (/^rediss?:/i.test(value))
    return rule(
      'names a Redis; this version keeps sessions in SQLite only',
      '指定了 Redis；此版本只支持 SQLite',
    )
  if (value === ':memory:') return only(':memory:')
  const [, path] = /^sqlite:(.*)$/s.exec(value) ?? []
  if (path === undefined) {
    const [, loose = ''] = /^(?:sqlite3?|file):(?:\/\/(?=\/|[^/]))?(.*)$/i.exec(value) ?? []
    if (PLAIN_PATH.test(loose)) return only(loose)
    return only(PLAIN_PATH.test(value) ? value : 'data/sessions.db')
  }
  if (path === '' || path.trim() !== path) return rule('must be sqlite:<path>', '须为 sqlite:<路径>')
  if (/^~|^%\w+%|^\$/.test(path)) {
    return meant(
      'sqlite:/home/me/sessions.db',
      'must be a whole path: ~ and $HOME are not replaced here',
      '须写完整路径：此处不展开 ~ 和 $HOME',
    )
  }
  if (path.startsWith('//')) {
    const plain = path.replace(/^\/+/, path.startsWith('///') ? '/' : '')
    return meant(
      `sqlite:${PLAIN_PATH.test(plain) ? plain : 'data/sessions.db'}`,
      'must have no // in front of its path',
      '的路径前不应有 //',
    )
  }
  if (/[/\\]$/.test(path) || /(^|\/)\.{1,2}$/.test(path)) {
    return meant(
      `sqlite:${PLAIN_PATH.test(path) ? path.replace(/\/$/, '') : 'data'}/sessions.db`,
      'must name a file, not a folder',
      '须为文件，而不是文件夹',
    )
  }
  return { path }
}

/** The secret that seals must not be one that can be guessed; those that only open are what they were. */
const SECRET_LENGTH = 32

/** Comma-separated, none empty. */
export function parseSecrets(value: string): string[] | Rule {
  const secrets = value.split(',').map((secret) => secret.trim())
  if (secrets.includes('')) return rule('has an empty entry between its commas', '的逗号之间有空项')
  if ((secrets[0] ?? '').length < SECRET_LENGTH) {
    return rule(
      `is shorter than ${SECRET_LENGTH} characters; make one with: openssl rand -hex 32`,
      `短于 ${SECRET_LENGTH} 个字符；可用 openssl rand -hex 32 生成`,
    )
  }
  return secrets
}

/** `name:key` pairs, comma-separated; no name twice. */
export function parseServiceKeys(value: string): Map<string, string> | Rule {
  const keys = new Map<string, string>()
  for (const pair of value.split(',')) {
    const [, name, key] = /^\s*([\w.-]{1,64}):([\x21-\x7e]{32,256})\s*$/.exec(pair) ?? []
    if (name === undefined || key === undefined) {
      return rule(
        'must be name:key pairs, comma-separated, each key 32 to 256 visible ASCII characters',
        '须为逗号分隔的 name:key，每个 key 为 32 至 256 个可见 ASCII 字符',
      )
    }
    if (keys.has(name)) return rule('names the same key name twice', '中同一个名称出现了两次')
    keys.set(name, key)
  }
  return keys
}

/** RFC 1122, RFC 4291; RFC 1918, RFC 4193. */
const networks: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

/** CIDRs, addresses, `loopback` and `private`, comma-separated; an address alone is a network of one. */
export function parseCidrs(value: string): BlockList | Rule {
  const list = new BlockList()
  const entries = value.split(',').map((entry) => entry.trim())
  for (const entry of entries.flatMap((entry) => networks[entry.toLowerCase()] ?? [entry])) {
    const [address = '', bits, ...rest] = entry.split('/')
    const version = isIP(address)
    const longest = version === 6 ? 128 : 32
    const prefix = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
    if (version === 0 || rest.length > 0 || !(prefix <= longest))
      return rule(
        'must be CIDRs like 10.0.0.0/8, or loopback or private, comma-separated',
        '须为逗号分隔的 CIDR（如 10.0.0.0/8），或 loopback、private',
      )
    list.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}
