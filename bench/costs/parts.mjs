/** What the requests of cases.mjs and strange.mjs are made of. */

export const BIG = 70_000
export const token = '0'.repeat(128)
/** Of the service that bench/costs.mjs starts. */
export const serviceKey = 'k'.repeat(32)

export const bearer = `Authorization: Bearer ${token}`
export const json = 'Content-Type: application/json'
export const form = 'Content-Type: application/x-www-form-urlencoded'

/** Everything in latin1, one character a byte. */
export function request(line, headers = [], body) {
  const length = body === undefined || /chunked/.test(headers) ? [] : [`Content-Length: ${body.length}`]
  return Buffer.from(
    [`${line} HTTP/1.1`, 'Host: x', ...headers, ...length, '', body ?? ''].join('\r\n'),
    'latin1',
  )
}

export const get = (path, ...headers) => request(`GET ${path}`, headers)
export const post = (path, body, ...headers) => request(`POST ${path}`, [json, ...headers], body)
/** As many whole units as fit into the size. */
export const to = (size, unit) => unit.repeat(Math.floor(size / unit.length))
export const many = (header, times) => Array(times).fill(header)
export const names = (size) => to(size, 'a&')

export function distinct(size) {
  const all = []
  for (let n = 0, left = size; left > 0; n++) left -= all[all.push(`${n.toString(36)}=`) - 1].length + 1
  return all.join('&')
}

export const chunks = (size) => `${to(size * 6, '1\r\na\r\n')}0\r\n\r\n`

export function keys(size) {
  const fields = distinct(size).split('&')
  return `{${fields
    .map((name) => `"${name}":1`)
    .join(',')
    .slice(0, size)}}`
}
