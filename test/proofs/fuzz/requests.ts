import type { Dice } from '../../support/genuine-data.js'
import { any, formText, jsonText, mangled, oddText, oneIn, perhaps } from './values.js'

/** What genuine requests are made of. */
export interface Genuine {
  readonly tokens: readonly string[]
  readonly serviceKey: string
  readonly openid: string
  readonly appid: string
  /** Of the first token's user. */
  readonly sealed: Readonly<Record<string, string>>
}

interface Kind {
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly fields?: Readonly<Record<string, string>>
  readonly by?: 'token' | 'key'
}

/** Genuine requests for every route there is. */
export function kindsOf({ openid, appid, sealed, tokens }: Genuine): readonly Kind[] {
  const users = `/v1/users/${openid}`
  const code = '0e1SYNTHETIC000000000000000000c0'
  const [token = ''] = tokens
  const { encryptedData = '', iv = '' } = sealed
  return [
    { method: 'POST', path: '/v1/login', fields: { code, appid, phoneCode: code } },
    { method: 'GET', path: '/v1/session', by: 'token' },
    { method: 'DELETE', path: '/v1/session', by: 'token' },
    { method: 'POST', path: '/v1/decrypt', by: 'token', fields: sealed },
    { method: 'POST', path: '/v1/phone-number', by: 'token', fields: { code } },
    { method: 'POST', path: '/v1/session/check', by: 'token' },
    { method: 'POST', path: '/v1/session/reset-key', by: 'token' },
    { method: 'GET', path: '/user/getuserinfo', query: { code } },
    { method: 'POST', path: '/user/getuserinfo', fields: { code } },
    { method: 'GET', path: '/user/getuserunionid', query: { r3session: token, encryptedData, iv } },
    { method: 'POST', path: '/user/getuserunionid', fields: { r3session: token, ...sealed } },
    { method: 'GET', path: '/v1/auth', by: 'token' },
    { method: 'GET', path: '/v1/auth/api/orders', by: 'token' },
    { method: 'POST', path: '/v1/introspect', by: 'key', fields: { token } },
    { method: 'GET', path: '/v1/access-token', by: 'key', query: { appid } },
    { method: 'GET', path: `${users}/sessions`, by: 'key', query: { appid } },
    { method: 'DELETE', path: `/v1/users/nobody/sessions`, by: 'key', query: { appid } },
    {
      method: 'DELETE',
      path: `${users}/sessions/7c0d5e1f2a3b4c5d6e7f8091a2b3c4d5`,
      by: 'key',
      query: { appid },
    },
    { method: 'DELETE', path: '/v1/users/nobody', by: 'key', query: { appid } },
    { method: 'POST', path: '/v1/sign', by: 'key', fields: { openid, data: '{"a":1}', appid } },
    { method: 'GET', path: `${users}/encrypt-keys`, by: 'key', query: { appid } },
    { method: 'GET', path: '/healthz' },
    { method: 'GET', path: '/readyz' },
    { method: 'GET', path: '/metrics', by: 'key' },
    { method: 'GET', path: '/nowhere' },
    { method: 'POST', path: '/sandbox/login', fields: { user: 'ann' } },
    { method: 'POST', path: '/sandbox/user-info', fields: { user: 'ann' } },
    { method: 'POST', path: '/sandbox/phone-code', fields: { user: 'ann' } },
    { method: 'GET', path: '/sandbox/calls', query: { after: '0' } },
    { method: 'GET', path: '/sandbox/session', by: 'token' },
  ]
}

const methods = [
  'GET',
  'POST',
  'DELETE',
  'PUT',
  'PATCH',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'SEARCH',
  'QUERY',
]

