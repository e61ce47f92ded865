/** The routes for the mini program itself. */
import { type Authenticate, authenticateErrors } from '../../domain/authenticate.js'
import { type Decrypt, decryptErrors } from '../../domain/decrypt.js'
import { type SessionKeys, sessionKeyErrors } from '../../domain/keys/session-key.js'
import { loginErrors } from '../../domain/login.js'
import type { LoggedIn, LoginWithPhone } from '../../domain/login-with-phone.js'
import { type Logout, logoutErrors } from '../../domain/logout.js'
import { type GetPhoneNumber, phoneNumberErrors } from '../../domain/phone-number.js'
import type { Session } from '../../domain/session.js'
import { json, LARGE, SMALL } from '../http/body.js'
import { session } from '../http/credentials.js'
import { headers } from '../http/fields.js'
import { errorForms } from '../http/problems.js'
import { type Hints, type Route, route } from '../http/route.js'
import { type AddressLimits, limitErrors } from '../limits/address-limits.js'
import type { AppChoice } from './app-choice.js'
import {
  checkReply,
  decryptReply,
  loginBody,
  loginHeaders,
  loginReply,
  phoneBody,
  phoneReply,
  sealedBody,
  sessionReply,
} from './schemas.js'

/** What a login says of a code that WeChat does not take. */
export const loginHints: Hints = {
  code_invalid: {
    en: 'Send the code of a new wx.login, once and within 5 minutes. A code of the phone button does not work here.',
    zh: '请发送新的 wx.login 返回的 code（5 分钟内、仅限一次）；手机号按钮的 code 在此无效。',
  },
}

const phoneHints: Hints = {
  code_invalid: {
    en: "Send the code of the phone button's event, once and within 5 minutes, for its own user. A code of wx.login does not work here.",
    zh: '请发送手机号按钮事件中的 code（5 分钟内、仅限一次、须为本人）；wx.login 的 code 在此无效。',
  },
}

export interface MiniProgramUseCases {
  readonly login: LoginWithPhone
  readonly authenticate: Authenticate
  readonly logout: Logout
  readonly decrypt: Decrypt
  readonly phoneNumber: GetPhoneNumber
  readonly sessionKeys: SessionKeys
  readonly chooseApp: AppChoice
  readonly addressLimits: AddressLimits
}

export function miniProgramRoutes(useCases: MiniProgramUseCases): Route[] {
  const { login, authenticate, logout, decrypt, phoneNumber, sessionKeys, chooseApp, addressLimits } =
    useCases
  return [
    route({
      method: 'POST',
      path: '/v1/login',
      lane: 'login',
      isHot: true,
      summary: 'Trade the code of wx.login for an r3session',
      description: `With phoneCode the phone number comes along, or the code and action of why there is none: it never \
costs the login. A retry with the same Idempotency-Key, code and phoneCode costs nothing more, and neither does asking \
POST /v1/phone-number for the same phoneCode within 5 minutes.`,
      headers: headers(loginHeaders),
      body: json(loginBody, SMALL),
      limit: { errors: limitErrors, read: (asked) => addressLimits.countLogin(asked) },
      success: {
        status: 201,
        means: 'The r3session, and how many seconds it lives unused',
        schema: loginReply,
      },
      errors: loginErrors,
      hints: loginHints,
      handle: async ({
        body: { code, phoneCode, appid },
        headers: { 'Idempotency-Key': key },
        requestId,
      }) => ({
        body: loginView(await login({ appid: chooseApp(appid), code, key, phoneCode, by: { requestId } })),
      }),
    }),
    route({
      method: 'GET',
      path: '/v1/session',
      lane: 'verify',
      isHot: true,
      isCounted: true,
      summary: 'Who is logged in, and until when',
      credentials: session,
      success: { status: 200, means: 'The session', schema: sessionReply },
      errors: authenticateErrors,
      handle: async ({ who: token }) => ({ body: view(await authenticate(token)) }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/session',
      lane: 'ending',
      summary: 'Log out',
      credentials: session,
      success: { status: 204, means: 'There is no such session, or none any more' },
      errors: logoutErrors,
      handle: async ({ who: token }) => {
        await logout(token)
        return {}
      },
    }),
    route({
      method: 'POST',
      path: '/v1/decrypt',
      lane: 'decrypt',
      isHot: true,
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
      lane: 'wechat',
      summary: "The phone number behind a code of the phone button, for the session's own user",
      credentials: session,
      body: json(phoneBody, SMALL),
      success: { status: 200, means: 'The number', schema: phoneReply },
      errors: phoneNumberErrors,
      hints: phoneHints,
      handle: async ({ who: token, body: { code } }) => ({ body: await phoneNumber(token, code) }),
    }),
    route({
      method: 'POST',
      path: '/v1/session/check',
      lane: 'wechat',
      summary: 'Does WeChat still honour the session_key on record?',
      credentials: session,
      success: { status: 200, means: 'Whether it does', schema: checkReply },
      errors: sessionKeyErrors,
      handle: async ({ who: token }) => ({ body: { valid: await sessionKeys.check(token) } }),
    }),
    route({
      method: 'POST',
      path: '/v1/session/reset-key',
      lane: 'wechat',
      summary: 'Have WeChat replace the session_key',
      credentials: session,
      success: { status: 204, means: 'There is a new key, and the old one is dead' },
      errors: sessionKeyErrors,
      handle: async ({ who: token }) => {
        await sessionKeys.reset(token)
        return {}
      },
    }),
  ]
}

/** What a login gives; a number that could not be had with the action that its error has everywhere. */
function loginView(loggedIn: LoggedIn): object {
  const { phone } = loggedIn
  if (phone === undefined || !('code' in phone)) return loggedIn
  return { ...loggedIn, phone: { code: phone.code, action: errorForms[phone.code].action } }
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
