import type { Callbacks, Ok, Promised } from './wx.js'

/** What the user allows the mini program; only what it has asked for. */
export type AuthSetting = Record<string, boolean>

export interface AuthorizeOption extends Callbacks<Ok> {
  /** Such as `scope.userLocation`. */
  scope: string
}

export interface Settings {
  authSetting: AuthSetting
  /** Only with `withSubscriptions`, although WeChat's typings declare it always. */
  subscriptionsSetting: { mainSwitch: boolean }
}

export interface GetSettingOption extends Callbacks<Ok<Settings>> {
  withSubscriptions?: boolean | undefined
}

export interface WxSettings {
  getSetting<O extends GetSettingOption = GetSettingOption>(options?: O): Promised<O, Ok<Settings>>
  /** Asks the user the first time, and remembers the answer. */
  authorize<O extends AuthorizeOption = AuthorizeOption>(options: O): Promised<O, Ok>
}
