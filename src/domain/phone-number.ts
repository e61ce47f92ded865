import { type AccessTokens, accessTokenErrors } from './access-token.js'
import { type Authenticate, authenticateErrors } from './authenticate.js'
import { createOnce, leaseOf, onceErrors } from './concurrency/once.js'
import { createSingleFlight } from './concurrency/single-flight.js'
import { type ErrorCode, phoneCodeErrors } from './errors.js'
import { type Report, swallow } from './events.js'
import type { AttemptRepository, Clock, PhoneNumber, WechatPhone } from './ports.js'

/** As long as a phone code lives at WeChat, in milliseconds. */
const REMEMBERED = 5 * 60_000

/** What asking for a phone number can fail with. */
export const phoneNumberErrors = [
  ...authenticateErrors,
  ...onceErrors,
  ...accessTokenErrors,
  ...phoneCodeErrors,
] as const satisfies readonly ErrorCode[]

/**
 * The phone number behind a code of the phone button, for the user of a session.
 *
 * Each number costs money and each code works once, so a repeat of the same code by the same user within 5 minutes
 * gets the first answer, whichever process it reaches, and also while that is still under way.
 *
 * Fails with `phoneNumberErrors`.
 */
export function createPhoneNumber(deps: {
  authenticate: Authenticate
  wechat: WechatPhone
  accessTokens: Pick<AccessTokens, 'use'>
  attempts: AttemptRepository<PhoneNumber>
  clock: Clock
  pause: (milliseconds: number) => Promise<unknown>
  /** Deadline of one call to WeChat, in milliseconds. */
  timeout: number
  report: Report
}) {
  // An access_token may have to be fetched first, and a stale one once more: four calls at the most.
  const once = createOnce({ ...deps, lease: leaseOf(4 * deps.timeout), remembered: REMEMBERED })
  const inFlight = createSingleFlight<PhoneNumber>()

  return async (token: string, code: string): Promise<PhoneNumber> => {
    const { appid, openid } = await deps.authenticate(token)
    const user = { appid, openid }
    // The user is part of the name: nobody's attempt stands in the way of another user's.
    const attempt = { appid, code: JSON.stringify([openid, code]), key: openid }

    async function ask(): Promise<PhoneNumber> {
      const number = await deps.accessTokens.use(appid, (accessToken) =>
        deps.wechat.phoneNumber(accessToken, code, openid),
      )
      // The number is paid for. If it can't be remembered a repeat will fail, but this caller gets it.
      await deps.attempts
        .finish(attempt, user, number)
        .catch(swallow(deps.report, 'remembering a phone number'))
      deps.report({ type: 'phone_number', user })
      return number
    }

    return inFlight(JSON.stringify([appid, openid, code]), () => once(attempt, ask))
  }
}

export type GetPhoneNumber = ReturnType<typeof createPhoneNumber>
