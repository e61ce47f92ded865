/**
 * A shop behind forward auth, only where WeChat is imitated: what docs/payment.md has of a back end, and how a user is
 * forgotten.
 */
import { createHmac } from 'node:crypto'
import { type AccessTokens, accessTokenErrors } from '../../../domain/access-token.js'
import { type Authenticate, authenticateErrors } from '../../../domain/authenticate.js'
import { R3SessionError, storeErrors } from '../../../domain/errors.js'
import { isObject } from '../../../domain/json.js'
import type { Sign } from '../../../domain/keys/sign.js'
import type { Session, UserKey } from '../../../domain/session.js'
import type { UserSessions } from '../../../domain/user-sessions.js'
import { demoApp, type Sandbox } from '../../../sandbox/index.js'
import { session } from '../../http/credentials.js'
import { type Route, route } from '../../http/route.js'
import { forgottenReply, orderReply, orderStateReply } from './shop-schemas.js'

export interface ShopUseCases {
  readonly authenticate: Authenticate
  readonly sign: Sign
  readonly accessTokens: Pick<AccessTokens, 'vend'>
  readonly userSessions: Pick<UserSessions, 'forget'>
  readonly weixin: Pick<Sandbox, 'url'>
  /** How much there is of a user. */
  readonly kept: (user: UserKey) => Promise<{ sessions: number; sessionKeys: number }>
  /** 32 characters that no other order has. */
  readonly newOrderNumber: () => string
}

/** In whose name it asks. */
const NAME = 'shop'
/** The book that it sells, and what it costs in fen. */
const [PRODUCT, PRICE] = ['book', 10]
const [APP_KEY = ''] = demoApp.appKeys ?? []
/** The users whose latest order is remembered; the first to order are forgotten first. */
const MAX_USERS = 1000
/** WeChat's states of an order. */
const [PAID, DELIVERED] = [2, 4]

export function shopRoutes(useCases: ShopUseCases): Route[] {
  const { authenticate, sign, accessTokens, userSessions, kept, newOrderNumber } = useCases
  /** The number of the latest order by openid. */
  const orders = new Map<string, string>()

  /** One of WeChat's calls about orders, which want a payment signature. */
  async function xpay(name: string, { openid, appid }: Session, outTradeNo: string) {
    const path = `/xpay/${name}`
    const body = JSON.stringify({ openid, env: 0, order_id: outTradeNo })
    const { accessToken } = await accessTokens.vend(appid)
    const query = new URLSearchParams({ access_token: accessToken, pay_sig: hmac(`${path}&${body}`) })
    try {
      const answer = await fetch(`${useCases.weixin.url}${path}?${query}`, { method: 'POST', body })
      const fields: unknown = await answer.json()
      return isObject(fields) && isObject(fields['order']) ? fields['order'] : {}
    } catch {
      // WeChat was told to answer so: what was asked may say what it wants.
      throw new R3SessionError('wechat_invalid_response')
    }
  }

  return [
    route({
      method: 'POST',
      path: '/sandbox/order',
      lane: 'other',
      summary: 'A shop behind forward auth: a book is ordered, for wx.requestVirtualPayment',
      credentials: session,
      success: { status: 200, means: 'The order, signed twice', schema: orderReply },
      errors: [...authenticateErrors, ...storeErrors],
      handle: async ({ who: token, requestId }) => {
        const { appid, openid } = await authenticate(token)
        const outTradeNo = newOrderNumber()
        const data = JSON.stringify({
          offerId: 'd33-offer',
          buyQuantity: 1,
          env: 0,
          currencyType: 'CNY',
          productId: PRODUCT,
          goodsPrice: PRICE,
          outTradeNo,
          attach: '',
        })
        const by = { requestId, serviceKey: NAME }
        const signature = await sign({ appid, openid }, data, by).catch((error: unknown) => {
          // As docs/payment.md has it: a 401 has the client log in anew, which brings the key, and order once more.
          if (error instanceof R3SessionError && error.code === 'key_replaced')
            throw new R3SessionError('invalid_session')
          throw error
        })
        const [oldest] = orders.keys()
        if (oldest !== undefined && orders.size >= MAX_USERS) orders.delete(oldest)
        orders.set(openid, outTradeNo)
        const order = { mode: 'short_series_goods', signData: data, signature }
        const paySig = hmac(`requestVirtualPayment&${data}`)
        const asked = [
          { method: 'POST', path: '/v1/sign', body: { openid, data }, status: 200, answer: { signature } },
        ]
        return { body: { outTradeNo, ...order, paySig, asked } }
      },
    }),
    route({
      method: 'GET',
      path: '/sandbox/order',
      lane: 'wechat',
      summary: "The shop looks the user's latest order up at WeChat, and delivers what is paid for",
      credentials: session,
      success: { status: 200, means: 'What became of the order', schema: orderStateReply },
      errors: [...authenticateErrors, ...accessTokenErrors],
      handle: async ({ who: token }) => {
        const user = await authenticate(token)
        const outTradeNo = orders.get(user.openid)
        if (outTradeNo === undefined) return { body: { state: 'none' } }
        const { status } = await xpay('query_order', user, outTradeNo)
        if (status === PAID) await xpay('notify_provide_goods', user, outTradeNo)
        const isDelivered = status === PAID || status === DELIVERED
        return { body: { outTradeNo, state: isDelivered ? 'delivered' : 'ordered' } }
      },
    }),
    route({
      method: 'DELETE',
      path: '/sandbox/account',
      lane: 'ending',
      summary: 'The user closes their account with the shop, which has the service forget them',
      credentials: session,
      success: { status: 200, means: 'The user is forgotten', schema: forgottenReply },
      errors: authenticateErrors,
      handle: async ({ who: token, requestId }) => {
        const { appid, openid } = await authenticate(token)
        orders.delete(openid)
        await userSessions.forget({ appid, openid }, { requestId, serviceKey: NAME })
        const asked = [{ method: 'DELETE', path: `/v1/users/${openid}`, status: 204 }]
        return { body: { left: await kept({ appid, openid }), asked } }
      },
    }),
  ]
}

function hmac(text: string): string {
  return createHmac('sha256', APP_KEY).update(text).digest('hex')
}
