import { phoneTime } from './network/time.js'
import { fieldsOf } from './network/wx.js'
import type { ClientOptions } from './types.js'

/** The options with their defaults filled in. Throws a TypeError that says what is wrong. */
export function checkOptions(options: ClientOptions) {
  const given = fieldsOf(options) as Partial<ClientOptions>
  const { wx, appid = '', storageKey = 'r3session', container } = given
  const { baseUrl = container && '', time = phoneTime, random = Math.random } = given
  const refuse = (what: string) => {
    throw new TypeError(`createClient: ${what}`)
  }
  if (!wx || typeof wx.login !== 'function' || typeof wx.request !== 'function')
    return refuse("wx must be the mini program's wx")
  if (container && !(container.env && container.service && (container.cloud || wx.cloud)))
    return refuse('container needs env and service, and wx.cloud')
  const isAddress = typeof baseUrl === 'string' && /^https?:\/\/[^/?#\s]+[^?#\s]*$/i.test(baseUrl)
  if (!isAddress && !(container && baseUrl === ''))
    return refuse('baseUrl must be like https://login.example.com')
  if (typeof appid !== 'string' || typeof storageKey !== 'string' || storageKey === '')
    return refuse('appid and storageKey must be strings')
  return { wx, baseUrl: (baseUrl as string).replace(/\/+$/, ''), appid, storageKey, container, time, random }
}
