import { type ErrorCode, R3SessionError } from '#src/domain/errors.js'
import {
  type PhoneNumber,
  StaleAccessToken,
  type WechatGateway,
  type WechatIdentity,
} from '#src/domain/ports.js'

type Method = keyof WechatGateway

/**
 * A WeChat in memory. `when(code, ...)` says what a login code leads to, an identity or an error; any other code is
 * `code_invalid`. As at the real one, a code that gave an identity is `code_used` from then on, its session_key is the
 * one that WeChat honours, and an access_token stays the same until it is outdated.
 */
export function createFakeWechat() {
  const outcomes = new Map<string, WechatIdentity | ErrorCode>()
  const phones = new Map<string, { openid: string; number: PhoneNumber }>()
  const keys = new Map<string, string>()
  const failures = new Map<Method, ErrorCode>()
  const calls: { appid: string; code: string }[] = []
  const asked: Method[] = []
  let generation = 1
  let resets = 0

  function begin(method: Method, accessToken?: string): void {
    asked.push(method)
    const failure = failures.get(method)
    if (failure !== undefined) throw new R3SessionError(failure)
    if (accessToken !== undefined && !accessToken.startsWith(`access-token-${generation}-`)) {
      throw new StaleAccessToken()
    }
  }

  return {
    /** Every exchange asked for so far, oldest first. */
    calls,

    /** Every method called so far, oldest first. */
    asked,

    when(code: string, outcome: WechatIdentity | ErrorCode): void {
      outcomes.set(code, outcome)
    },

    /** What a code of the phone button leads to, once and for this user only; any other is `code_invalid`. */
    whenPhone(code: string, openid: string, number: PhoneNumber): void {
      phones.set(code, { openid, number })
    },

    /** Every access_token given so far is stale from now on. */
    outdateTokens(): void {
      generation++
    },

    /** WeChat replaces the user's session_key, and nobody learns the new one. */
    rotateKey(openid: string): void {
      keys.delete(openid)
    },

    /** How the method fails from now on. */
    fail(method: Method, code: ErrorCode): void {
      failures.set(method, code)
    },

    /** Nothing that `fail` said holds any longer. */
    recover(): void {
      failures.clear()
    },

    async exchangeCode(appid: string, code: string): Promise<WechatIdentity> {
      calls.push({ appid, code })
      begin('exchangeCode')
      const outcome = outcomes.get(code) ?? 'code_invalid'
      if (typeof outcome === 'string') throw new R3SessionError(outcome)
      outcomes.set(code, 'code_used')
      keys.set(outcome.openid, outcome.sessionKey)
      return outcome
    },

    async stableToken(appid: string): Promise<{ accessToken: string; expiresIn: number }> {
      begin('stableToken')
      return { accessToken: `access-token-${generation}-${appid}`, expiresIn: 7200 }
    },

    async phoneNumber(accessToken: string, code: string, openid: string): Promise<PhoneNumber> {
      begin('phoneNumber', accessToken)
      const phone = phones.get(code)
      if (phone?.openid !== openid) throw new R3SessionError('code_invalid')
      phones.delete(code)
      return phone.number
    },

    async honoursKey(accessToken: string, openid: string, sessionKey: string): Promise<boolean> {
      begin('honoursKey', accessToken)
      return keys.get(openid) === sessionKey
    },

    async encryptKeys(accessToken: string, openid: string, sessionKey: string) {
      begin('encryptKeys', accessToken)
      if (keys.get(openid) !== sessionKey) return undefined
      const encryptKey = Buffer.alloc(16, openid).toString('base64')
      return [
        { encryptKey, iv: '6003f73ec441c386', version: 1, expiresIn: 3600, createdAt: 1_700_000_000_000 },
      ]
    },

    async resetKey(accessToken: string, openid: string, sessionKey: string): Promise<string | undefined> {
      begin('resetKey', accessToken)
      if (keys.get(openid) !== sessionKey) return undefined
      const key = Buffer.alloc(16, ++resets).toString('base64')
      keys.set(openid, key)
      return key
    },
  } satisfies WechatGateway & Record<string, unknown>
}

export type FakeWechat = ReturnType<typeof createFakeWechat>
