/** The routes for the mini program itself. */
import type { Authenticate } from '../domain/authenticate.js'
import type { Decrypt } from '../domain/decrypt.js'
import type { ErrorCode } from '../domain/errors.js'
import type { Login } from '../domain/login.js'
import type { Logout } from '../domain/logout.js'
import type { Session } from '../domain/session.js'
import { invalid, json, LARGE, SMALL } from './body.js'
import { session } from './credentials.js'
import { type Route, route } from './route.js'
import { decryptReply, loginBody, loginReply, sealedBody, sessionReply } from './schemas.js'

/** What can go wrong when WeChat is asked. */
export const wechatErrors = [
  'wechat_rate_limited',
  'wechat_busy',
  'wechat_unreachable',
  'wechat_timeout',
  'wechat_invalid_response',
  'wechat_misconfigured',
  'wechat_quota',
] as const satisfies ErrorCode[]

export const loginErrors: readonly ErrorCode[] = [
  'code_invalid',
  'code_used',
  'user_blocked',
  'storage_unavailable',
  ...wechatErrors,
]

export const decryptErrors: readonly ErrorCode[] = [
  'decrypt_failed',
  'signature_mismatch',
  'storage_unavailable',
]

export interface MiniProgramUseCases {
  readonly login: Login
  readonly authenticate: Authenticate
  readonly logout: Logout
  readonly decrypt: Decrypt
  /** The mini programs served; the first is the default. */
  readonly appids: readonly string[]
}

export function miniProgramRoutes({
  login,
  authenticate,
  logout,
  decrypt,
  appids,
}: MiniProgramUseCases): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/login',
      summary: 'Trade the code of wx.login for an r3session',
      body: json(loginBody, SMALL),
      success: {
        status: 201,
        means: 'The r3session, and how many seconds it lives unused',
        schema: loginReply,
      },
      errors: loginErrors,
      handle: async ({ body: { code, appid } }) => ({ body: await login(served(appid), code) }),
    }),
    route({
      method: 'GET',
      path: '/v1/session',
      summary: 'Who is logged in, and until when',
      credentials: session,
      success: { status: 200, means: 'The session', schema: sessionReply },
      errors: [],
      handle: async ({ who: token }) => ({ body: view(await authenticate(token)) }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/session',
      summary: 'Log out',
      credentials: { ...session, errors: ['unauthorized', 'storage_unavailable'] },
      success: { status: 204, means: 'There is no such session, or none any more' },
      errors: [],
      handle: async ({ who: token }) => {
        await logout(token)
        return {}
      },
    }),
    route({
      method: 'POST',
      path: '/v1/decrypt',
      summary: 'Open what WeChat sealed for the user of the session',
      credentials: session,
      body: json(sealedBody, LARGE),
      success: { status: 200, means: "Every field of WeChat's JSON", schema: decryptReply },
      errors: decryptErrors,
      handle: async ({ who: token, body }) => ({ body: { data: await decrypt(token, body) } }),
    }),
  ]

  function served(appid: string | undefined): string {
    const found = appid === undefined ? appids[0] : appids.find((known) => known === appid)
    if (found !== undefined) return found
    throw invalid({ en: 'This service does not serve that appid.', zh: '本服务未配置该 appid。' })
  }
}

function view({ appid, openid, unionid, createdAt, expiresAt }: Session) {
  return {
    appid,
    openid,
    ...(unionid === undefined ? {} : { unionid }),
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  }
}
