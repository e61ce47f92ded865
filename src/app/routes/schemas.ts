/** What goes in and out, as the checks of requests and the OpenAPI document both use it. */
import * as z from 'zod'
import type { Text } from '../config/language.js'

/** A text that is not checked any further, described and with an example for the OpenAPI document. */
export const text = (description: string, example: string) =>
  z.string().meta({ description, examples: [example] })

const exampleCode = '0e1SYNTHETIC000000000000000000c0'

/**
 * What the developer tools give as a code when they run without an appid, also where a form has mangled it. No new
 * wx.login would give another, so it is the request that has to be mended (`invalid_request`), and not `code_invalid`,
 * on which clients log in again.
 */
const MOCK_CODE = new RegExp(`^\\s*${'the code is a mock one'.replaceAll(' ', '(?:\\s|\\+|%20)+')}\\s*$`, 'i')
const mockCode: Text = {
  en:
    'This is the code that the WeChat developer tools make up when they run without an appid (as a tourist or with a ' +
    "test account). Set your mini program's appid in the developer tools (project details, or appid in " +
    'project.config.json) and call wx.login again.',
  zh: '这是微信开发者工具在没有 appid（游客模式或测试号）时给出的模拟 code。请在开发者工具的项目详情或 project.config.json 中填写自己小程序的 appid，然后重新调用 wx.login。',
}

/** WeChat's codes are opaque, 32 letters and digits in practice. No brackets or quotes: those are a mangled body. */
const code = z
  .string()
  .refine((text) => !MOCK_CODE.test(text), { abort: true, params: { detail: mockCode } })
  .regex(/^[\w.~:+/=-]{1,128}$/)
  .meta({ description: 'The one-time code of wx.login', examples: [exampleCode] })

const appid = text('The mini program', 'wxd3300000000000d3')
export const whichApp = appid
  .describe('The mini program, where several are served; the first one without it')
  .optional()
export const openid = text('The user within this mini program', 'oSYNTHETIC_00000000000000001')
const unionid = text('The user across all apps of one Open Platform account', 'uSYNTHETIC_00000000000000001')
const exampleToken = '0f3a96bc'.repeat(16)
const r3session = z
  .string()
  .regex(/^[0-9a-f]{128}$/)
  .meta({ description: 'The session token', examples: [exampleToken] })

const sessionId = text('Name of the session; no token', '7c0d5e1f2a3b4c5d6e7f8091a2b3c4d5')

export const time = z.iso.datetime()
export const createdAt = time.meta({
  description: 'When the login was',
  examples: ['2026-03-01T04:00:00.000Z'],
})
const lastSeenAt = time.meta({
  description: 'The latest use on record, a minute old at most',
  examples: ['2026-03-01T09:30:00.000Z'],
})
const expiresAt = time.meta({
  description: 'When it ends, unless it is used before',
  examples: ['2026-03-04T09:30:00.000Z'],
})
export const expiresIn = z.int().meta({ description: 'Seconds', examples: [259_200] })

const phoneCode = text(
  'The code of the phone button: login and number in one call. It never costs the login',
  'e31968a7f94cc5ee25fafc2aef2773f0bb8c3937b22520eb8ee345274d00c144',
)
export const loginBody = z
  .object({ code, phoneCode: phoneCode.optional(), appid: whichApp })
  .meta({ id: 'LoginBody' })
const badKey: Text = {
  en: 'The Idempotency-Key must be 1 to 255 visible ASCII characters.',
  zh: 'Idempotency-Key 须为 1 至 255 个可见 ASCII 字符。',
}
const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/
export const loginHeaders = z.object({
  'Idempotency-Key': z
    .string()
    .refine((text) => VISIBLE_ASCII.test(text), { params: { detail: badKey } })
    .meta({
      description:
        'Any text of the client, 1 to 255 visible ASCII characters: a retry with the same code and key within 60 s ' +
        'gets the same r3session instead of code_used',
      pattern: VISIBLE_ASCII.source,
    })
    .optional(),
})
export const phoneReply = z
  .object({
    phoneNumber: text('With the country code in front where that is not 86', '13800000000'),
    purePhoneNumber: text('Without it', '13800000000'),
    countryCode: text('The country code', '86'),
  })
  .meta({ id: 'PhoneReply' })
export const noPhoneReply = z
  .object({
    code: text('Why there is no number: a code of the errors', 'code_invalid'),
    action: text('What the caller should do about that', 'relogin'),
  })
  .meta({ id: 'NoPhoneReply' })
