import type { Account } from './account.js'
import {
  type Profile,
  phoneInfoOf,
  runDataOf,
  sealedUserInfoOf,
  shareInfoOf,
  userInfoOf,
  watermarkOf,
} from './open-data.js'
import { MCH_ID, outTradeNoOf } from './payments.js'
import { isObject, SandboxError } from './sandbox-error.js'
import { type Sealed, seal, signRawData } from './seal.js'
import type { Weixin, Who } from './weixin.js'
import { inSeconds } from './world.js'

/** What `wx.getUserInfo` returns. */
export interface UserInfo extends Sealed {
  readonly userInfo: ReturnType<typeof userInfoOf>
  readonly rawData: string
  readonly signature: string
}

/** How getuserphonenumber is to answer a phone code. The field is unknown because it may come from another process. */
interface PhoneAnswer {
  readonly numericCountryCode?: unknown
}

/**
 * What the WeChat app on a phone does for a mini program; the counterpart of `wx`. Sealing for a user who has not logged
 * in yet mints the key first, as if they had.
 *
 * Everything here fails with a SandboxError when it does not know the app or can't use the name.
 */
export function createHandset(weixin: Weixin) {
  const { world, keys } = weixin

  const sealText = (account: Account, text: string): Sealed =>
    seal(text, keys.get(account), world.randomBytes(16))

  const sealFor = (account: Account, data: object): Sealed => {
    if (!Object.hasOwn(data, 'watermark')) {
      const watermark = watermarkOf(account, world.clock())
      return sealText(account, JSON.stringify({ ...data, watermark }))
    }
    const { watermark, ...rest } = data as { watermark?: unknown }
    return sealText(account, JSON.stringify(watermark === null ? rest : data))
  }

  return {
    /** `wx.login` */
    login(who: Who): { code: string } {
      const account = weixin.account(who)
      keys.login(account)
      return { code: weixin.loginCodes.issue(account) }
    },

    /** `wx.checkSession`: whether the user has a live key, which need not be the one that a server holds. */
    checkSession: (who: Who): { valid: boolean } => ({ valid: keys.find(weixin.account(who)) !== undefined }),

    /** `wx.getUserInfo`, anonymous unless a profile is given */
    userInfo(who: Who & { profile?: unknown }): UserInfo {
      const account = weixin.account(who)
      const profile = profileIn(who.profile)
      const userInfo = userInfoOf(profile)
      const rawData = JSON.stringify(userInfo)
      const signature = signRawData(rawData, keys.get(account))
      return { userInfo, rawData, signature, ...sealFor(account, sealedUserInfoOf(account, profile)) }
    },

    /** The phone button of today: a code for getuserphonenumber. */
    phoneCode(who: Who & PhoneAnswer): { code: string } {
      return { code: weixin.phoneCodes.issue(weixin.account(who), phoneAnswerIn(who)) }
    },

    /** The phone button as old clients use it: the number sealed, and a code beside it. */
    phone(who: Who & PhoneAnswer): Sealed & { code: string } {
      const account = weixin.account(who)
      const code = weixin.phoneCodes.issue(account, phoneAnswerIn(who))
      const sealed = sealFor(account, phoneInfoOf(account))
      weixin.sealedPhones.add(account.appid, sealed.encryptedData)
      return { ...sealed, code }
    },

    /** `wx.pluginLogin` */
    pluginLogin: (who: Who): { code: string } => ({ code: weixin.pluginCodes.issue(weixin.account(who)) }),

    /** `getLatestUserKey` of `wx.getUserCryptoManager()`; times in seconds. */
    userKey(who: Who) {
      const [{ encryptKey, iv, version, expiresAt }] = weixin.encryptKeys.of(weixin.account(who))
      return { encryptKey, iv, version, expireTime: inSeconds(expiresAt) }
    },

    /** A payment of the user's, by both of its names. */
    pay(who: Who): { transactionId: string; mchId: string; outTradeNo: string } {
      const transactionId = weixin.payments.issue(weixin.account(who))
      return { transactionId, mchId: MCH_ID, outTradeNo: outTradeNoOf(transactionId) }
    },

    /** `wx.getShareInfo` */
    share(who: Who): Sealed {
      const account = weixin.account(who)
      return sealFor(account, shareInfoOf(account))
    },

    /** `wx.getWeRunData` */
    weRun(who: Who): Sealed {
      const account = weixin.account(who)
      return sealFor(account, runDataOf(account, world.clock()))
    },

    /**
     * Any data: an object with a watermark added, unless it brings its own or `null` for none, as groups have none; or a
     * bare text as it stands, as `wx.authPrivateMessage` seals.
     */
    seal(who: Who & { data?: unknown }): Sealed {
      const { data } = who
      if (typeof data === 'string') return sealText(weixin.account(who), data)
      if (!isObject(data)) throw new SandboxError('data must be an object or a text')
      return sealFor(weixin.account(who), data)
    },

    /** Who the user is in this app; what code2Session will say. */
    identity(who: Who): { openid: string; unionid?: string } {
      const { openid, unionid } = weixin.account(who)
      return unionid === undefined ? { openid } : { openid, unionid }
    },

    /** WeChat mints a new session_key at once; nothing sealed before opens with it. */
    rotateKey(who: Who): void {
      keys.rotate(weixin.account(who))
    },

    /** WeChat's risk control refuses the user's codes (40226), in every app. */
    block(who: Who): void {
      weixin.block(weixin.account(who).user)
    },
  }
}

export type Handset = ReturnType<typeof createHandset>

function profileIn(value: unknown): Profile | undefined {
  if (value !== undefined && !isObject(value)) throw new SandboxError('a profile must be an object')
  return value
}

function phoneAnswerIn({ numericCountryCode = false }: PhoneAnswer): { numericCountryCode?: true } {
  if (typeof numericCountryCode !== 'boolean')
    throw new SandboxError('numericCountryCode must be true or false')
  return numericCountryCode ? { numericCountryCode } : {}
}
