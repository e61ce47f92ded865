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
  /** Milliseconds that a command may take. */
  readonly timeout: number
  /** Replicas that must have what is confirmed; of a single server. */
  readonly replicas: number
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
const optionForm = rule(
  'may have after it ?prefix= with letters, digits and . _ - : alone, timeout= with 50 to 10000 (ms), replicas= with 0 to 9, with & between them, and nothing else',
  '之后只能有 ?prefix=（只含字母、数字和 . _ - :）、timeout=（50 至 10000，毫秒）、replicas=（0 至 9），以 & 分隔',
)
const noReplicas = rule(
  'asks for replicas; a cluster can only be asked for them by its own min-replicas-to-write',
  '要求了 replicas；集群请改用 Redis 自身的 min-replicas-to-write',
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
  const options = optionsIn(query)
  if (options === undefined) return { broken: optionForm }
  if (options.replicas > 0 && hosts.length > 1) return { broken: noReplicas }
  const who = credentialsIn(credentials)
  if (who === undefined) return { broken: escapes }
  return {
    hosts: hosts.filter((host) => host !== undefined),
    isTls: scheme.toLowerCase() === 'rediss',
    ...who,
    database,
    ...options,
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

/** What may stand behind the `?`, each form a setting of its own. */
const optionForms: Readonly<Record<string, RegExp>> = {
  prefix: /^[\w.:-]{1,64}$/,
  timeout: /^([5-9]\d|[1-9]\d{2,3}|10000)$/,
  replicas: /^\d$/,
}

function optionsIn(query: string): Pick<RedisAddress, 'prefix' | 'timeout' | 'replicas'> | undefined {
  const given: Record<string, string> = {}
  for (const part of query === '' ? [] : query.split('&')) {
    const [name = '', value = ''] = part.split(/=(.*)/s)
    if (name in given || !optionForms[name]?.test(value)) return undefined
    given[name] = value
  }
  const { prefix = 'r3session:', timeout = '250', replicas = '0' } = given
  return { prefix, timeout: Number(timeout), replicas: Number(replicas) }
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
