import { typeTag, WxFailure, wrongParameter } from '../calls/failure.js'
import type { RequestOption } from '../types/wx-request.js'

/** A request as it is sent. */
export interface Message {
  readonly url: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly body: string | ArrayBuffer | null
}

const METHODS = ['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT']

const FORM = 'application/x-www-form-urlencoded'

/** Builds the request from the options of `wx.request`. Throws a WxFailure, or the error of `JSON.stringify`. */
export function messageOf(options: RequestOption<unknown>, referer: string): Message {
  const { url, data } = options
  if (typeof url !== 'string') throw wrongParameter('parameter.url', 'String', url)
  if (!/^https?:\/\//i.test(url)) throw new WxFailure(`invalid url "${url}"`)
  const method = methodOf(options.method)
  const headers = headersOf(options.header, referer)
  if (method === 'GET') return { url: withQuery(url, data), method, headers, body: null }
  // Fetch refuses a body with HEAD.
  const body = method === 'HEAD' ? null : bodyOf(data, headers['content-type'] ?? '')
  return { url, method, headers, body }
}

function methodOf(method: unknown = 'GET'): string {
  if (typeof method !== 'string') throw wrongParameter('parameter.method', 'String', method)
  const name = method.toUpperCase()
  if (!METHODS.includes(name)) throw new WxFailure(`invalid method "${method}"`)
  return name
}

/** Turns values into strings. `content-type` is always set, in lower case. Only WeChat sets Referer. */
function headersOf(header: unknown, referer: string): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  for (const [name, value] of Object.entries(header ?? {})) {
    const known = name.toLowerCase()
    if (known === 'referer') continue
    headers[known === 'content-type' ? known : name] = String(value)
  }
  // Node's fetch sends it; a browser leaves it out.
  return { ...headers, Referer: referer }
}

/** Adds an object to the query and replaces parameters of the same names. Ignores data of other types. */
function withQuery(url: string, data: unknown): string {
  if (typeof data !== 'object' || data === null || isBuffer(data)) return url
  const [, address = '', query = '', fragment = ''] = /^([^?#]*)\??([^#]*)(.*)$/s.exec(url) ?? []
  const given = Object.entries(data)
  const names = new Set(given.map(([name]) => name))
  const kept = query.split('&').filter((pair) => pair !== '' && !names.has(decoded(pair.split('=')[0] ?? '')))
  const added = given.map(([name, value]) => {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
    return `${encodeURIComponent(name)}=${encodeURIComponent(text)}`
  })
  const parameters = [...kept, ...added].join('&')
  return address + (parameters === '' ? '' : `?${parameters}`) + fragment
}

function bodyOf(data: unknown, contentType: string): string | ArrayBuffer | null {
  if (data === undefined) return null
  if (typeof data === 'string' || isBuffer(data)) return data
  if (!contentType.includes(FORM)) return JSON.stringify(data)
  return Object.entries(data ?? {})
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&')
}

function isBuffer(data: unknown): data is ArrayBuffer {
  return typeTag(data) === 'ArrayBuffer'
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
