import { isObject } from '../state/sandbox-error.js'
import type { WeixinState } from '../state/weixin-state.js'
import type { Answer, Checks, Request } from './endpoint.js'

/** The endpoints that take the AppSecret itself. */
export function secretEndpoints(state: WeixinState, { refusalOf }: Checks) {
  const { settings, keys, tokens, loginCodes, quota } = state

  /** The errcode for a caller that can't have an access_token. */
  const noToken = ({ appid, secret, grant_type }: Record<string, unknown>): number | undefined => {
    if (typeof appid !== 'string' || appid === '') return 41002
    if (typeof secret !== 'string' || secret === '') return 41004
    if (grant_type !== 'client_credential') return 40002
    return refusalOf(appid, secret)
  }

  return {
    /** code2Session. WeChat takes a POST, too, with the parameters in the query or as a form. */
    code2Session({ query, body }: Request): Answer {
      const form = typeof body === 'string' ? Object.fromEntries(new URLSearchParams(body)) : {}
      const { appid, secret, js_code, grant_type } = { ...form, ...query }
      if (!appid) return 41002
      if (!secret) return 41004
      if (!js_code) return 41008
      if (grant_type !== 'authorization_code') return 40002
      const refusal = refusalOf(appid, secret)
      if (refusal !== undefined) return refusal

      const code = loginCodes.find(js_code)
      if (code === undefined || code.account.appid !== appid) return 40029
      if (code.used) return 40163
      if (state.isBlocked(code.account.user)) return 40226
      if (quota.isOver(code.account)) return 45011
      code.used = true
      const { openid, unionid } = code.account
      return {
        session_key: keys.get(code.account),
        ...(settings.legacyExpiresIn ? { expires_in: 7200 } : {}),
        openid,
        ...(unionid === undefined ? {} : { unionid }),
      }
    },

    /** getAccessToken */
    token: ({ query }: Request): Answer => noToken(query) ?? tokens.plain(query['appid'] ?? ''),

    /** getStableAccessToken */
    stableToken({ body }: Request): Answer {
      if (body === undefined) return 44002
      if (!isObject(body)) return 47001
      return noToken(body) ?? tokens.stable(String(body['appid']), body['force_refresh'] === true)
    },
  }
}
