import { typeTag } from './calls/failure.js'
import type { WebStorage } from './storage/web-storage.js'
import type { DeviceOptions } from './types/device.js'
import type { OpenWebSocket } from './types/wx-socket.js'

export interface WxOptions {
  readonly appid: string
  /** The address of the sandbox, which plays WeChat's servers for `wx.login` and `wx.getUserInfo`. */
  readonly weixin: string
  /** The user of the phone; default `demo`. */
  readonly user?: string
  /** Default: in memory. */
  readonly storage?: WebStorage
  /** Milliseconds since 1970; default `Date.now`. */
  readonly clock?: () => number
  /**
   * Sends requests for an origin to another address, like a hosts file: `{'https://api.example.com':
   * 'http://localhost:3000'}`.
   */
  readonly hosts?: Readonly<Record<string, string>>
  /**
   * How often a function may be called in a second before it fails. WeChat allows 4 calls of `login`, `checkSession`,
   * `getUserInfo` and `getUserProfile`. Default: no limit.
   */
  readonly callsPerSecond?: number
  /** What `wx.getSystemInfoSync` and its kin tell that differs from the phone that is simulated otherwise. */
  readonly device?: DeviceOptions
  /** What `wx.getExtConfigSync` gives; default `{}`. */
  readonly extConfig?: Readonly<Record<string, unknown>>
  /**
   * Opens the sockets of `wx.connectSocket`. Default: the global `WebSocket`, which Node has from 22 on, and which sends
   * no headers in a browser. With the package `ws`: `(url, protocols, headers) => new WebSocket(url, protocols, {headers})`.
   */
  readonly webSocket?: OpenWebSocket
  /** The page at the start; default `/pages/index/index`. */
  readonly page?: string
}

const HTTP = /^https?:\/\/[^/?#\s]+/i
const ORIGIN = /^https?:\/\/[^/?#\s]+$/i

/** Throws a TypeError that names the mistake. */
export function checkOptions(options: WxOptions): void {
  const given: Partial<Record<keyof WxOptions, unknown>> = Object(options)
  const { appid, weixin, user = 'demo', storage, clock, hosts = {}, callsPerSecond = 1 } = given
  const { device = {}, extConfig = {}, page = '/', webSocket } = given
  const need = (condition: boolean, demand: string): void => {
    if (!condition) throw new TypeError(`createWx: ${demand}`)
  }
  need(isName(appid), "appid must be the mini program's id, such as 'wxd3300000000000d3'")
  need(isAddress(weixin), "weixin must be the sandbox's address, such as 'http://127.0.0.1:3000'")
  need(isName(user) && [...user].length <= 64, 'user must be a name of 1 to 64 characters')
  need(storage === undefined || isStorage(storage), 'storage must be like localStorage')
  need(clock === undefined || typeof clock === 'function', 'clock must be a function that gives milliseconds')
  need(typeTag(hosts) === 'Object', 'hosts must be an object of addresses')
  for (const [origin, target] of Object.entries(hosts as object)) {
    const isOrigin = ORIGIN.test(origin)
    need(isOrigin, `hosts: '${origin}' must be an origin without a path, such as 'https://api.example.com'`)
    need(isAddress(target), `hosts: '${origin}' must lead to an address that begins with http`)
  }
  const isRate = typeof callsPerSecond === 'number' && callsPerSecond > 0
  need(isRate, 'callsPerSecond must be a number above 0')
  need(typeTag(device) === 'Object', 'device must be an object, such as { theme: "dark" }')
  need(typeTag(extConfig) === 'Object', 'extConfig must be an object')
  need(webSocket === undefined || typeof webSocket === 'function', 'webSocket must open a WebSocket')
  need(typeof page === 'string' && page.startsWith('/'), "page must be a path, such as '/pages/index/index'")
}

function isAddress(value: unknown): boolean {
  return typeof value === 'string' && HTTP.test(value)
}

function isStorage(value: unknown): boolean {
  const like: Partial<WebStorage> = Object(value)
  return [like.getItem, like.setItem, like.removeItem, like.key].every((part) => typeof part === 'function')
}

/** Whether it can be part of a storage key and of JSON: not empty, and no lone surrogates. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !/\p{Surrogate}/u.test(value)
}