/** Fields of the header that mean something to somebody on the way, and values for them. */
const headers: readonly (readonly [string, readonly string[]])[] = [
  ['Accept', ['*/*', 'text/html', 'application/json;q=0']],
  ['Accept-Language', ['zh', 'zh-CN,zh;q=0.9,en;q=0', 'a;q=,', '*']],
  ['Content-Encoding', ['gzip', 'identity', 'br', '']],
  ['Expect', ['100-continue', '200-ok', '']],
  ['Upgrade', ['websocket', 'h2c', 'HTTP/2.0']],
  ['Connection', ['keep-alive', 'Upgrade', 'X-Request-Id', '']],
  ['X-Request-Id', ['0123456789abcdef0123', 'canary', '']],
  ['X-Forwarded-For', ['1.2.3.4', '::1, 9.9.9.9', 'x']],
  ['Forwarded', ['for=1.2.3.4;proto=https']],
  ['Idempotency-Key', ['k', 'a'.repeat(255), 'a'.repeat(256), '\xe9']],
  ['Cookie', ['r3session=1', 'a=b; '.repeat(50)]],
  ['Range', ['bytes=0-1', 'bytes=-']],
  ['If-None-Match', ['*', '"x"']],
  ['If-Modified-Since', ['Thu, 01 Jan 1970 00:00:00 GMT']],
  ['Origin', ['https://servicewechat.com', 'null']],
  ['TE', ['trailers']],
  ['X-HTTP-Method-Override', ['DELETE']],
  [
    'Content-Type',
    ['text/plain', 'multipart/form-data; boundary=x', 'application/json; charset=gbk', 'a', ''],
  ],
  ['Max-Forwards', ['0']],
]

const visible = (text: string) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '')

/**
 * One request whose framing is right whatever else is odd about it, so that it has exactly one answer.
 *
 * @param isLast whether it asks for the end of the connection
 */
