/** What goes in and out of the routes that are there only where the sandbox runs. */
import * as z from 'zod'
import type { Action } from '../../../sandbox/index.js'
import {
  codeReply,
  encryptedData,
  iv,
  listedSession,
  openData,
  rawData,
  sessionReply,
  signature,
  time,
} from '../schemas.js'

const text = (description: string, example: string) => z.string().meta({ description, examples: [example] })

const user = z
  .string()
  .min(1)
  .max(64)
  .meta({ description: 'Any name; the same name is the same user', examples: ['ann'] })
const appid = text('The mini program', 'wxd3300000000000d3')

const whoBody = z.object({ user: user.optional(), appid: appid.optional() }).meta({ id: 'WhoBody' })
const numericCountryCode = z.boolean().meta({
  description: "Has WeChat give the country code as the number 86, as in the sample on WeChat's own page",
  examples: [false],
})

/** Any fields. What the sandbox takes it checks itself; the schemas of `inputs` are for documentation. */
export const anyFields = z.record(z.string(), z.unknown())

/** The forms of what the sandbox's actions take. */
export const inputs: Readonly<Record<Exclude<Action['takes'], 'nothing'>, z.ZodType>> = {
  who: whoBody,
  profile: whoBody
    .extend({ profile: openData.describe('A profile as users had one before 2021').optional() })
    .meta({ id: 'UserInfoBody' }),
  phoneAnswer: whoBody
    .extend({ numericCountryCode: numericCountryCode.optional() })
    .meta({ id: 'PhoneButtonBody' }),
  data: whoBody
    .extend({
      data: z.union([openData, z.string()]).meta({
        description:
          'An object to seal, a watermark added unless it has one or null for none; or a bare text',
        examples: [{ opengid: 'tGSYNTHETIC000000000000000001', chat_type: 3, watermark: null }],
      }),
    })
    .meta({ id: 'SealBody' }),
  virtualPayment: whoBody
    .extend({
      mode: text('short_series_goods, or short_series_coin', 'short_series_goods'),
      signData: text(
        'The text of the order, of which both signatures are made',
        '{"offerId":"123","buyQuantity":1,"env":0,"currencyType":"CNY","productId":"book","goodsPrice":10,"outTradeNo":"order-00000001","attach":""}',
      ),
      paySig: text('The payment signature, made with the AppKey', '9f86d081'.repeat(8)),
      signature: text('The user-state signature, as POST /v1/sign makes it', '2c26b46b'.repeat(8)),
      cancel: z
        .boolean()
        .meta({ description: 'The user closes the window instead', examples: [false] })
        .optional(),
    })
    .meta({ id: 'VirtualPaymentBody' }),
  blocked: whoBody.meta({ id: 'BlockBody', examples: [{ user: 'mallory' }] }),
  fault: anyFields.meta({
    id: 'FaultBody',
    description: 'A fault as docs/testing.md lists them',
    examples: [{ errcode: -1, path: '/wxa/resetusersessionkey' }],
  }),
}

const sealed = z.object({ encryptedData, iv })

