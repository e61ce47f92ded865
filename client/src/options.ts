import { phoneTime } from './time.js'
import type { ClientOptions } from './types.js'
import { fieldsOf } from './wx.js'

/** The options with their defaults filled in. Throws a TypeError that says what is wrong. */
export function checkOptions(options: ClientOptions) {
  const given = fieldsOf(options) as Partial<ClientOptions>
  const { baseUrl, wx, appid = '', storageKey = 'r3session', time = phoneTime, random = Math.random } = given
  const refuse = (what: string) => {
    throw new TypeError(`createClient: ${what}`)
  }
  if (!wx || typeof wx.login !== 'function' || typeof wx.request !== 'function')
    return refuse("wx must be the mini program's wx")
  if (typeof baseUrl !== 'string' || !/^https?:\/\/[^/?#\s]+[^?#\s]*$/i.test(baseUrl))
    return refuse('baseUrl must be like https://login.example.com')
  if (typeof appid !== 'string' || typeof storageKey !== 'string' || storageKey === '')
    return refuse('appid and storageKey must be strings')
  return { wx, baseUrl: baseUrl.replace(/\/+$/, ''), appid, storageKey, time, random }
}