export const loginReply = z
  .object({
    r3session,
    expiresIn: expiresIn.describe('Seconds it lives unused'),
    phone: z
      .union([phoneReply, noPhoneReply])
      .meta({
        description: 'Comes with phoneCode: the number, or why there is none',
        examples: [{ phoneNumber: '13800000000', purePhoneNumber: '13800000000', countryCode: '86' }],
      })
      .optional(),
  })
  .meta({ id: 'LoginReply' })

export const sessionReply = z
  .object({ appid, openid, unionid: unionid.optional(), createdAt, expiresAt })
  .meta({ id: 'SessionReply' })

export const encryptedData = text(
  'base64, as WeChat gave it, or wrapped and indented',
  'c2VhbGVkIGJ5IFdlQ2hhdCwgMzIgYnl0ZXMgbG9uZyE=',
)
export const iv = text('base64, as WeChat gave it, or wrapped and indented', 'MDEyMzQ1Njc4OWFiY2RlZg==')
export const rawData = text('Checked together with signature', '{"nickName":"微信用户"}')
export const signature = text(
  'sha1(rawData + session_key) as hex digits, as WeChat gave it',
  '75e81ceda165f4ffa64f4068af58c64b8f54b88c',
)

export const sealedBody = z
  .object({ encryptedData, iv, rawData: rawData.optional(), signature: signature.optional() })
  .meta({ id: 'SealedBody' })
export const openData = z.record(z.string(), z.unknown()).meta({
  id: 'OpenData',
  description:
    "Every field of WeChat's JSON; {activityId} for the bare text that wx.authPrivateMessage seals. Never take " +
    'identity from it: a profile without openId is genuine, and says nothing about whose it is',
  examples: [
    {
      openId: 'oSYNTHETIC_00000000000000001',
      nickName: '微信用户',
      gender: 0,
      watermark: { timestamp: 1_772_337_600, appid: 'wxd3300000000000d3' },
    },
  ],
})
export const decryptReply = z.object({ data: openData }).meta({ id: 'DecryptReply' })

export const phoneBody = z
  .object({ code: code.describe('The one-time code of the phone button') })
  .meta({ id: 'PhoneBody' })
export const checkReply = z
  .object({ valid: z.boolean().meta({ description: 'WeChat honours the key', examples: [true] }) })
  .meta({ id: 'CheckReply' })

export const appQuery = z.object({ appid: whichApp })
export const userParams = z.object({ openid })
export const userSessionParams = userParams.extend({ id: sessionId })
export const introspectBody = z
  .object({ token: text('The r3session in question; any text', exampleToken) })
  .meta({ id: 'IntrospectBody' })
export const introspectReply = z
  .object({
    active: z
      .boolean()
      .meta({ description: 'The session lives; the rest is there only then', examples: [true] }),
    sub: text('openid of the user', 'oSYNTHETIC_00000000000000001').optional(),
    client_id: text('appid of the mini program', 'wxd3300000000000d3').optional(),
    iat: z
      .int()
      .meta({ description: 'Login, seconds since 1970', examples: [1_772_337_600] })
      .optional(),
    exp: z
      .int()
      .meta({ description: 'End, seconds since 1970', examples: [1_772_616_600] })
      .optional(),
    token_type: text('Always Bearer', 'Bearer').optional(),
  })
  .meta({ id: 'IntrospectReply' })
export const accessTokenReply = z
  .object({
    accessToken: text("WeChat's access_token", '88_SYNTHETIC_000000000000000000'),
    expiresIn: expiresIn.meta({ description: 'Seconds it still lives', examples: [7200] }),
  })
  .meta({ id: 'AccessTokenReply' })
export const listedSession = z.object({
  id: sessionId,
  createdAt,
  lastSeenAt,
  expiresAt,
})
export const userSessionsReply = z
  .object({ sessions: z.array(listedSession) })
  .meta({ id: 'UserSessionsReply' })
export const revokedReply = z
  .object({ revoked: z.int().meta({ description: 'How many lived until now', examples: [2] }) })
  .meta({ id: 'RevokedReply' })

export const statusReply = z.object({ status: text('Always ok', 'ok') }).meta({ id: 'StatusReply' })
export const readyReply = z
  .object({
    status: text('Always ready', 'ready'),
    wechat: z
      .object({
        circuit: text(
          'closed; or, while WeChat is out of reach, open or half_open. A login then fails at once with wechat_unreachable',
          'closed',
        ),
      })
      .describe('What is known of WeChat; it does not change the status'),
  })
  .meta({ id: 'ReadyReply' })

export const codeReply = z.object({ code: text('A one-time code', exampleCode) }).meta({ id: 'CodeReply' })
