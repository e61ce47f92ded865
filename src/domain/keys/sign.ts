import { type ErrorCode, R3SessionError, storeErrors } from '../errors.js'
import type { Caller, Report } from '../events.js'
import { currentKey } from '../key-ring.js'
import type { KeyRingRepository } from '../ports.js'
import type { UserKey } from '../session.js'
import type { SignData } from './wechat-keys.js'

/** What signing can fail with. */
export const signErrors = ['key_replaced', ...storeErrors] as const satisfies readonly ErrorCode[]

/**
 * WeChat's user-state signature over `data`, for a team's other services: virtual payment, VoIP and mini-game storage
 * want one.
 *
 * With the newest key alone, since WeChat takes no other: `key_replaced` where it is known that WeChat does not honour
 * that one any more, and for a user of whom there is no key. Fails with `signErrors`.
 */
export function createSign(deps: {
  keyRings: Pick<KeyRingRepository, 'keys'>
  signData: SignData
  report: Report
}) {
  return async ({ appid, openid }: UserKey, data: string, by?: Caller): Promise<string> => {
    const user = { appid, openid }
    const key = currentKey(await deps.keyRings.keys(user))
    if (key === undefined) throw new R3SessionError('key_replaced')
    const signature = deps.signData(data, key)
    deps.report({ type: 'signed', user, ...(by && { by }) })
    return signature
  }
}

export type Sign = ReturnType<typeof createSign>
