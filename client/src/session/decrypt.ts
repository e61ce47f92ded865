import { successOf } from '../network/answer.js'
import { invalidRequest, R3SessionError } from '../network/error.js'
import { bearer, type Http } from '../network/http.js'
import { fieldsOf } from '../network/wx.js'
import type { SessionManager } from './session-manager.js'

/**
 * Data that WeChat has encrypted. Only these four fields are sent, so you can give a whole `wx` result. A result
 * without them, because the user refused, is rejected.
 */
export interface SealedData {
  readonly encryptedData?: string
  readonly iv?: string
  readonly rawData?: string
  readonly signature?: string
}

/**
 * Decrypts data from WeChat. It never logs in before it sends the data: `wx.login` may replace the key that the data is
 * encrypted with. So it uses the current session. A login after a failure helps only the next data, not this data.
 */
export function createDecrypt(http: Http, sessions: SessionManager) {
  return function decrypt<T>(sealed: SealedData): Promise<T> {
    // Sends only what the service needs, and not `userInfo` and `cloudID` of a `wx` result.
    const { encryptedData, iv, rawData, signature } = fieldsOf(sealed)
    if (typeof encryptedData !== 'string' || typeof iv !== 'string')
      return Promise.reject(invalidRequest('nothing sealed: refused, or not withCredentials'))
    const data = { encryptedData, iv, rawData, signature }
    const before = sessions.logins()
    /** Only a login gives the service WeChat's current key. A login that finished meanwhile has done that already. */
    const renew = () => (sessions.logins() === before ? sessions.fresh() : Promise.resolve())
    return sessions
      .current()
      .then((held) => {
        if (held) return undefined
        return renew().then(() => {
          throw new R3SessionError('no session when this was sealed: ask again', 'unauthorized', 'relogin')
        })
      })
      .then(() => sessions.authorized(({ token }) => http.ask('POST', '/v1/decrypt', bearer(token), data)))
      .then((answer) => {
        const { data } = successOf<{ data: T }>(answer, 'data')
        return data
      })
      .catch((error: R3SessionError) => {
        // The data was encrypted or signed with a key that the service does not have. If this login fails, the next call
        // logs in.
        const { code } = error
        if (code !== 'decrypt_failed' && code !== 'signature_mismatch') throw error
        const rethrow = () => {
          throw error
        }
        return renew().then(rethrow, rethrow)
      })
  }
}
