/** What `r3session/sandbox` offers a test: the controls of a running sandbox, and its settings. */
import type { Action } from './actions.js'
import type { Profile } from './phone/open-data.js'
import type { UserInfo, UserKey } from './phone/phone.js'
import type { Sealed } from './phone/seal.js'
import type { VirtualPaymentInput, VirtualPaymentResult } from './phone/virtual-payment.js'
import type { SandboxApp } from './state/account.js'
import type { Environment } from './state/environment.js'
import type { Call } from './weixin/calls.js'
import type { Fault } from './weixin/faults.js'

export interface SandboxOptions extends Partial<Environment> {
  /** Port on 127.0.0.1; default 0, any free one. */
  readonly port?: number
  /** Default: the `demoApp` alone. The first is the one meant where a call names none. */
  readonly apps?: readonly SandboxApp[]
  /**
   * Milliseconds in which a user's session_key stays the same however often they log in; 0 gives every login a new key.
   * WeChat has such an interval and does not tell how long it is. Default 5 minutes.
   */
  readonly keyRefreshInterval?: number
  /** Code exchanges of one user a minute before WeChat answers 45011. Default: no limit. */
  readonly loginsPerMinute?: number
  /** Adds the `expires_in` that old accounts still get from code2Session. Default false. */
  readonly legacyExpiresIn?: boolean
  /** Called after every call over HTTP, which may have changed what the sandbox remembers. */
  readonly called?: () => void
}

/** All that a sandbox remembers. What is in it beside `version` may change with every version of this package. */
export interface SandboxState {
  readonly version: 1
  readonly [part: string]: unknown
}

/** Which app is meant where the sandbox serves several; by default the first. */
export interface AppChoice {
  readonly appid?: string
}

/** How getuserphonenumber answers the code that a phone button gives. */
export interface PhoneAnswer {
  /** The country code as the number 86, as in the sample on WeChat's own page, and not as its table says. Default false. */
  readonly numericCountryCode?: boolean
}

/**
 * A running sandbox. Users are names of 1 to 64 characters, by default `demo`; everybody exists. Whatever is asked with
 * a bad name or an unknown appid fails with a SandboxError.
 */
export interface Sandbox {
  /** What to set in place of `https://api.weixin.qq.com`. */
  readonly url: string
  readonly apps: readonly SandboxApp[]

  /** `wx.login`: a code that lives 5 minutes and can be exchanged once. */
  login(user?: string, app?: AppChoice): Promise<{ code: string }>
  /** `wx.checkSession`: whether the user has a live session_key. */
  checkSession(user?: string, app?: AppChoice): Promise<{ valid: boolean }>
  /** `wx.getUserInfo`: anonymous, as it is since 2021, unless a profile is given. */
  userInfo(user?: string, options?: AppChoice & { readonly profile?: Profile }): Promise<UserInfo>
  /** The phone button: a code for getuserphonenumber. */
  phoneCode(user?: string, options?: AppChoice & PhoneAnswer): Promise<{ code: string }>
  /** The phone button's whole event, with the number sealed as old clients send it. */
  phone(user?: string, options?: AppChoice & PhoneAnswer): Promise<Sealed & { code: string }>
  /** `wx.pluginLogin`: a code for getpluginopenpid that lives 5 minutes and can be exchanged once. */
  pluginLogin(user?: string, app?: AppChoice): Promise<{ code: string }>
  /** `getLatestUserKey` of `wx.getUserCryptoManager()`: the key of getuserencryptkey that lives now; `expireTime` in seconds. */
  userKey(user?: string, app?: AppChoice): Promise<UserKey>
  /** `wx.requestPayment`: a payment for getpaidunionid, which knows it for 5 minutes. */
  pay(user?: string, app?: AppChoice): Promise<{ transactionId: string; mchId: string; outTradeNo: string }>
  /** `wx.requestVirtualPayment`: both signatures are checked as WeChat does, and the user pays unless told to `cancel`. */
  requestVirtualPayment(user: string, payment: AppChoice & VirtualPaymentInput): Promise<VirtualPaymentResult>
  /** What WeChat pushes to a server for a paid order: the body of xpay_goods_deliver_notify, or xpay_coin_pay_notify. */
  paymentNotification(outTradeNo: string, choice?: AppChoice & { readonly env?: 0 | 1 }): Promise<object>
  /** `wx.getShareInfo` */
  share(user?: string, app?: AppChoice): Promise<Sealed>
  /** `wx.getWeRunData` */
  weRun(user?: string, app?: AppChoice): Promise<Sealed>
  /**
   * Any data, with a genuine watermark unless it has a `watermark` of its own (`undefined` or `null`: none at all, as
   * WeChat seals groups); or a bare text as it stands, as `wx.authPrivateMessage` seals.
   */
  seal(user: string, data: object | string, app?: AppChoice): Promise<Sealed>

  /** Who the user is in the app, the same in every sandbox; `unionid` only where the app is bound. */
  identity(user?: string, app?: AppChoice): { openid: string; unionid?: string }
  /** The session_key that is valid at WeChat now, base64 text; WeChat itself tells it nobody. `undefined`: there is none. */
  keyOf(owner: { readonly appid: string; readonly openid: string }): string | undefined
  /** WeChat makes a new session_key for the user at once. */
  rotateKey(user?: string, app?: AppChoice): void
  /** WeChat refuses the user's logins from now on (40226), in every app. */
  block(user: string): void
  /** Whether WeChat refuses our address (40164) wherever a secret is sent. */
  refuseAddress(refused?: boolean): void

  /** Sets what the next calls of WeChat's endpoints meet, by default the next one; faults queue up. */
  fail(next: Fault): void
  /** Forgets all faults that have not been met yet. */
  recover(): void
  /**
   * Does one of the `actions` with fields that come from another process, as the sandbox's own server does it. Fails with
   * a SandboxError when they are not what it takes.
   */
  perform(action: Action, fields: Readonly<Record<string, unknown>>): object
  /** Moves its time ahead by so many milliseconds: codes, keys and tokens age. Gives its time then. */
  advance(milliseconds: number): number
  /** All that it remembers, as JSON: codes, keys, tokens, faults, how far its time is ahead. Not what `calls` has. */
  state(): SandboxState
  /**
   * Takes over what `state` gave, here or elsewhere, in place of everything it remembers. Fails with a SandboxError, and
   * has changed nothing then, for anything else.
   */
  restore(state: unknown): void
  /** Forgets everything, `calls` too, as if it had just been started. */
  reset(): void
  /** What WeChat saw, oldest first, the last 1000 calls. Live: new calls appear in it. */
  readonly calls: readonly Call[]
  /** Phone numbers given out so far, each of which WeChat would charge for. */
  readonly paidCalls: number

  /** Ends the server and every connection, also of calls that hang. Idempotent. */
  close(): Promise<void>
}
