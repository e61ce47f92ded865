import { type ErrorCode, R3SessionError } from './errors.js'
import type { Caller, Report } from './events.js'
import type { Login, LoginRequest } from './login.js'
import type { GetPhoneNumber } from './phone-number.js'
import type { PhoneNumber } from './ports.js'

/** WeChat's codes are opaque, 64 hex digits in practice. What can be none is not worth a call. */
const PHONE_CODE = /^[\w.~:+/=-]{1,128}$/

/** A login that may bring the phone number along. */
export interface LoginWithPhoneRequest extends LoginRequest {
  /** The code of the phone button. */
  readonly phoneCode?: string | undefined
  /** For the log. */
  readonly by?: Caller
}

/** What a login gives: `phone` where it came with a code for it, the number or why there is none. */
export interface LoggedIn {
  readonly r3session: string
  readonly expiresIn: number
  readonly phone?: PhoneNumber | { readonly code: ErrorCode }
}

/**
 * Login and phone number in one call.
 *
 * The number is asked for in the name of the new session, once that is recorded, and nothing about it costs the login. A
 * retry of the login gets the session again, and with that the number, which is remembered for its user: it costs
 * nothing more. Fails with `loginErrors`.
 */
export function createLoginWithPhone(deps: { login: Login; phoneNumber: GetPhoneNumber; report: Report }) {
  async function withPhone(request: LoginWithPhoneRequest, phoneCode: string): Promise<LoggedIn> {
    const loggedIn = await deps.login(request)
    try {
      if (!PHONE_CODE.test(phoneCode)) throw new R3SessionError('code_invalid')
      return { ...loggedIn, phone: await deps.phoneNumber(loggedIn.r3session, phoneCode) }
    } catch (error) {
      const { appid, by } = request
      deps.report({ type: 'phone_failed', appid, error, ...(by && { by }) })
      return { ...loggedIn, phone: { code: error instanceof R3SessionError ? error.code : 'internal' } }
    }
  }

  return (request: LoginWithPhoneRequest): Promise<LoggedIn> => {
    const { phoneCode } = request
    return phoneCode === undefined ? deps.login(request) : withPhone(request, phoneCode)
  }
}

export type LoginWithPhone = ReturnType<typeof createLoginWithPhone>
