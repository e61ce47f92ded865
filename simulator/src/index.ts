import { createRateLimit } from './calls/rate-limit.js'
import { createDevice } from './device/device.js'
import { createSettings } from './device/settings.js'
import { checkOptions, type WxOptions } from './options.js'
import { createFiles } from './request/files.js'
import { createRequest } from './request/request.js'
import { createSockets, openGlobalWebSocket } from './request/socket.js'
import { createTransfers } from './request/transfers.js'
import { createScreen } from './screen/screen.js'
import { createRecords } from './storage/records.js'
import { createStorage, infoOf } from './storage/storage.js'
import { createMemoryStorage } from './storage/web-storage.js'
import type { WxDevice } from './types/device.js'
import type { Devtools } from './types/devtools.js'
import type { WxScreen } from './types/screen.js'
import type { WxSealed } from './types/sealed.js'
import type { WxSettings } from './types/settings.js'
import type { WxLogin, WxStorage, WxUserInfo } from './types/wx.js'
import type { WxFiles } from './types/wx-files.js'
import type { WxCrypto, WxPayment } from './types/wx-keys.js'
import type { WxRequest } from './types/wx-request.js'
import type { WxSocket } from './types/wx-socket.js'
import { createCrypto } from './weixin/crypto-manager.js'
import { createLogin } from './weixin/login.js'
import { pressPhoneButton } from './weixin/phone-button.js'
import { createSealed } from './weixin/sealed.js'
import { createUserInfo } from './weixin/user-info.js'
import { createPayment } from './weixin/virtual-payment.js'
import { createWeixin } from './weixin/weixin.js'

export type { WxOptions } from './options.js'
export { createMemoryStorage, type WebStorage } from './storage/web-storage.js'
export * from './types/device.js'
export * from './types/devtools.js'
export * from './types/screen.js'
export * from './types/sealed.js'
export * from './types/settings.js'
export * from './types/wx.js'
export * from './types/wx-files.js'
export * from './types/wx-keys.js'
export * from './types/wx-request.js'
export * from './types/wx-socket.js'

/** The simulated part of WeChat's `wx`, and `devtools` for what the user of the phone does and sees. */
export interface Wx
  extends WxStorage,
    WxLogin,
    WxRequest,
    WxFiles,
    WxSocket,
    WxUserInfo,
    WxSealed,
    WxDevice,
    WxSettings,
    WxScreen,
    WxPayment,
    WxCrypto {
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
  const { device = {}, extConfig = {}, page = '/pages/index/index' } = options
  const weixin = createWeixin({ weixin: options.weixin, appid, user })
  const records = createRecords(options.storage ?? createMemoryStorage(), { appid, user })
  const checkRate = createRateLimit(clock, callsPerSecond)
  const files = createFiles()
  const network = { appid, route: createRoute(hosts), files }
  let taps = 0
  let inGroup = false
  let pays = true
  const phone = createDevice({ appid, device, extConfig, has: (name) => Object.hasOwn(functions, name) })
  const settings = createSettings(checkRate)
  const screen = createScreen(clock, page)

  const functions = {
    ...createStorage(records),
    ...createLogin(weixin, checkRate),
    ...createRequest(network),
    ...createTransfers(network),
    ...createSockets({ ...network, openWebSocket: options.webSocket ?? openGlobalWebSocket }),
    ...createUserInfo({ weixin, checkRate, allows: settings.allowsUserInfo, isTapping: () => taps > 0 }),
    ...createSealed({ weixin, demand: settings.demand, isInGroup: () => inGroup }),
    ...createPayment(weixin, () => pays),
    ...createCrypto(weixin),
    ...phone.wx,
    ...settings.wx,
    ...screen.wx,
  }

  return {
    ...functions,
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
      allowUserInfo: settings.allowUserInfo,
      allow: settings.allow,
      screen: screen.look,
      navigations: screen.navigations,
      answerModals: screen.answerModals,
      setTheme: phone.setTheme,
      addFile: files.add,
      readFile: (path) => files.read(path)?.slice(),
      openFromGroup(isInGroup) {
        inGroup = isInGroup
      },
      allowPayment(allow) {
        pays = allow
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
