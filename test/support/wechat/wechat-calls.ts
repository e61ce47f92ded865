import { createHmac } from 'node:crypto'
import type { WechatGateway } from '#src/domain/ports.js'
import { accessToken, appid, newKey, openid, phone, phoneCode, secret, sessionKey } from './http-exchange.js'

/** A call other than code2Session: the request it makes, what WeChat answers, and what comes of that. */
export interface Call {
  readonly ask: (gateway: WechatGateway) => Promise<unknown>
  readonly request: { line: RegExp; query: [string, string][]; body?: object }
  readonly answer: object
  readonly result: unknown
}

export const info = { ...phone, watermark: { timestamp: 1_700_000_000, appid } }
/** As in the sample of WeChat's page. */
export const keyInfo = {
  encrypt_key: 'VI6BpyrK9XH4i4AIGe86tg==',
  version: 10,
  expire_in: 3597,
  iv: '6003f73ec441c386',
  create_time: 1616572301,
}
export const encryptKey = {
  encryptKey: keyInfo.encrypt_key,
  iv: keyInfo.iv,
  version: 10,
  expiresIn: 3597,
  createdAt: 1_616_572_301_000,
}
export const token = { access_token: accessToken, expires_in: 345 }
const signed: [string, string][] = [
  ['access_token', accessToken],
  ['openid', openid],
  ['signature', createHmac('sha256', sessionKey).digest('hex')],
  ['sig_method', 'hmac_sha256'],
]

export const calls: Record<Exclude<keyof WechatGateway, 'exchangeCode'>, Call> = {
  stableToken: {
    ask: (gateway) => gateway.stableToken(appid),
    request: {
      line: /^POST \/cgi-bin\/stable_token\??$/,
      query: [],
      body: { grant_type: 'client_credential', appid, secret },
    },
    answer: token,
    result: { accessToken, expiresIn: 345 },
  },
  phoneNumber: {
    ask: (gateway) => gateway.phoneNumber(accessToken, phoneCode, openid),
    request: {
      line: /^POST \/wxa\/business\/getuserphonenumber\?/,
      query: [['access_token', accessToken]],
      body: { code: phoneCode, openid },
    },
    answer: { errcode: 0, errmsg: 'ok', phone_info: info },
    result: phone,
  },
  honoursKey: {
    ask: (gateway) => gateway.honoursKey(accessToken, openid, sessionKey),
    request: { line: /^GET \/wxa\/checksession\?/, query: signed },
    answer: { errcode: 0, errmsg: 'ok' },
    result: true,
  },
  resetKey: {
    ask: (gateway) => gateway.resetKey(accessToken, openid, sessionKey),
    request: { line: /^GET \/wxa\/resetusersessionkey\?/, query: signed },
    answer: { errcode: 0, errmsg: 'ok', openid, session_key: newKey },
    result: newKey,
  },
  encryptKeys: {
    ask: (gateway) => gateway.encryptKeys(accessToken, openid, sessionKey),
    request: { line: /^GET \/wxa\/business\/getuserencryptkey\?/, query: signed },
    answer: { errcode: 0, errmsg: 'ok', key_info_list: [keyInfo] },
    result: [encryptKey],
  },
}
