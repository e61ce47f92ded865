import { phoneInfoOf, watermarkOf } from './open-data.js'
import { createQuota } from './quota.js'
import { isObject } from './sandbox-error.js'
import { signMessage } from './seal.js'
import type { Weixin } from './weixin.js'

/** A call as an endpoint sees it. `body` is parsed JSON, or the text that is none, or absent when empty. */
export interface Request {
  readonly query: Readonly<Record<string, string | undefined>>
  readonly body: unknown
}

/** An errcode, or what a success says. Successes of /sns and /cgi-bin carry no errcode, those of /wxa a 0. */
export type Answer = number | Readonly<Record<string, unknown>>

export const weixinPaths = [
  '/sns/jscode2session',
  '/cgi-bin/stable_token',
  '/wxa/checksession',
  '/wxa/resetusersessionkey',
  '/wxa/business/getuserphonenumber',
] as const

export type WeixinPath = (typeof weixinPaths)[number]

/** A call that is signed with a session_key, and whether with the right one. */
interface SignedCall {
  readonly appid: string
  readonly openid: string
  /** The key it should be signed with, if the user has any. */
  readonly key: string | undefined
  readonly isGood: boolean
}

/**
 * WeChat's endpoints around login. In which order WeChat checks parameters is documented nowhere; this one goes from
 * what is missing through who is asking to what is asked.
 */
export function createEndpoints(weixin: Weixin) {
  const { settings, keys, tokens, loginCodes, phoneCodes } = weixin
  const isOverQuota = createQuota(weixin.world.clock, settings.loginsPerMinute)

  /** The errcode with which WeChat turns an app away, or undefined. */
  const refusalOf = (appid: string, secret: string): number | undefined => {
    const app = weixin.appOf(appid)
    if (app === undefined) return 40013
    if (app.secret !== secret) return 40125
    return weixin.addressRefused ? 40164 : undefined
  }

  const signed = ({ query }: Request): SignedCall | number => {
    const { access_token, openid, signature, sig_method } = query
    const appid = tokens.appidOf(access_token)
    if (typeof appid === 'number') return appid
    if (!openid || !signature) return 40097
    if (sig_method !== 'hmac_sha256') return 87008
    const key = keys.find({ appid, openid })
    return { appid, openid, key, isGood: key !== undefined && signature === signMessage('', key) }
  }

  /** code2Session */
  function code2Session({ query }: Request): Answer {
    const { appid, secret, js_code, grant_type } = query
    if (!appid) return 41002
    if (!secret) return 41004
    if (!js_code) return 41008
    if (grant_type !== 'authorization_code') return 40002
    const refusal = refusalOf(appid, secret)
    if (refusal !== undefined) return refusal

    const code = loginCodes.find(js_code)
    if (code === undefined || code.account.appid !== appid) return 40029
    if (code.used) return 40163
    if (weixin.isBlocked(code.account.user)) return 40226
    if (isOverQuota(code.account)) return 45011
    code.used = true
    const { openid, unionid } = code.account
    return {
      session_key: keys.get(code.account),
      ...(settings.legacyExpiresIn ? { expires_in: 7200 } : {}),
      openid,
      ...(unionid === undefined ? {} : { unionid }),
    }
  }

  /** getStableAccessToken */
  function stableToken({ body }: Request): Answer {
    if (body === undefined) return 44002
    if (!isObject(body)) return 47001
    const { appid, secret, grant_type, force_refresh } = body
    if (typeof appid !== 'string' || appid === '') return 41002
    if (typeof secret !== 'string' || secret === '') return 41004
    if (grant_type !== 'client_credential') return 40002
    return refusalOf(appid, secret) ?? tokens.stable(appid, force_refresh === true)
  }

  /** checkSessionKey: a key that is gone and a signature that is wrong look the same. */
  function checkSession(request: Request): Answer {
    const call = signed(request)
    if (typeof call === 'number') return call
    return call.isGood ? { errcode: 0, errmsg: 'ok' } : 87009
  }

  /** resetUserSessionKey */
  function resetUserSessionKey(request: Request): Answer {
    const call = signed(request)
    if (typeof call === 'number') return call
    if (call.key === undefined) return 87007
    if (!call.isGood) return 87009
    return { errcode: 0, errmsg: 'ok', openid: call.openid, session_key: keys.replace(call) }
  }

  /** getPhoneNumber. Which errcode a foreign openid meets is not documented; 40029 tells a client what to do. */
  function getUserPhoneNumber({ query, body }: Request): Answer {
    const appid = tokens.appidOf(query['access_token'])
    if (typeof appid === 'number') return appid
    if (body === undefined) return 44002
    if (!isObject(body)) return 47001
    if (typeof body['code'] !== 'string' || body['code'] === '') return 41008
    const code = phoneCodes.find(body['code'])
    if (code === undefined || code.used) return 40029
    if (code.account.appid !== appid) return 40013
    if (body['openid'] !== undefined && body['openid'] !== code.account.openid) return 40029
    code.used = true
    weixin.paidCalls += 1
    const phone_info = {
      ...phoneInfoOf(code.account),
      watermark: watermarkOf(code.account, weixin.world.clock()),
    }
    return { errcode: 0, errmsg: 'ok', phone_info }
  }

  const endpoints: Record<WeixinPath, { method: 'GET' | 'POST'; answer: (request: Request) => Answer }> = {
    '/sns/jscode2session': { method: 'GET', answer: code2Session },
    '/cgi-bin/stable_token': { method: 'POST', answer: stableToken },
    '/wxa/checksession': { method: 'GET', answer: checkSession },
    '/wxa/resetusersessionkey': { method: 'GET', answer: resetUserSessionKey },
    '/wxa/business/getuserphonenumber': { method: 'POST', answer: getUserPhoneNumber },
  }

  return (method: string, path: string, request: Request): Answer => {
    const known = weixinPaths.find((known) => known === path)
    if (known === undefined) return 40066
    const endpoint = endpoints[known]
    if (endpoint.method !== method) return endpoint.method === 'POST' ? 43002 : 43001
    return endpoint.answer(request)
  }
}

export type Endpoints = ReturnType<typeof createEndpoints>