export function framed(dice: Dice, kinds: readonly Kind[], genuine: Genuine, isLast: boolean): string {
  const kind = any(dice, kinds)
  const method = oneIn(dice, 8) ? any(dice, methods) : kind.method
  const path = oneIn(dice, 10) ? mangled(dice, kind.path) : kind.path
  let query = kind.query ? `?${formText(dice, kind.query)}` : ''
  if (oneIn(dice, 15)) query += `${query ? '&' : '?'}${formText(dice, { a: oddText(dice) })}`
  const target = `${path}${query}`.replace(/[^\x21-\x7e]/g, '') || '/'
  const lines = [
    `${method} ${target.startsWith('/') || oneIn(dice, 2) ? target : `/${target}`} HTTP/1.1`,
    'Host: x',
  ]

  if (kind.by) {
    const given = kind.by === 'key' ? genuine.serviceKey : any(dice, genuine.tokens)
    const basic = `Basic ${Buffer.from(`bench:${given}`).toString('base64')}`
    const credentials = any(dice, [`Bearer ${given}`, `Bearer ${given}`, `bearer  ${given}`, basic])
    if (!oneIn(dice, 12)) lines.push(`Authorization: ${visible(perhaps(dice, credentials, 8))}`)
  }
  for (let more = oneIn(dice, 3) ? dice(4) : 0; more > 0; more--) {
    const [name, values] = any(dice, headers)
    lines.push(`${name}: ${visible(perhaps(dice, any(dice, values), 6))}`)
  }
  if (oneIn(dice, 60)) lines.push(...Array.from({ length: dice(260) }, (_, n) => `X-${n}: ${n}`))
  if (isLast) lines.push('Connection: close')

  const hasBody = kind.fields ? !oneIn(dice, 12) : oneIn(dice, 12)
  if (!hasBody) return `${lines.join('\r\n')}\r\n\r\n`
  const isJson = !oneIn(dice, 4)
  const fields = kind.fields ?? { a: 'b' }
  let body = isJson ? jsonText(dice, fields) : formText(dice, fields)
  if (oneIn(dice, 15)) body = any(dice, [Object.values(fields)[0] ?? '', oddText(dice), `"${oddText(dice)}"`])
  if (oneIn(dice, 80)) body = body.padEnd(any(dice, [16_384, 16_385, 65_536, 65_537, 20_000]), ' ')
  if (!oneIn(dice, 10)) {
    lines.push(`Content-Type: ${isJson ? 'application/json' : 'application/x-www-form-urlencoded'}`)
  }
  if (!oneIn(dice, 5)) lines.push(`Content-Length: ${body.length}`)
  else {
    lines.push('Transfer-Encoding: chunked')
    body = chunked(dice, body)
  }
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

function chunked(dice: Dice, body: string): string {
  let text = ''
  // More than 32 of next to nothing are another matter: `unframed` has those.
  const most = Math.max(any(dice, [1, 7, 200, 70_000]), body.length / 8)
  for (let at = 0; at < body.length; ) {
    const piece = body.slice(at, at + 1 + dice(Math.ceil(most)))
    const zeros = '0'.repeat(oneIn(dice, 6) ? dice(4) : 0)
    text += `${zeros}${piece.length.toString(16)}${oneIn(dice, 9) ? ';a="b"' : ''}\r\n${piece}\r\n`
    at += piece.length
  }
  return `${text}0\r\n${oneIn(dice, 9) ? 'X-Trailer: 1\r\n' : ''}\r\n`
}

/** Bytes that may be no request at all: what comes back has to be proper HTTP all the same, and the connection to end. */
export function unframed(dice: Dice, kinds: readonly Kind[], genuine: Genuine): string {
  const request = framed(dice, kinds, genuine, false)
  const end = request.indexOf('\r\n\r\n')
  const [head, body] = [request.slice(0, end), request.slice(end + 4)]
  const post = 'POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
  const hidden = `GET /v1/session HTTP/1.1\r\nHost: x\r\n\r\n`
  return any(dice, [
    () => mangled(dice, request),
    () => mangled(dice, mangled(dice, head)) + body,
    () => request.slice(0, dice(request.length)),
    () =>
      `CONNECT ${any(dice, ['x:1', '/', '*', oddText(dice)])} HTTP/1.1\r\nHost: x\r\n\r\n${oddText(dice)}`,
    () => `${head}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n${body}`,
    () => `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
    () => `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${oddText(dice)}`,
    () =>
      `${head.replace('HTTP/1.1', any(dice, ['HTTP/1.0', 'HTTP/0.9', 'HTTP/1.2', 'HTTP/2.0', 'HTTP', '']))}\r\n\r\n${body}`,
    // Two that disagree on where the body ends.
    () => `${post}Content-Length: ${dice(60)}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    () =>
      `${post}Transfer-Encoding: ${any(dice, ['xchunked', 'chunked, identity', 'identity', ' chunked', 'chunked\x0b', 'gzip, chunked'])}\r\n\r\n0\r\n\r\n${hidden}`,
    () => `${post}Content-Length: 2\r\nContent-Length: ${dice(9)}\r\n\r\n{}${hidden}`,
    () =>
      `${post}Content-Length: ${any(dice, ['-1', '+2', '2,2', '0x2', '1e1', '99999999999999999999', ' 2 ', ''])}\r\n\r\n{}${hidden}`,
    () => `${post}Content-Length : 2\r\n\r\n{}${hidden}`,
    () =>
      `${post}Transfer-Encoding: chunked\r\n\r\n${any(dice, ['-1', 'g', '', '0x2', 'ffffffffffffffff', '2 ', '2\n'])}\r\n{}\r\n0\r\n\r\n${hidden}`,
    () =>
      `${post}Transfer-Encoding: chunked\r\n\r\n${'1\r\na\r\n'.repeat(dice(3000))}${any(dice, ['0\r\n\r\n', '', 'x'])}${hidden}`,
    () => `${post}Transfer-Encoding: chunked\r\n\r\n2;${'a'.repeat(dice(20_000))}\r\n{}\r\n0\r\n\r\n`,
    () => `${post}Transfer-Encoding: chunked\r\n\r\n0\r\n${'T: a\r\n'.repeat(dice(3000))}\r\n${hidden}`,
    () => request.replaceAll('\r\n', any(dice, ['\n', '\r', '\r\r\n', '\r\n '])),
    () =>
      `GET /v1/session HTTP/1.1\r\n${any(dice, ['', 'Host: x\r\nHost: y\r\n', 'Host: a b\r\n', 'Host:\r\n'])}\r\n`,
    () => `${any(dice, ['\r\n\r\n', ' ', '\x00', oddText(dice)])}${request}`,
    () =>
      `GET ${any(dice, ['http://x/v1/session', 'http://[', '*', '//', '?', 'x:1', `/${'a'.repeat(dice(90_000))}`])} HTTP/1.1\r\nHost: x\r\n\r\n`,
    () => `GET /v1/session HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(dice(90_000))}\r\n\r\n`,
    () => hidden.repeat(dice(30)),
  ])()
}
