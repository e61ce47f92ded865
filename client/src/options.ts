import { phoneTime } from './time.js'
import type { ClientOptions } from './types.js'
import { fieldsOf } from './wx.js'

/** The options with their defaults, or a TypeError that says what is wrong. */
export function checkOptions(options: ClientOptions) {
  const {
    baseUrl,
    wx,
    appid,
    storageKey = 'r3session',
    time = phoneTime,
    random = Math.random,
  } = fieldsOf(options) as Partial<ClientOptions>
  if (wx === undefined || typeof wx.login !== 'function' || typeof wx.request !== 'function')
    throw new TypeError('createClient: wx must be the mini program’s wx, with login and request')
  if (typeof baseUrl !== 'string' || !/^https?:\/\/[^/?#\s]+[^?#\s]*$/i.test(baseUrl))
    throw new TypeError('createClient: baseUrl must be like https://login.example.com, without a query')
  if (appid !== undefined && typeof appid !== 'string')
    throw new TypeError('createClient: appid must be a string')
  if (typeof storageKey !== 'string' || storageKey === '')
    throw new TypeError('createClient: storageKey must be a string that is not empty')
  return { wx, baseUrl: baseUrl.replace(/\/+$/, ''), appid, storageKey, time, random }
}
