/** `SESSION_STORE=redis://...`: one server, or with several hosts the nodes of a cluster. */
import { type Rule, rule } from './rules.js'

/** Where Redis is, and what is asked there. */
export interface RedisAddress {
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly isTls: boolean
  readonly username?: string
  readonly password?: string
  readonly database: number
  /** What the names of all keys begin with. */
  readonly prefix: string
}

const FORM = /^(rediss?):\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^/?#]*))?(?:\?([^#]*))?$/i
const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i

const form = rule(
  'must be redis://<host>:<port>, rediss:// for TLS, for a cluster with several hosts between commas',
  '须为 redis://<主机>:<端口>；TLS 用 rediss://；集群以逗号分隔多个主机',
)
const noDatabase = rule(
  'names a database by number; a cluster has only one',
  '指定了数据库编号；集群只有一个数据库',
)
const prefixForm = rule(
  'may have ?prefix= after it, with letters, digits and . _ - : alone, and nothing else',
  '之后只能有 ?prefix=，其值只含字母、数字和 . _ - :',
)
const escapes = rule(
  'has a user name or password with a % that escapes nothing: write it as %25',
  '的用户名或密码中有无效的 %，请写作 %25',
)

/** The address in a text, or the rule that it breaks. Holds no part of the text: it may have a password in it. */
export function redisAddress(text: string): RedisAddress | { readonly broken: Rule } {
  const [, scheme, credentials, list = '', path = '', query = ''] = FORM.exec(text) ?? []
  if (scheme === undefined) return { broken: form }
  const hosts = list.split(',').map(hostIn)
  if (hosts.some((host) => host === undefined)) return { broken: form }
  if (!/^\d{0,3}$/.test(path)) return { broken: form }
  const database = Number(path)
  if (database !== 0 && hosts.length > 1) return { broken: noDatabase }
  const [, prefix] = query === '' ? [null, 'r3session:'] : (/^prefix=([\w.:-]{1,64})$/.exec(query) ?? [])
  if (prefix === undefined) return { broken: prefixForm }
  const who = credentialsIn(credentials)
  if (who === undefined) return { broken: escapes }
  return {
    hosts: hosts.filter((host) => host !== undefined),
    isTls: scheme.toLowerCase() === 'rediss',
    ...who,
    database,
    prefix,
  }
}

/** For showing: without user name and password. */
export function redisPlace({ hosts, isTls, database }: RedisAddress): string {
  const list = hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`)
  return `${isTls ? 'rediss' : 'redis'}://${list.join(',')}${database === 0 ? '' : `/${database}`}`
}

function hostIn(text: string): { host: string; port: number } | undefined {
  const [, host, port = '6379'] = HOST.exec(text) ?? []
  const number = Number(port)
  if (host === undefined || number < 1 || number > 65_535) return undefined
  return { host: host.replace(/^\[|\]$/g, ''), port: number }
}

/** `user:password`, `:password` or nothing, percent-encoded. */
function credentialsIn(text: string | undefined): { username?: string; password?: string } | undefined {
  if (text === undefined) return {}
  const colon = text.indexOf(':')
  try {
    const username = decodeURIComponent(colon < 0 ? text : text.slice(0, colon))
    const password = colon < 0 ? '' : decodeURIComponent(text.slice(colon + 1))
    return { ...(username && { username }), ...(password && { password }) }
  } catch {
    return undefined
  }
}
