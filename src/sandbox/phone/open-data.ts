import { type Account, groupIdOf, numberOf } from '../state/account.js'
import { inSeconds, startOfDay } from '../state/environment.js'

/** What a user shows of themselves. Today WeChat hands out the same anonymous profile for everybody. */
export interface Profile {
  readonly nickName?: string
  readonly gender?: number
  readonly language?: string
  readonly city?: string
  readonly province?: string
  readonly country?: string
  readonly avatarUrl?: string
}

const GREY_AVATAR =
  'https://thirdwx.qlogo.cn/mmopen/vi_32/POgEwh4mIHO4nibH0KlMECNjjGxQUq24ZEaGT4poC6icRiccVGKSyXwibcPq4BWmiaIGuG1icwxaQX6grC9VemZoJ8rg/132'

const anonymous = {
  nickName: '微信用户',
  gender: 0,
  language: '',
  city: '',
  province: '',
  country: '',
  avatarUrl: GREY_AVATAR,
}

/** `userInfo` of `wx.getUserInfo`: since April 2021 everybody looks the same, unless a profile is given. */
export function userInfoOf(profile: Profile | undefined) {
  return profile === undefined ? { ...anonymous, is_demote: true } : { ...anonymous, ...profile }
}

/** What is sealed beside `userInfo`: the same, with the real ids, also where the rest is anonymous. */
export function sealedUserInfoOf({ openid, unionid }: Account, profile: Profile | undefined) {
  const ids = unionid === undefined ? {} : { unionId: unionid }
  return { openId: openid, ...userInfoOf(profile), ...ids }
}

/** `wx.getShareInfo`: the sandbox knows one group per app. */
export function shareInfoOf({ appid }: Account) {
  return { openGId: groupIdOf(appid) }
}

/** `wx.getWeRunData`: the steps of the last 31 days, each stamped with the start of its day in China. */
export function runDataOf({ user }: Account, now: number) {
  const stepInfoList = Array.from({ length: 31 }, (_, index) => {
    const timestamp = inSeconds(startOfDay(now)) - (30 - index) * 86_400
    return { timestamp, step: numberOf('steps', user, String(timestamp)) % 20_000 }
  })
  return { stepInfoList }
}
