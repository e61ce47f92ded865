import { successOf } from './answer.js'
import { invalidRequest, R3SessionError } from './error.js'
import { bearer, type Http } from './http.js'
import type { SessionManager } from './session-manager.js'
import type { SealedData } from './types.js'
import { fieldsOf } from './wx.js'

/**
 * Decrypts data from WeChat. It never logs in before it sends the data: `wx.login` may replace the key that the data is
 * encrypted with. So it uses the current session. A login after a failure helps only the next data, not this data.
 */
export function createDecrypt(http: Http, sessions: SessionManager) {
  return async function decrypt<T>(sealed: SealedData): Promise<T> {
    // Sends only what the service needs, and not `userInfo` and `cloudID` of a `wx` result.
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
      // The data was encrypted or signed with a key that the service does not have. Only a login gives the service
      // WeChat's current key. A login that finished meanwhile has done that already. If this login fails, the next call
      // logs in.
      const { code } = error as R3SessionError
      const isStale = code === 'decrypt_failed' || code === 'signature_mismatch'
      if (isStale && sessions.logins() === before) await sessions.fresh().catch(() => {})
      throw error
    }
  }
}
