/** An operation as commands for a shell, which work as they are pasted wherever that is possible. */
import type { Entry } from './operation.js'

/** What the commands are for. */
export interface Target {
  /** Scheme and host of the service. */
  readonly origin: string
  /** Whether it has a sandbox, which gives codes and sealed data to whoever asks. */
  readonly hasSandbox: boolean
}

/** The commands, and the names of the variables that the reader has to fill in first. */
export interface Commands {
  readonly text: string
  readonly missing: readonly string[]
}

/** Fields whose value no example can stand for, with the shell variable that holds it. */
const variables: Readonly<Record<string, string>> = {
  r3session: 'r3session',
  token: 'r3session',
  openid: 'openid',
  id: 'id',
  code: 'code',
  encryptedData: 'encryptedData',
  iv: 'iv',
  serviceKey: 'serviceKey',
}

/** The order in which they are set: the later ones use the earlier. */
const order = ['serviceKey', 'r3session', 'openid', 'id', 'code', 'encryptedData', 'iv']

export function curl({ method, path, operation }: Entry, target: Target): Commands {
  const { security, parameters, requestBody } = operation
  const used = new Set<string>()
  const use = (field: string) => {
    const variable = variables[field]
    if (variable !== undefined) used.add(variable)
    return variable
  }

  const address = path.replace(/\{(\w+)\}/g, (_, name) => `$${use(name) ?? name}`)
  // The first of several schemes is the simplest to send.
  const credentials = security
    .slice(0, 1)
    .flatMap((needed) => Object.keys(needed))
    .map((scheme) => `-H "Authorization: Bearer $${use(scheme)}"`)
  const query = parameters
    .filter(({ in: place, required }) => place === 'query' && required)
    .map(({ name, schema: { examples } }) => {
      const variable = use(name)
      return `--data-urlencode ${variable ? `"${name}=$${variable}"` : `'${quoted(`${name}=${examples?.[0] ?? ''}`)}'`}`
    })
  const bodies = Object.entries(requestBody?.content ?? {}).slice(0, 1)
  const sent = bodies.flatMap(([type, { example }]) => [
    `-H 'Content-Type: ${type}'`,
    `-d '{${Object.entries(example ?? {})
      .map(([name, value]) => {
        const variable = use(name)
        return `"${name}":${variable ? `"'"$${variable}"'"` : quoted(JSON.stringify(value))}`
      })
      .join(',')}}'`,
  ])
  const verb = method === 'GET' ? (query.length > 0 ? ' -G' : '') : ` -X ${method}`
  const command = [`curl${verb} "${target.origin}${address}"`, ...credentials, ...query, ...sent]

  // The sandbox tells an openid only to its session.
  if (used.has('openid') && target.hasSandbox) used.add('r3session')
  const needed = order.filter((name) => used.has(name))
  const sources = target.hasSandbox ? sandboxSources(target.origin, path) : {}
  const missing = needed.filter((name) => sources[name] === undefined)
  const setting = needed.flatMap((name) => sources[name] ?? [`${name}='…'`])
  return { text: [...setting, command.join(' \\\n  ')].join('\n'), missing }
}

/** How the sandbox gives each of them. */
function sandboxSources(origin: string, path: string): Readonly<Record<string, readonly string[]>> {
  const post = (step: string) => `curl -s -X POST "${origin}/sandbox/${step}"`
  const field = (name: string) => `sed 's/.*"${name}":"//; s/".*//'`
  const sealed = (name: string) => `${name}=$(printf '%s' "$sealed" | ${field(name)})`
  return {
    r3session: [`r3session=$(${post('login')} |`, `  curl -s "${origin}/user/getuserinfo" -d @-)`],
    openid: [
      `openid=$(curl -s "${origin}/v1/session" -H "Authorization: Bearer $r3session" |`,
      `  ${field('openid')})`,
    ],
    id: [
      `id=$(curl -s "${origin}/v1/users/$openid/sessions" -H "Authorization: Bearer $serviceKey" |`,
      `  ${field('id')})`,
    ],
    code: [`code=$(${post(path === '/v1/phone-number' ? 'phone-code' : 'login')} |`, `  ${field('code')})`],
    encryptedData: [`sealed=$(${post('user-info')})`, sealed('encryptedData')],
    iv: [sealed('iv')],
  }
}

/** Within single quotes a shell takes all but the quote itself as it is. */
function quoted(text: string): string {
  return text.replaceAll("'", "'\\''")
}
