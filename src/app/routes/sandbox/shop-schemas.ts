/** What goes in and out of the sandbox's shop. */
import * as z from 'zod'

const text = (description: string, example: string) => z.string().meta({ description, examples: [example] })
const outTradeNo = text('The order number', '7c0d5e1f2a3b4c5d6e7f8091a2b3c4d5')
const count = (description: string) => z.int().meta({ description, examples: [0] })

const asked = z
  .array(
    z.object({
      method: text('The method', 'POST'),
      path: text('The path', '/v1/sign'),
      body: z
        .record(z.string(), z.unknown())
        .meta({ examples: [{ openid: 'o1', data: '{}' }] })
        .optional(),
      status: z.int().meta({ examples: [200] }),
      answer: z
        .record(z.string(), z.unknown())
        .meta({ examples: [{ signature: '2c26b46b'.repeat(8) }] })
        .optional(),
    }),
  )
  .meta({ description: 'What the shop asked this service, with its service key' })

export const orderReply = z
  .object({
    outTradeNo,
    mode: text('What is bought', 'short_series_goods'),
    signData: text('The order, as it was signed', '{"offerId":"d33-offer","buyQuantity":1,"env":0}'),
    paySig: text('The payment signature, made with the AppKey', '9f86d081'.repeat(8)),
    signature: text('The user-state signature, of POST /v1/sign', '2c26b46b'.repeat(8)),
    asked,
  })
  .meta({ id: 'ShopOrderReply' })

export const orderStateReply = z
  .object({
    outTradeNo: outTradeNo.optional(),
    state: text('none without an order; ordered; delivered', 'delivered'),
  })
  .meta({ id: 'ShopOrderStateReply' })

export const forgottenReply = z
  .object({
    left: z
      .object({
        sessions: count('Sessions of the user that there still are'),
        sessionKeys: count('session_keys of the user that there still are'),
      })
      .meta({ description: 'What the service still has of the user' }),
    asked,
  })
  .meta({ id: 'ShopForgottenReply' })
