import { callApi } from '../calls/api.js'
import { WxFailure, wrongParameter } from '../calls/failure.js'
import type { AuthSetting, Settings, WxSettings } from '../types/settings.js'

/** The scopes of WeChat's typings. */
const SCOPES = [
  'userInfo',
  'userLocation',
  'userFuzzyLocation',
  'werun',
  'writePhotosAlbum',
  'camera',
  'record',
  'bluetooth',
  'addPhoneContact',
  'addPhoneCalendar',
  'address',
  'invoice',
  'invoiceTitle',
].map((name) => `scope.${name}`)

const USER_INFO = 'scope.userInfo'

/**
 * `wx.getSetting` and `wx.authorize`, and what the user answers.
 *
 * @param checkRate throws if the function is called too often
 */
export function createSettings(checkRate: (name: string) => void) {
  /** What the user will answer when asked; without an entry they allow. */
  const intended = new Map<string, boolean>()
  /** What they have answered. User info is granted to all. */
  const answered = new Map([[USER_INFO, true]])

  const isAllowed = (scope: string): boolean => answered.get(scope) ?? intended.get(scope) ?? true

  /** Asks the user the first time. Throws a WxFailure if they have not allowed it. */
  function demand(scope: string): void {
    const allowed = isAllowed(scope)
    answered.set(scope, allowed)
    if (!allowed) throw new WxFailure('auth deny')
  }

  const wx: WxSettings = {
    getSetting: (options) =>
      callApi('getSetting', options, ({ withSubscriptions }) => {
        checkRate('getSetting')
        const authSetting: AuthSetting = Object.fromEntries(answered)
        const subscriptions = withSubscriptions === true && { subscriptionsSetting: { mainSwitch: true } }
        return { authSetting, ...subscriptions } as Settings
      }),
    authorize: (options) =>
      callApi('authorize', options, ({ scope }) => {
        if (typeof scope !== 'string') throw wrongParameter('parameter.scope', 'String', scope)
        if (!SCOPES.includes(scope)) throw new WxFailure(`invalid scope "${scope}"`)
        demand(scope)
        return {}
      }),
  }

  return {
    wx,
    demand,
    allowsUserInfo: () => isAllowed(USER_INFO),
    /** The answer from now on, also if they have answered before, as on the page of settings. */
    allow(scope: string, allow: boolean): void {
      if (!SCOPES.includes(scope)) throw new TypeError(`'${scope}' is no scope of WeChat`)
      intended.set(scope, allow)
      if (answered.has(scope)) answered.set(scope, allow)
    },
    allowUserInfo(allow: boolean): void {
      answered.set(USER_INFO, allow)
    },
  }
}
