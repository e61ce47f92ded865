import { invalidRequest, R3SessionError } from './error.js'
import type { Http } from './http.js'
import type { Keeper } from './keeper.js'
import type { SealedData } from './types.js'
import { fieldsOf } from './wx.js'

/**
 * Both mean that the data was sealed, or signed, with a key of WeChat's that the service does not have. Only a login
 * brings it the key that WeChat uses now.
 */
const STALE_KEY = ['decrypt_failed', 'signature_mismatch']

/**
 * Opens sealed data. A login before the data is sent could make it unreadable, for `wx.login` may replace the key it is
 * sealed with: so it goes out with the session there is. A login afterwards can't mend this data, but the next.
 */
export function createDecrypt({ http, keeper }: { http: Http; keeper: Keeper }) {
  return async function decrypt<T>(sealed: SealedData): Promise<T> {
    const data = fieldsToSend(sealed)
    const before = keeper.logins()
    if ((await keeper.current()) === undefined) {
      if (keeper.logins() === before) await keeper.fresh()
      throw new R3SessionError('there was no session when the data was sealed; now there is one', {
        code: 'unauthorized',
        action: 'relogin',
      })
    }
    const answer = await keeper.authorized(({ token }) => http.ask('POST', '/v1/decrypt', { token, data }))
    try {
      return http.success<{ data: T }>(answer, 'data').data
    } catch (error) {
      const isStale = error instanceof R3SessionError && STALE_KEY.indexOf(error.code) !== -1
      // Where a login has come between, it has brought the new key already. Should this one fail, the next call's will do.
      if (isStale && keeper.logins() === before) await keeper.fresh().catch(() => {})
      throw error
    }
  }
}

/** Only what the service needs: `userInfo` and `cloudID` of a `wx` result are none of its business. */
function fieldsToSend(sealed: SealedData): SealedData {
  const { encryptedData, iv, rawData, signature } = fieldsOf(sealed)
  if (typeof encryptedData !== 'string' || typeof iv !== 'string')
    throw invalidRequest('encryptedData or iv is missing: the user refused, or withCredentials was false')
  return {
    encryptedData,
    iv,
    ...(typeof rawData === 'string' && { rawData }),
    ...(typeof signature === 'string' && { signature }),
  }
}