/** The forms of what they give. */
export const outputs: Readonly<Record<Action['gives'], z.ZodType>> = {
  nothing: z.object({}).meta({ id: 'NothingReply', examples: [{}] }),
  code: codeReply,
  valid: z
    .object({ valid: z.boolean().meta({ description: 'The user has a live session_key', examples: [true] }) })
    .meta({ id: 'ValidReply' }),
  userInfo: sealed.extend({ userInfo: openData, rawData, signature }).meta({ id: 'UserInfoReply' }),
  sealed: sealed.meta({ id: 'SealReply' }),
  phoneNumber: codeReply.extend({ encryptedData, iv }).meta({ id: 'PhoneButtonReply' }),
  userKey: z
    .object({
      encryptKey: text('base64 of 16 bytes', 'MDEyMzQ1Njc4OWFiY2RlZg=='),
      iv: text('16 characters, to be used as they are', '0123456789abcdef'),
      version: z.int().meta({ description: 'Counts from 1 on', examples: [1] }),
      expireTime: z
        .int()
        .meta({ description: 'When the key ends, seconds since 1970', examples: [1_772_341_200] }),
    })
    .meta({ id: 'UserKeyReply' }),
  payment: z
    .object({
      transactionId: text('The number that WeChat Pay gave the payment', '4200000000000000000000000001'),
      mchId: text('The merchant', '1900000109'),
      outTradeNo: text("The merchant's own number of the payment", 'order-4200000000000000000000000001'),
    })
    .meta({ id: 'PaymentReply' }),
  virtualPayment: z
    .object({
      errCode: z.int().meta({ description: "0, or WeChat's number for what is wrong", examples: [0] }),
      errMsg: text('ok, or what is wrong', 'ok'),
      notification: anyFields
        .meta({
          description: 'The body of xpay_goods_deliver_notify or xpay_coin_pay_notify',
          examples: [{ Event: 'xpay_goods_deliver_notify', OutTradeNo: 'order-00000001', Env: 0 }],
        })
        .optional(),
    })
    .meta({ id: 'VirtualPaymentReply' }),
  identity: sessionReply.pick({ openid: true, unionid: true }).meta({ id: 'IdentityReply' }),
}

export const callsQuery = z.object({
  after: z
    .string()
    .regex(/^\d{1,15}$/)
    .meta({ description: 'Only calls with a higher number', examples: ['12'] })
    .optional(),
})
export const callsReply = z
  .object({
    calls: z.array(
      z.object({
        number: z.int().meta({ examples: [13] }),
        at: time.meta({ examples: ['2026-03-01T04:00:00.000Z'] }),
        method: z.string().meta({ examples: ['GET'] }),
        path: z.string().meta({ examples: ['/sns/jscode2session'] }),
        query: z.record(z.string(), z.string()).meta({ examples: [{ grant_type: 'authorization_code' }] }),
        body: z.unknown().optional(),
        errcode: z
          .int()
          .meta({ description: 'What WeChat answered, 0 for a success', examples: [0] })
          .optional(),
      }),
    ),
  })
  .meta({ id: 'CallsReply' })

const moment = time.meta({ examples: ['2026-03-01T04:00:00.000Z'] })
const fingerprint = text('Stands for a session_key, which is never shown', '9f86d081')
const exampleSession = {
  id: '7c0d5e1f2a3b4c5d6e7f8091a2b3c4d5',
  createdAt: '2026-03-01T04:00:00.000Z',
  lastSeenAt: '2026-03-01T04:00:00.000Z',
  expiresAt: '2026-03-04T04:00:00.000Z',
  appid: 'wxd3300000000000d3',
  openid: 'oSYNTHETIC_00000000000000001',
}
export const serverViewReply = z
  .object({
    session: listedSession
      .extend({ appid: z.string(), openid: z.string(), unionid: z.string().optional() })
      .nullable()
      .meta({ description: 'The session of the token; null when there is none', examples: [exampleSession] }),
    sessions: z.array(listedSession).meta({ description: 'All live sessions of the user, the latest first' }),
    ring: z.array(z.object({ fingerprint, at: moment, replacedAt: moment.optional() })),
    weixinKey: fingerprint
      .nullable()
      .meta({ description: 'The key that WeChat honours now', examples: ['9f86d081'] }),
  })
  .meta({ id: 'ServerViewReply' })

export const apiReply = z
  .object({
    message: z.string().meta({ description: 'A greeting', examples: ['The back end knows who is calling.'] }),
    headers: z.record(z.string(), z.string()).meta({
      description: 'What the back end got',
      examples: [{ 'X-WX-OPENID': 'oSYNTHETIC_00000000000000001', 'X-WX-SOURCE': 'wx_client' }],
    }),
  })
  .meta({ id: 'ApiReply' })
