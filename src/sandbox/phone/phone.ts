import { inSeconds } from '../state/environment.js'
import { MCH_ID, outTradeNoOf } from '../state/payments.js'
import { phoneInfoOf } from '../state/phone-info.js'
import { isObject, SandboxError } from '../state/sandbox-error.js'
import { type Env, notificationOf } from '../state/virtual-payments.js'
import type { WeixinState, Who } from '../state/weixin-state.js'
import { type Profile, runDataOf, sealedUserInfoOf, shareInfoOf, userInfoOf } from './open-data.js'
import { type Sealed, signRawData } from './seal.js'
import { createSealing } from './sealing.js'
import { requestVirtualPayment, type VirtualPaymentInput } from './virtual-payment.js'

/** What `wx.getUserInfo` returns. */
export interface UserInfo extends Sealed {
  readonly userInfo: ReturnType<typeof userInfoOf>
  readonly rawData: string
  readonly signature: string
}

/** A key for what a mini program encrypts itself. `encryptKey` is base64 of 16 bytes, `iv` 16 characters to be taken as they are. */
export interface UserKey {
  readonly encryptKey: string
  readonly iv: string
  readonly version: number
  readonly expireTime: number
}

/** How getuserphonenumber is to answer a phone code. The field is unknown because it may come from another process. */
export interface PhoneAnswerInput {
  readonly numericCountryCode?: unknown
}

/** Which order WeChat is to tell of. */
export interface PaidOrder {
  readonly outTradeNo: string
  readonly env?: Env
}

/**
 * What the WeChat app on a phone does for a mini program when it calls `wx`. A user who has not logged in yet gets a
 * session_key when something is sealed for them, as from a login.
 *
 * Everything here fails with a SandboxError when it does not know the app or can't use the name.
 */
export function createPhone(state: WeixinState) {
  const { environment, keys } = state
  const { sealText, sealData } = createSealing(state)

  return {
    /** `wx.login` */
    login(who: Who): { code: string } {
      const account = state.account(who)
      keys.login(account)
      return { code: state.loginCodes.issue(account) }
    },

    /** `wx.checkSession`: whether the user has a live key, which need not be the one that a server holds. */
    checkSession: (who: Who): { valid: boolean } => ({ valid: keys.find(state.account(who)) !== undefined }),

    /** `wx.getUserInfo`, anonymous unless a profile is given */
    userInfo(who: Who & { profile?: unknown }): UserInfo {
      const account = state.account(who)
      const profile = profileIn(who.profile)
      const userInfo = userInfoOf(profile)
      const rawData = JSON.stringify(userInfo)
      const signature = signRawData(rawData, keys.get(account))
      return { userInfo, rawData, signature, ...sealData(account, sealedUserInfoOf(account, profile)) }
    },

    /** The phone button of today: a code for getuserphonenumber. */
    phoneCode(who: Who & PhoneAnswerInput): { code: string } {
      return { code: state.phoneCodes.issue(state.account(who), phoneAnswerIn(who)) }
    },

    /** The phone button as old clients use it: the number sealed, and a code beside it. */
    phone(who: Who & PhoneAnswerInput): Sealed & { code: string } {
      const account = state.account(who)
      const code = state.phoneCodes.issue(account, phoneAnswerIn(who))
      const sealed = sealData(account, phoneInfoOf(account))
      state.sealedPhones.add(account.appid, sealed.encryptedData)
      return { ...sealed, code }
    },

    /** `wx.pluginLogin` */
    pluginLogin: (who: Who): { code: string } => ({ code: state.pluginCodes.issue(state.account(who)) }),

    /** `getLatestUserKey` of `wx.getUserCryptoManager()`; times in seconds. */
    userKey(who: Who): UserKey {
      const [{ encryptKey, iv, version, expiresAt }] = state.encryptKeys.of(state.account(who))
      return { encryptKey, iv, version, expireTime: inSeconds(expiresAt) }
    },

    /** A payment of the user, by both of its numbers. */
    pay(who: Who): { transactionId: string; mchId: string; outTradeNo: string } {
      const transactionId = state.payments.issue(state.account(who))
      return { transactionId, mchId: MCH_ID, outTradeNo: outTradeNoOf(transactionId) }
    },

    /** `wx.requestVirtualPayment` */
    requestVirtualPayment: (input: Who & VirtualPaymentInput) => requestVirtualPayment(state, input),

    /** What WeChat pushes to a server about an order that was paid. Fails with a SandboxError where there is none. */
    paymentNotification({ outTradeNo, env = 0, ...who }: Who & PaidOrder): Record<string, unknown> {
      const order = state.virtualPayments.find(state.account(who).appid, env, outTradeNo, undefined)
      if (order === undefined || order.status === 1) throw new SandboxError('no such order was paid')
      return notificationOf(order, environment.clock())
    },

    /** `wx.getShareInfo` */
    share(who: Who): Sealed {
      const account = state.account(who)
      return sealData(account, shareInfoOf(account))
    },

    /** `wx.getWeRunData` */
    weRun(who: Who): Sealed {
      const account = state.account(who)
      return sealData(account, runDataOf(account, environment.clock()))
    },

    /**
     * Any data: an object with a watermark added, unless it brings its own or `null` for none, as groups have none; or a
     * bare text as it stands, as `wx.authPrivateMessage` seals.
     */
    seal(who: Who & { data?: unknown }): Sealed {
      const { data } = who
      if (typeof data === 'string') return sealText(state.account(who), data)
      if (!isObject(data)) throw new SandboxError('data must be an object or a text')
      return sealData(state.account(who), data)
    },

    /** Who the user is in this app; what code2Session will say. */
    identity(who: Who): { openid: string; unionid?: string } {
      const { openid, unionid } = state.account(who)
      return unionid === undefined ? { openid } : { openid, unionid }
    },

    /** WeChat makes a new session_key at once. It opens nothing that was sealed before. */
    rotateKey(who: Who): void {
      keys.rotate(state.account(who))
    },

    /** WeChat's risk control refuses the user's codes (40226), in every app. */
    block(who: Who): void {
      state.block(state.account(who).user)
    },
  }
}

export type Phone = ReturnType<typeof createPhone>

function profileIn(value: unknown): Profile | undefined {
  if (value !== undefined && !isObject(value)) throw new SandboxError('a profile must be an object')
  return value
}

function phoneAnswerIn({ numericCountryCode = false }: PhoneAnswerInput): { numericCountryCode?: true } {
  if (typeof numericCountryCode !== 'boolean')
    throw new SandboxError('numericCountryCode must be true or false')
  return numericCountryCode ? { numericCountryCode } : {}
}
