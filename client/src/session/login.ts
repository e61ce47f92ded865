import { errorOf, successOf } from '../network/answer.js'
import { type Action, noAnswer, R3SessionError } from '../network/error.js'
import type { Http } from '../network/http.js'
import { sleep, type Time, within } from '../network/time.js'
import { assign, call, fieldsOf, reasonOf, type Wx } from '../network/wx.js'
import { isToken } from './token-storage.js'

/** Milliseconds: the timeout that `wx.login` gets, and when the client stops waiting for it. */
const LOGIN_TIMEOUT = 10_000
const LOGIN_DEADLINE = 12_000

/** WeChat refuses a user's fifth `wx.login` within a second (WeChat's page 接口调用频率规范). */
const LOGINS_PER_SECOND = 4

/** The longest pause, in milliseconds. If a server names a longer one, its clock or the phone's may be wrong. */
const MAX_PAUSE = 3_600_000

/** `errno` of `wx.login` when it is blocked, `wxa login is blocked` (WeChat's page Errno错误码). */
const LOGIN_BLOCKED = 1402101

export interface LoginAnswer {
  readonly r3session: string
  /** Seconds. */
  readonly expiresIn: number
  readonly phone?: PhoneNumber | PhoneFailure
}

export interface PhoneNumber {
  /** Has the country code if the number is from outside mainland China. */
  readonly phoneNumber: string
  readonly purePhoneNumber: string
  readonly countryCode: string
}

/** Why there is no number; as in an R3SessionError. */
export interface PhoneFailure {
  readonly code: string
  readonly action: Action
}

/** The phone button's code that a login sends along, and what comes of it. */
export interface PhoneWish {
  readonly phoneCode?: string | undefined
  phone?: PhoneNumber | PhoneFailure | undefined
}

/**
 * A complete login: gets a code from `wx.login` and exchanges it for a token. Must not run twice at the same time.
 *
 * When no answer came, it sends the same code again: because of the `Idempotency-Key`, the service then answers with
 * the session that it created the first time. A used code is replaced once. When the service asks to wait, all logins
 * until then fail at once with the same error, and nothing is sent to WeChat or the service.
 */
export function createLogin(wx: Wx, http: Http, appid: string, time: Time, random: () => number) {
  let starts: number[] = []
  /** The pause that the service asked for: its error, its end and its length in milliseconds. */
  let pause: { error: R3SessionError; until: number; lasts: number } | undefined

  function newCode(): Promise<string> {
    const now = time.now()
    starts = starts.filter((start) => start <= now && start > now - 1000)
    const [oldest] = starts
    if (oldest !== undefined && starts.length >= LOGINS_PER_SECOND)
      return sleep(time, oldest + 1000 - now).then(newCode)
    starts.push(now)
    const asked = call<{ code: string }>(wx, 'login', { timeout: LOGIN_TIMEOUT })
    return within(time, LOGIN_DEADLINE, asked).then(
      (result) => {
        const { code } = fieldsOf(result)
        if (!code) throw noAnswer('wx.login: no code')
        return code as string
      },
      (failure: unknown) => {
        const message = `wx.login: ${reasonOf(failure)}`
        throw fieldsOf(failure)['errno'] === LOGIN_BLOCKED
          ? new R3SessionError(message, 'user_blocked', 'none')
          : noAnswer(message)
      },
    )
  }

  /**
   * The key is 32 hex digits. It must be unique, but need not be secret: it is useless without the code, which only
   * this phone and WeChat know. So `Math.random` is good enough.
   */
  function exchange(code: string, wish: PhoneWish): Promise<LoginAnswer> {
    let key = ''
    while (key.length < 32) key += Math.floor(random() * 16).toString(16)
    const { phoneCode } = wish
    const data = assign({ code }, appid && { appid }, phoneCode && { phoneCode })
    return http.ask('POST', '/v1/login', { 'Idempotency-Key': key }, data).then((answer) => {
      const login = successOf<LoginAnswer>(answer, 'expiresIn')
      if (!isToken(login.r3session)) throw errorOf(answer)
      wish.phone = login.phone
      return login
    })
  }

  return function logIn(wish: PhoneWish): Promise<LoginAnswer> {
    const attempt = () => newCode().then((code) => exchange(code, wish))
    const left = pause ? pause.until - time.now() : 0
    // A clock that was set back ends the pause, too.
    if (pause && left > 0 && left <= pause.lasts) {
      const { message, code, action } = pause.error
      const retryAfter = Math.ceil(left / 1000)
      return Promise.reject(
        new R3SessionError(message, code, action, assign({}, pause.error, { retryAfter })),
      )
    }
    return attempt()
      .catch((error: R3SessionError) => {
        if (error.action !== 'relogin') throw error
        return attempt()
      })
      .catch((error: R3SessionError) => {
        const lasts = Math.min((error.retryAfter || 0) * 1000, MAX_PAUSE)
        pause = { error, lasts, until: time.now() + lasts }
        throw error
      })
  }
}
