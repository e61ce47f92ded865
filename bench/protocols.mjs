/**
 * How a contestant is spoken to. `login` and what stands in `asks` give requests; `credentialOf` takes what a login gave,
 * `named` tells whom an answer names.
 */
import { appid, openidOf, sealFor, secret } from './wechat/users.mjs'

export const serviceKey = 'bench-0123456789abcdef0123456789abcdef'

const json = { 'Content-Type': 'application/json' }
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const bearer = (token) => ({ Authorization: `Bearer ${token}` })
const jsonOf = ({ body }) => {
  try {
    return JSON.parse(body)
  } catch {
    return {}
  }
}
const byHeader = ({ headers }) => headers['x-wx-openid']
const byOpenid = (answer) => jsonOf(answer).openid

/** r3session's own routes, which the rivals that do the whole job have as well. */
export const r3session = {
  login: (code) => ({ method: 'POST', path: '/v1/login', headers: json, body: JSON.stringify({ code }) }),
  credentialOf: (answer) => jsonOf(answer).r3session,
  asks: {
    verify: {
      request: ({ credential }) => ({ method: 'GET', path: '/v1/auth', headers: bearer(credential) }),
      named: byHeader,
    },
    session: {
      request: ({ credential }) => ({ method: 'GET', path: '/v1/session', headers: bearer(credential) }),
      named: byOpenid,
    },
    introspect: {
      request: ({ credential }) => ({
        method: 'POST',
        path: '/v1/introspect',
        headers: { ...form, ...bearer(serviceKey) },
        body: `token=${credential}`,
      }),
      named: (answer) => (jsonOf(answer).active === true ? jsonOf(answer).sub : undefined),
    },
    decrypt: {
      request: ({ credential, code }) => ({
        method: 'POST',
        path: '/v1/decrypt',
        headers: { ...json, ...bearer(credential) },
        body: JSON.stringify(sealFor(code)),
      }),
      named: (answer) => jsonOf(answer).data?.openId,
    },
  },
}

const { verify, session, decrypt } = r3session.asks

/** Keeps sessions for ever, and knows no services. */
export const wechatJssdk = { ...r3session, asks: { verify, session, decrypt } }

/** Sessions of a web framework, sent as Bearer: who is calling, and decryption. */
export const redisSession = { ...r3session, asks: { verify, decrypt } }

/** A login brings sealed data along, and the session is what was sealed. */
const me = {
  request: ({ credential: { id, skey } }) => ({
    method: 'GET',
    path: '/me',
    headers: { 'X-WX-Id': id, 'X-WX-Skey': skey },
  }),
  named: (answer) => jsonOf(answer).openId,
}
export const wafer = {
  login: (code) => {
    const { encryptedData, iv } = sealFor(code)
    return {
      method: 'GET',
      path: '/login',
      headers: { 'X-WX-Code': code, 'X-WX-Encrypted-Data': encryptedData, 'X-WX-IV': iv },
    }
  },
  credentialOf: (answer) => jsonOf(answer).session,
  asks: { verify: me, session: me },
  strangers: { id: 'nobody', skey: 'nothing' },
}

/** A cookie names the session. */
export const expressSession = {
  login: r3session.login,
  credentialOf: ({ headers }) => headers['set-cookie']?.[0]?.split(';')[0],
  asks: {
    verify: {
      request: ({ credential }) => ({ method: 'GET', path: '/v1/auth', headers: { Cookie: credential } }),
      named: byHeader,
    },
  },
}

/** An OAuth server: a client with its secret asks about a token. */
export const oauthServer = {
  login: r3session.login,
  credentialOf: r3session.credentialOf,
  asks: {
    introspect: {
      ...r3session.asks.introspect,
      request: ({ credential }) => ({
        method: 'POST',
        path: '/token/introspection',
        headers: { ...form, Authorization: `Basic ${btoa(`${appid}:${secret}`)}` },
        body: `token=${credential}`,
      }),
    },
  },
}

/** The tutorial's two routes. */
export const tutorial = {
  login: (code) => ({
    method: 'POST',
    path: '/user/getuserinfo',
    headers: { 'Content-Type': 'text/plain' },
    body: code,
  }),
  credentialOf: ({ body }) => (/^[0-9a-f]{128}$/.test(body) ? body : undefined),
  asks: {
    decrypt: {
      request: ({ credential, code }) => ({
        method: 'POST',
        path: '/user/getuserunionid',
        headers: json,
        body: JSON.stringify({ r3session: credential, ...sealFor(code) }),
      }),
      named: (answer) => jsonOf(answer).openId,
    },
  },
}

/** Is asked what r3session is asked, with tokens that only look the part, and names nobody. */
export const bare = { ...r3session, isBare: true }

/** A user of this code, not logged in. */
export const userOf = (code) => ({ code, openid: openidOf(code) })
