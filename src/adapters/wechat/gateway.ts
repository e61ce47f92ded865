import { createHmac } from 'node:crypto'
import type { LookupFunction } from 'node:net'
import { R3SessionError } from '../../domain/errors.js'
import type { WechatGateway } from '../../domain/ports.js'
import {
  readEncryptKeys,
  readHonoursKey,
  readIdentity,
  readNewKey,
  readPhoneNumber,
  readStableToken,
} from './answers.js'
import type { Breaker } from './breaker.js'
import { createWechatTransport } from './transport.js'

/**
 * WeChat's server, over HTTP. Connections are kept between calls; they end by themselves when they rest, and at once
 * with `close`.
 */
export function createHttpWechat({
  api,
  apps,
  timeout,
  backoff = 200,
  ...limits
}: {
  /** WeChat's address, in earnest `https://api.weixin.qq.com`; may have a path. */
  api: string | URL
  /** The AppSecret of every appid that is served. */
  apps: ReadonlyMap<string, string>
  /** Deadline of a whole call, its repeat included, in milliseconds. */
  timeout: number
  /** Milliseconds between a call and its repeat. */
  backoff?: number
  /** Stands between all calls and WeChat. */
  breaker?: Breaker
  /** Milliseconds that a new connection may take, 2,000 without it, or half the `timeout` where that is less. */
  connectTimeout?: number
  /** DNS, in place of Node's. */
  lookup?: LookupFunction
  /** Milliseconds that a connection may rest before it is closed, 20,000 without it. */
  rest?: number
  /** Milliseconds after which a connection is not kept any longer, 300,000 without it. */
  maxAge?: number
  /** Connections at once, 256 without it. */
  atMost?: number
}): WechatGateway & { close(): void } {
  const { ask, close } = createWechatTransport({ api, timeout, backoff, ...limits })

  function credentials(appid: string): { appid: string; secret: string } {
    const secret = apps.get(appid)
    if (secret === undefined) throw new R3SessionError('internal', { facts: { reason: 'appid not served' } })
    return { appid, secret }
  }

  return {
    async exchangeCode(appid, code) {
      const query = { ...credentials(appid), js_code: code, grant_type: 'authorization_code' }
      return ask({ path: 'sns/jscode2session', query }, readIdentity)
    },

    async stableToken(appid) {
      const body = { grant_type: 'client_credential', ...credentials(appid) }
      return ask({ path: 'cgi-bin/stable_token', body }, readStableToken)
    },

    async phoneNumber(accessToken, code, openid) {
      const query = { access_token: accessToken }
      const body = { code, openid }
      // Of a used phone code WeChat says that it is invalid.
      const spent = 'code_invalid'
      return ask({ path: 'wxa/business/getuserphonenumber', query, body, spent }, readPhoneNumber)
    },

    async honoursKey(accessToken, openid, sessionKey) {
      const query = signedQuery(accessToken, openid, sessionKey)
      return ask({ path: 'wxa/checksession', query }, readHonoursKey)
    },

    async resetKey(accessToken, openid, sessionKey) {
      const query = signedQuery(accessToken, openid, sessionKey)
      return ask({ path: 'wxa/resetusersessionkey', query }, (body) => readNewKey(body, openid))
    },

    async encryptKeys(accessToken, openid, sessionKey) {
      const query = signedQuery(accessToken, openid, sessionKey)
      return ask({ path: 'wxa/business/getuserencryptkey', query }, readEncryptKeys)
    },

    close,
  }
}

/**
 * A call that proves to know the session_key, by signing the (empty) body of a GET. The key is the base64 text as it
 * stands, not the 16 bytes behind it: only so does the sample of WeChat's http-signature page come out.
 */
function signedQuery(accessToken: string, openid: string, sessionKey: string) {
  const signature = createHmac('sha256', sessionKey).update('').digest('hex')
  return { access_token: accessToken, openid, signature, sig_method: 'hmac_sha256' }
}
