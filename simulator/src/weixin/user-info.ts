import { callApi } from '../calls/api.js'
import { WxFailure, wrongParameter } from '../calls/failure.js'
import type { UserInfoResult, WxUserInfo } from '../types/wx.js'
import { hasLiveKey } from './login.js'
import type { Weixin } from './weixin.js'

/** `desc` of getUserProfile has at most so many characters. */
const MAX_DESC = 30

/** What the phone and its user have to say to a request for user info. */
export interface UserInfoDeps {
  readonly weixin: Weixin
  /** Fails where a function is called too often. */
  checkRate(name: string): void
  /** Whether the user lets the mini program have their profile. */
  allows(): boolean
  /** Whether the user's finger has called what is running. */
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
        // Looked at before anything is awaited: a tap ends with the handler it calls.
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
