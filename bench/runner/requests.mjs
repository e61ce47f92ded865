/** Requests as bytes, and the file of them that wrk.lua and pace.mjs read. */
import { readFileSync, writeFileSync } from 'node:fs'

/** What a counted request has in the place of its number. */
export const NUMBER = '##########'

/** `{method, path, headers?, body?}` as it goes over the wire on a kept connection. */
export function toBytes({ method, path, headers = {}, body }) {
  const fields = { Host: '127.0.0.1', ...headers, ...(body && { 'Content-Length': Buffer.byteLength(body) }) }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`
}

/** `kind` is one of `list`, `once` and `counted`; wrk.lua tells what they mean. */
export function writeRequests(file, kind, requests) {
  const all = requests.map(toBytes).map((bytes) => `${Buffer.byteLength(bytes)}\n${bytes}`)
  writeFileSync(file, `${kind} ${requests.length}\n${all.join('')}`)
}

/** `next` gives a request's bytes; those of a list begin anew, those of `once` end, after `limit` of them. */
export function readRequests(file) {
  const bytes = readFileSync(file)
  let at = 0
  const line = () => {
    const end = bytes.indexOf(10, at)
    const text = bytes.toString('latin1', at, end)
    at = end + 1
    return text
  }
  const [kind, count] = line().split(' ')
  const all = []
  for (let n = 0; n < Number(count); n++) {
    const length = Number(line())
    all.push(bytes.subarray(at, at + length))
    at += length
  }
  let sent = 0
  if (kind === 'counted') {
    const [head, tail] = all[0].toString('latin1').split(NUMBER)
    const next = () => Buffer.from(`${head}${String(++sent).padStart(10, '0')}${tail}`, 'latin1')
    return { limit: Number.POSITIVE_INFINITY, next }
  }
  const limit = kind === 'once' ? all.length : Number.POSITIVE_INFINITY
  return { limit, next: () => all[sent++ % all.length] }
}
