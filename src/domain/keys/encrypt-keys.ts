import { type AccessTokens, accessTokenErrors } from '../access-token.js'
import { type ErrorCode, R3SessionError } from '../errors.js'
import type { Caller, Report } from '../events.js'
import { currentKey, withoutKey } from '../key-ring.js'
import type { Clock, KeyRingRepository } from '../ports.js'
import type { UserKey } from '../session.js'
import type { EncryptKey, WechatKeys } from './wechat-keys.js'

/** What asking for a user's encryption keys can fail with. */
export const encryptKeysErrors = [
  'key_replaced',
  ...accessTokenErrors,
] as const satisfies readonly ErrorCode[]

/**
 * The keys with which a user's mini program encrypts what it sends (`wx.getUserCryptoManager`), for a team's other
 * services. WeChat gives them to who signs with the session_key.
 *
 * Fails with `encryptKeysErrors`: `key_replaced` where there is no session_key that WeChat honours; what WeChat says of
 * the one on record goes into the user's ring.
 */
export function createEncryptKeys(deps: {
  keyRings: KeyRingRepository
  wechat: Pick<WechatKeys, 'encryptKeys'>
  accessTokens: Pick<AccessTokens, 'use'>
  clock: Clock
  report: Report
}) {
  return async ({ appid, openid }: UserKey, by?: Caller): Promise<readonly EncryptKey[]> => {
    const user = { appid, openid }
    const key = currentKey(await deps.keyRings.keys(user))
    if (key === undefined) throw new R3SessionError('key_replaced')
    const keys = await deps.accessTokens.use(appid, (accessToken) =>
      deps.wechat.encryptKeys(accessToken, openid, key),
    )
    if (keys === undefined) {
      const now = deps.clock()
      await deps.keyRings.change(user, (ring) => withoutKey(ring, key, now))
      deps.report({ type: 'key_replaced', user, by: 'check' })
      throw new R3SessionError('key_replaced')
    }
    deps.report({ type: 'encrypt_keys', user, ...(by && { by }) })
    return keys
  }
}

export type GetEncryptKeys = ReturnType<typeof createEncryptKeys>
