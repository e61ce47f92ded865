/** The forms of single settings: each gives the value, or a string that is the rule that was broken. */
import { BlockList, isIP } from 'node:net'
import type { App } from './config.js'

/** What appid and AppSecret must be. */
export const CREDENTIAL_RULE = 'must be 1 to 64 visible ASCII characters'

export function isCredential(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,64}$/.test(value)
}

/** `[{appid, secret}]`, no appid twice. */
export function parseApps(value: string): App[] | string {
  const rule = `must be JSON like [{"appid":"...","secret":"..."}], where each ${CREDENTIAL_RULE}`
  let list: unknown
  try {
    list = JSON.parse(value)
  } catch {
    return rule
  }
  if (!Array.isArray(list) || list.length === 0) return rule
  const apps: App[] = []
  for (const item of list) {
    const { appid, secret } = (item ?? {}) as Partial<App>
    if (!isCredential(appid) || !isCredential(secret)) return rule
    if (apps.some((app) => app.appid === appid)) return 'names the same appid twice'
    apps.push({ appid, secret })
  }
  return apps
}

/** AppSecret and login codes go to this address, so it is WeChat over TLS or this very machine. */
export function parseWechatApi(value: string): URL | string {
  const rule =
    'must be https:// on a host of weixin.qq.com, or http(s):// on a loopback address, without a path'
  if (!URL.canParse(value)) return rule
  const url = new URL(value)
  const bare = url.username + url.password + url.search + url.hash === '' && url.pathname === '/'
  const loopback =
    url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d+){3}$/.test(url.hostname)
  const allowed = loopback
    ? ['http:', 'https:'].includes(url.protocol)
    : url.protocol === 'https:' && url.hostname.endsWith('.weixin.qq.com')
  return bare && allowed ? url : rule
}

/** `sqlite:<path>` */
export function parseStore(value: string): { path: string } | string {
  if (/^rediss?:/.test(value)) return 'names a Redis; this version keeps sessions in SQLite only'
  const path = value.startsWith('sqlite:') ? value.slice('sqlite:'.length) : ''
  return path === '' ? 'must be sqlite:<path>' : { path }
}

/** Comma-separated, none empty. */
export function parseSecrets(value: string): string[] | string {
  const secrets = value.split(',').map((secret) => secret.trim())
  return secrets.includes('') ? 'has an empty entry between its commas' : secrets
}

/** `name:key` pairs, comma-separated; no name twice. */
export function parseServiceKeys(value: string): Map<string, string> | string {
  const keys = new Map<string, string>()
  for (const pair of value.split(',')) {
    const [, name, key] = /^\s*([\w.-]{1,64}):([\x21-\x7e]{32,256})\s*$/.exec(pair) ?? []
    if (name === undefined || key === undefined) {
      return 'must be name:key pairs, comma-separated, each key 32 to 256 visible ASCII characters'
    }
    if (keys.has(name)) return 'names the same key name twice'
    keys.set(name, key)
  }
  return keys
}

/** Comma-separated; an address alone is a network of one. */
export function parseCidrs(value: string): BlockList | string {
  const list = new BlockList()
  for (const entry of value.split(',')) {
    const [address = '', bits, ...rest] = entry.trim().split('/')
    const version = isIP(address)
    const longest = version === 6 ? 128 : 32
    const prefix = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
    if (version === 0 || rest.length > 0 || !(prefix <= longest))
      return 'must be CIDRs like 10.0.0.0/8, comma-separated'
    list.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}
