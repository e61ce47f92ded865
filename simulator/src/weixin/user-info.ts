import { callApi } from '../calls/api.js'
import { WxFailure, wrongParameter } from '../calls/failure.js'
import type { UserInfoResult, WxUserInfo } from '../types/wx.js'
import { hasLiveKey } from './login.js'
import type { Weixin } from './weixin.js'

/** The longest `desc` of getUserProfile, in characters. */
const MAX_DESC = 30

/** What `getUserInfo` and `getUserProfile` need to know about the phone and its user. */
export interface UserInfoDeps {
  readonly weixin: Weixin
  /** Throws if the function is called too often. */
  checkRate(name: string): void
  /** Whether the user allows the mini program to read their profile. */
  allows(): boolean
  /** Whether a handler of a tap is running. */
  isTapping(): boolean
}

/** `wx.getUserInfo` and `wx.getUserProfile`. */
export function createUserInfo({ weixin, checkRate, allows, isTapping }: UserInfoDeps): WxUserInfo {
  const userInfo = async () => {
    if (!allows()) throw new WxFailure('auth deny')
    return (await weixin.ask('user-info')) as UserInfoResult
  }

  return {
    getUserInfo: (options) =>
      callApi('getUserInfo', options, async ({ withCredentials = true }) => {
        checkRate('getUserInfo')
        if (withCredentials && !(await hasLiveKey(weixin))) {
          throw new WxFailure('no live session_key to seal with: call wx.login first')
        }
        const { encryptedData, iv, ...open } = await userInfo()
        return (withCredentials ? { ...open, encryptedData, iv } : open) as UserInfoResult
      }),

    getUserProfile: (options) =>
      callApi('getUserProfile', options, async ({ desc }) => {
        checkRate('getUserProfile')
        checkDesc(desc)
        // Checked before the first `await`, because the tap ends when its handler returns.
        if (!isTapping()) throw new WxFailure('can only be invoked by user TAP gesture.')
        const { userInfo: profile, rawData, signature } = await userInfo()
        const sealed = (await weixin.ask('seal', { data: profile })) as { encryptedData: string; iv: string }
        return { userInfo: profile, rawData, signature, ...sealed }
      }),
  }
}

function checkDesc(desc: unknown): void {
  if (typeof desc !== 'string') throw wrongParameter('parameter.desc', 'String', desc)
  const length = [...desc].length
  if (length < 1 || length > MAX_DESC) throw new WxFailure(`desc must have 1 to ${MAX_DESC} characters`)
}
