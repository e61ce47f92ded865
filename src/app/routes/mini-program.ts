/** The routes for the mini program itself. */
import type { Authenticate } from '../../domain/authenticate.js'
import type { Decrypt } from '../../domain/decrypt.js'
import type { ErrorCode } from '../../domain/errors.js'
import type { Login } from '../../domain/login.js'
import type { Logout } from '../../domain/logout.js'
import type { GetPhoneNumber } from '../../domain/phone-number.js'
import type { Session } from '../../domain/session.js'
import type { SessionKeys } from '../../domain/session-key.js'
import { invalid, json, LARGE, SMALL } from '../http/body.js'
import { session } from '../http/credentials.js'
import { type Route, route } from '../http/route.js'
import type { AppChoice } from './app-choice.js'
import {
  checkReply,
  decryptReply,
  loginBody,
  loginReply,
  phoneBody,
  phoneReply,
  sealedBody,
  sessionReply,
} from './schemas.js'

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
  // The user's sessions were all ended while WeChat was asked.
  'invalid_session',
  'storage_unavailable',
  ...wechatErrors,
]

/** What can go wrong in a call that needs an access_token. */
export const tokenErrors: readonly ErrorCode[] = ['storage_unavailable', ...wechatErrors]

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
  readonly phoneNumber: GetPhoneNumber
  readonly sessionKeys: SessionKeys
  readonly chooseApp: AppChoice
}

export function miniProgramRoutes(useCases: MiniProgramUseCases): Route[] {
  const { login, authenticate, logout, decrypt, phoneNumber, sessionKeys, chooseApp } = useCases
  return [
    route({
      method: 'POST',
      path: '/v1/login',
      summary: 'Trade the code of wx.login for an r3session',
      body: json(loginBody, SMALL),
      headers: {
        'Idempotency-Key':
          'Any text of the client, 1 to 255 visible ASCII characters: a retry with the same code and key within 60 s ' +
          'gets the same r3session instead of code_used',
      },
      success: {
        status: 201,
        means: 'The r3session, and how many seconds it lives unused',
        schema: loginReply,
      },
      errors: loginErrors,
      handle: async ({ body: { code, appid }, header }) => ({
        body: await login({ appid: chooseApp(appid), code, key: idempotencyKey(header('idempotency-key')) }),
      }),
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
      summary:
        'Open what WeChat sealed for the user of the session: user, phone, share, run, game, group, activity',
      credentials: session,
      body: json(sealedBody, LARGE),
      success: {
        status: 200,
        means: "Every field of WeChat's JSON, or the activityId",
        schema: decryptReply,
      },
      errors: decryptErrors,
      handle: async ({ who: token, body }) => ({ body: { data: await decrypt(token, body) } }),
    }),
    route({
      method: 'POST',
      path: '/v1/phone-number',
      summary: "The phone number behind a code of the phone button, for the session's own user",
      credentials: session,
      body: json(phoneBody, SMALL),
      success: { status: 200, means: 'The number', schema: phoneReply },
      errors: ['code_invalid', 'code_used', ...tokenErrors],
      handle: async ({ who: token, body: { code } }) => ({ body: await phoneNumber(token, code) }),
    }),
    route({
      method: 'POST',
      path: '/v1/session/check',
      summary: 'Does WeChat still honour the session_key on record?',
      credentials: session,
      success: { status: 200, means: 'Whether it does', schema: checkReply },
      errors: tokenErrors,
      handle: async ({ who: token }) => ({ body: { valid: await sessionKeys.check(token) } }),
    }),
    route({
      method: 'POST',
      path: '/v1/session/reset-key',
      summary: 'Have WeChat replace the session_key',
      credentials: session,
      success: { status: 204, means: 'There is a new key, and the old one is dead' },
      errors: tokenErrors,
      handle: async ({ who: token }) => {
        await sessionKeys.reset(token)
        return {}
      },
    }),
  ]
}

function idempotencyKey(header: string): string | undefined {
  if (header === '') return undefined
  if (/^[\x21-\x7e]{1,255}$/.test(header)) return header
  throw invalid({
    en: 'The Idempotency-Key must be 1 to 255 visible ASCII characters.',
    zh: 'Idempotency-Key 须为 1 至 255 个可见 ASCII 字符。',
  })
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
