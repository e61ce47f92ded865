import { createRateLimit } from './calls/rate-limit.js'
import { checkOptions, type WxOptions } from './options.js'
import { createRequest } from './request/request.js'
import { createRecords } from './storage/records.js'
import { createStorage, infoOf } from './storage/storage.js'
import { createMemoryStorage } from './storage/web-storage.js'
import type { Devtools } from './types/devtools.js'
import type { WxLogin, WxStorage, WxUserInfo } from './types/wx.js'
import type { WxRequest } from './types/wx-request.js'
import { createLogin } from './weixin/login.js'
import { pressPhoneButton } from './weixin/phone-button.js'
import { createUserInfo } from './weixin/user-info.js'
import { createWeixin } from './weixin/weixin.js'

export type { WxOptions } from './options.js'
export { createMemoryStorage, type WebStorage } from './storage/web-storage.js'
export * from './types/devtools.js'
export * from './types/wx.js'
export * from './types/wx-request.js'

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
  const checkRate = createRateLimit(clock, callsPerSecond)
  let taps = 0
  let allowed = true

  return {
    ...createStorage(records),
    ...createLogin(weixin, checkRate),
    ...createRequest({ appid, route: createRoute(hosts) }),
    ...createUserInfo({ weixin, checkRate, allows: () => allowed, isTapping: () => taps > 0 }),
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
