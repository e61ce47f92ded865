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

/** The simulated part of WeChat's `wx`, and `devtools` for what the user of the phone does and sees. */
export interface Wx extends WxStorage, WxLogin, WxRequest, WxUserInfo {
  readonly devtools: Devtools
}

/**
 * Creates a `wx` for one user of one mini program. Stored data lasts as long as `storage`: to restart the mini program,
 * call `createWx` again with the same `storage`.
 *
 * Throws a TypeError for invalid options.
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

/** Gives the address that a request really goes to: another one for an origin in `hosts`, otherwise the same. */
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
