import { successOf } from './answer.js'
import { invalidRequest, R3SessionError } from './error.js'
import { bearer, type Http } from './http.js'
import type { SessionManager } from './session-manager.js'
import type { SealedData } from './types.js'
import { fieldsOf } from './wx.js'

/**
 * Opens sealed data. A login before the data is sent could make it unreadable, for `wx.login` may replace the key it is
 * sealed with: so it goes out with the session there is. A login afterwards can't mend this data, but the next.
 */
export function createDecrypt(http: Http, sessions: SessionManager) {
  return async function decrypt<T>(sealed: SealedData): Promise<T> {
    // Only what the service needs: `userInfo` and `cloudID` of a `wx` result are none of its business.
    const { encryptedData, iv, rawData, signature } = fieldsOf(sealed)
    if (typeof encryptedData !== 'string' || typeof iv !== 'string')
      throw invalidRequest('nothing sealed: refused, or not withCredentials')
    const before = sessions.logins()
    if ((await sessions.current()) === undefined) {
      if (sessions.logins() === before) await sessions.fresh()
      throw new R3SessionError('no session when this was sealed: ask again', 'unauthorized', 'relogin')
    }
    const data = { encryptedData, iv, rawData, signature }
    const answer = await sessions.authorized(({ token }) =>
      http.ask('POST', '/v1/decrypt', bearer(token), data),
    )
    try {
      return successOf<{ data: T }>(answer, 'data').data
    } catch (error) {
      // Sealed, or signed, with a key of WeChat's that the service does not have: only a login brings it the one that
      // WeChat uses now. Where one has come between, it has done so already. If it fails, the next call's will do.
      const { code } = error as R3SessionError
      const isStale = code === 'decrypt_failed' || code === 'signature_mismatch'
      if (isStale && sessions.logins() === before) await sessions.fresh().catch(() => {})
      throw error
    }
  }
}
