import { inSeconds } from '../state/environment.js'
import type { WeixinState } from '../state/weixin-state.js'
import type { Answer, Checks, Request, SignedCall } from './endpoint.js'

/** The endpoints that are asked with a signature made with the user's session_key. */
export function signedEndpoints({ environment, keys, encryptKeys }: WeixinState, { signed }: Checks) {
  /** A call that is signed with the user's live key. */
  const signedWell = (request: Request): SignedCall | number => {
    const call = signed(request)
    if (typeof call === 'number') return call
    if (call.key === undefined) return 87007
    return call.isGood ? call : 87009
  }

  return {
    /** checkSessionKey: the answer is the same for a key that has ended and for a wrong signature. */
    checkSession(request: Request): Answer {
      const call = signed(request)
      if (typeof call === 'number') return call
      return call.isGood ? { errcode: 0, errmsg: 'ok' } : 87009
    },

    /** resetUserSessionKey */
    resetUserSessionKey(request: Request): Answer {
      const call = signedWell(request)
      if (typeof call === 'number') return call
      return { errcode: 0, errmsg: 'ok', openid: call.openid, session_key: keys.replace(call) }
    },

    /** getUserEncryptKey: the last three keys, also those that have ended. */
    getUserEncryptKey(request: Request): Answer {
      const call = signedWell(request)
      if (typeof call === 'number') return call
      const key_info_list = encryptKeys.of(call).map(({ encryptKey, iv, version, createdAt, expiresAt }) => ({
        encrypt_key: encryptKey,
        version,
        expire_in: Math.max(0, inSeconds(expiresAt - environment.clock())),
        iv,
        create_time: inSeconds(createdAt),
      }))
      return { errcode: 0, errmsg: 'ok', key_info_list }
    },
  }
}
