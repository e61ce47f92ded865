import { errorOf } from './answer.js'
import { R3SessionError } from './error.js'
import type { Http } from './http.js'
import { sleep, type Time, within } from './time.js'
import { isToken } from './token-storage.js'
import { call, fieldsOf, reasonOf, type Wx } from './wx.js'

/** Milliseconds that `wx.login` gets, and after which it is given up if it keeps silent. */
const LOGIN_TIMEOUT = 10_000
const LOGIN_DEADLINE = 12_000

/** WeChat refuses a user's fifth `wx.login` within a second. */
const LOGINS_PER_SECOND = 4

/** No server is believed to be busy for longer than this, in milliseconds: its clock or ours may be wrong. */
const LONGEST_REST = 3_600_000

/** `errno` of `wx.login` for a user whom WeChat's risk control refuses. */
const LOGIN_BLOCKED = 1402101

export interface LoginAnswer {
  readonly r3session: string
  /** Seconds. */
  readonly expiresIn: number
}

/**
 * One whole login: a code of `wx.login`, traded for a token. Not to be run twice at once.
 *
 * The same code is sent again when no answer came: thanks to the `Idempotency-Key` the service gives the session that it
 * made the first time. A code that is spent is replaced once. A service that asks to come back later is left in peace:
 * until then all logins fail at once with the same error, and neither WeChat nor the service hears of them.
 */
export function createLogin({
  wx,
  http,
  appid,
  time,
  random,
}: {
  wx: Wx
  http: Http
  appid: string | undefined
  time: Time
  random: () => number
}) {
  let starts: number[] = []
  let rest: { error: R3SessionError; since: number; until: number } | undefined

  return async function logIn(): Promise<LoginAnswer> {
    if (rest !== undefined) {
      const { error, since, until } = rest
      const now = time.now()
      // A clock that was set back ends the rest, too.
      if (now >= since && now < until) throw later(error, Math.ceil((until - now) / 1000))
      rest = undefined
    }
    try {
      return await exchange(await newCode()).catch(async (error: unknown) => {
        if (!(error instanceof R3SessionError) || error.action !== 'relogin') throw error
        return exchange(await newCode())
      })
    } catch (error) {
      if (error instanceof R3SessionError && error.retryAfter !== undefined) {
        const now = time.now()
        rest = { error, since: now, until: now + Math.min(error.retryAfter * 1000, LONGEST_REST) }
      }
      throw error
    }
  }

  async function newCode(): Promise<string> {
    const now = time.now()
    starts = starts.filter((start) => start <= now && start > now - 1000)
    const [oldest] = starts
    if (oldest !== undefined && starts.length >= LOGINS_PER_SECOND) {
      await sleep(time, oldest + 1000 - now)
      return newCode()
    }
    starts.push(now)
    const asked = call<{ code: string }>((callbacks) => wx.login({ timeout: LOGIN_TIMEOUT, ...callbacks }))
    const result = await within(time, LOGIN_DEADLINE, asked).catch((failure: unknown) => {
      throw fieldsOf(failure)['errno'] === LOGIN_BLOCKED
        ? new R3SessionError(`WeChat refuses the login of this user: ${reasonOf(failure)}`, {
            code: 'user_blocked',
            action: 'none',
          })
        : noCode(reasonOf(failure))
    })
    const { code, errMsg } = fieldsOf(result)
    if (typeof code !== 'string' || code === '') throw noCode(`${errMsg}, but no code`)
    return code
  }

  async function exchange(code: string): Promise<LoginAnswer> {
    const answer = await http.ask('POST', '/v1/login', {
      data: appid === undefined ? { code } : { code, appid },
      header: { 'content-type': 'application/json', 'Idempotency-Key': newKey() },
    })
    const login = http.success<LoginAnswer>(answer, 'r3session', 'expiresIn')
    if (!isToken(login.r3session)) throw errorOf(answer, time.now())
    return login
  }

  /**
   * 32 hex digits. They must not repeat by chance, but need not be secret: without the code, which only this phone and
   * WeChat know, the key opens nothing. So `Math.random` is good enough.
   */
  function newKey(): string {
    let key = ''
    while (key.length < 32) key += Math.floor(random() * 16).toString(16)
    return key
  }
}

function noCode(reason: string): R3SessionError {
  return new R3SessionError(`wx.login: ${reason}`, { code: 'network', action: 'retry' })
}

/** The same error with the time that is left. */
function later(error: R3SessionError, retryAfter: number): R3SessionError {
  const { message, code, action, status, requestId, data } = error
  return new R3SessionError(message, { code, action, status, requestId, data, retryAfter })
}
