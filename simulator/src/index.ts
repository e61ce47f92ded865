import type { Devtools } from './devtools.js'
import { createFrequency } from './frequency.js'
import { createLogin } from './login.js'
import { checkOptions, type WxOptions } from './options.js'
import { pressPhoneButton } from './phone-button.js'
import { createRecords } from './records.js'
import { createRequest } from './request.js'
import { createStorage, infoOf } from './storage.js'
import { createUserInfo } from './user-info.js'
import { createMemoryStorage } from './web-storage.js'
import { createWeixin } from './weixin.js'
import type { WxLogin, WxStorage, WxUserInfo } from './wx.js'
import type { WxRequest } from './wx-request.js'

export * from './devtools.js'
export type { WxOptions } from './options.js'
export type { PhoneEvent } from './phone-button.js'
export { createMemoryStorage, type WebStorage } from './web-storage.js'
export * from './wx.js'
export * from './wx-request.js'

/** The part of WeChat's `wx` that is simulated, and the hand and the eyes of whoever uses the phone. */
export interface Wx extends WxStorage, WxLogin, WxRequest, WxUserInfo {
  readonly devtools: Devtools
}

/**
 * A `wx` for one user of one mini program. What it stores lasts as long as `storage` does, so a mini program that is
 * started again is another `createWx` over the same one.
 *
 * Fails with a TypeError for options that can't be used.
 */
export function createWx(options: WxOptions): Wx {
  checkOptions(options)
  const { appid, user = 'demo', hosts = {}, clock = Date.now, callsPerSecond = Infinity } = options
  const weixin = createWeixin({ weixin: options.weixin, appid, user })
  const records = createRecords(options.storage ?? createMemoryStorage(), { appid, user })
  const admit = createFrequency(clock, callsPerSecond)
  let taps = 0
  let allowed = true

  return {
    ...createStorage(records),
    ...createLogin(weixin, admit),
    ...createRequest({ appid, route: createRoute(hosts) }),
    ...createUserInfo({ weixin, admit, allows: () => allowed, isTapping: () => taps > 0 }),
    devtools: {
      storage() {
        const { currentSize, limitSize } = infoOf(records)
        const entries = [...records.all()].map(([key, { type, text, encrypted }]) => ({
          key,
          value: text,
          type,
          encrypted,
        }))
        return { entries, currentSize, limitSize }
      },
      tap(handler) {
        taps += 1
        try {
          return handler()
        } finally {
          taps -= 1
        }
      },
      async tapPhoneButton(handler, { allow = true } = {}) {
        await handler(await pressPhoneButton(weixin, allow))
      },
      allowUserInfo(allow) {
        allowed = allow
      },
    },
  }
}

/** Sends what goes to one of the hosts elsewhere; the rest goes where it says. */
function createRoute(hosts: Readonly<Record<string, string>>) {
  const targets = new Map(
    Object.entries(hosts).map(([origin, target]) => [origin.toLowerCase(), target.replace(/\/+$/, '')]),
  )
  return (url: string): string => {
    const [origin = ''] = /^https?:\/\/[^/?#]+/i.exec(url) ?? []
    const target = targets.get(origin.toLowerCase())
    return target === undefined ? url : target + url.slice(origin.length)
  }
}
