import type { Account } from './account.js'
import { type Environment, inSeconds } from './environment.js'
import {
  type Form,
  fields,
  type Kept,
  keptMap,
  keptTogether,
  mapOf,
  oneOf,
  optional,
  setOf,
  text,
  whole,
} from './kept.js'
import type { KeyOwner } from './session-keys.js'

/** Orders, and users with coins, that are remembered; the oldest are forgotten first. */
export const MAX_ORDERS = 10_000

/** `env` of WeChat: 0 for money, 1 for tests. Each has its own AppKey, orders and coins. */
export type Env = 0 | 1

/** What a mini program asks a user to pay for. */
export interface OrderRequest {
  readonly mode: 'short_series_goods' | 'short_series_coin'
  readonly env: Env
  readonly outTradeNo: string
  readonly offerId: string
  readonly quantity: number
  readonly attach: string
  /** Of goods alone. */
  readonly productId?: string
  /** Of one, in fen: as listed, and as it is sold. */
  readonly price: number
  readonly sellingPrice: number
}

/** WeChat's states of an order (query_order) that occur here: created, paid, delivered. */
export type OrderStatus = 1 | 2 | 4

export interface Order extends OrderRequest {
  readonly account: Account
  readonly wxOrderId: string
  readonly transactionId: string
  readonly createdAt: number
  paidAt: number
  providedAt: number
  status: OrderStatus
}

/** A user's coins, and what they were spent on, by order_id. */
export interface Purse {
  balance: number
  sumSave: number
  sumCost: number
  /** What is left of each payment to be paid back. */
  readonly payments: Map<string, number>
  readonly refunds: Set<string>
}

const purseForm = fields<Purse>({
  balance: whole,
  sumSave: whole,
  sumCost: whole,
  payments: mapOf(whole, MAX_ORDERS),
  refunds: setOf(text, MAX_ORDERS),
})

const orderForm = (account: Form<Account>) =>
  fields<Order>({
    mode: oneOf('short_series_goods', 'short_series_coin'),
    env: oneOf(0, 1),
    outTradeNo: text,
    offerId: text,
    quantity: whole,
    attach: text,
    productId: optional(text),
    price: whole,
    sellingPrice: whole,
    account,
    wxOrderId: text,
    transactionId: text,
    createdAt: whole,
    paidAt: whole,
    providedAt: whole,
    status: oneOf(1, 2, 4),
  })

/** Orders of virtual payment and the coins that were bought with them. */
export function createVirtualPayments({ clock, randomBytes }: Environment) {
  const orders = new Map<string, Order>()
  const purses = new Map<string, Purse>()
  const digits = (count: number) => Array.from(randomBytes(count), (byte) => byte % 10).join('')

  const purse = ({ appid, openid }: KeyOwner, env: Env): Purse => {
    const place = JSON.stringify([appid, openid, env])
    const known = purses.get(place)
    if (known !== undefined) return known
    makeRoom(purses)
    const empty: Purse = { balance: 0, sumSave: 0, sumCost: 0, payments: new Map(), refunds: new Set() }
    purses.set(place, empty)
    return empty
  }

  return {
    purse,

    /** Begins an order; `undefined` where its number was used before, which WeChat wants once only. */
    create(account: Account, request: OrderRequest): Order | undefined {
      const place = placeOf(account.appid, request.env, request.outTradeNo)
      if (orders.has(place)) return undefined
      makeRoom(orders)
      const numbers = { wxOrderId: digits(28), transactionId: `42${digits(26)}` }
      const times = { createdAt: clock(), paidAt: 0, providedAt: 0 }
      const order: Order = { ...request, account, ...numbers, ...times, status: 1 }
      orders.set(place, order)
      return order
    },

    /** The user has paid: goods await their delivery, coins are there at once. */
    pay(order: Order): void {
      order.paidAt = clock()
      order.status = 2
      if (order.mode === 'short_series_goods') return
      const coins = purse(order.account, order.env)
      coins.balance += order.quantity
      coins.sumSave += order.quantity
      order.providedAt = clock()
      order.status = 4
    },

    provide(order: Order): void {
      if (order.status === 2) order.providedAt = clock()
      order.status = 4
    },

    kept: (account: Form<Account>): Kept =>
      keptTogether({
        orders: keptMap(orders, orderForm(account), MAX_ORDERS),
        purses: keptMap(purses, purseForm, MAX_ORDERS),
      }),

    /** By the merchant's number or by WeChat's. */
    find(appid: string, env: Env, outTradeNo: unknown, wxOrderId: unknown): Order | undefined {
      if (typeof outTradeNo === 'string') return orders.get(placeOf(appid, env, outTradeNo))
      return [...orders.values()].find(
        (order) => order.wxOrderId === wxOrderId && order.account.appid === appid && order.env === env,
      )
    },
  }
}

export type VirtualPayments = ReturnType<typeof createVirtualPayments>

function placeOf(appid: string, env: Env, outTradeNo: string): string {
  return JSON.stringify([appid, env, outTradeNo])
}

function makeRoom(map: Map<string, unknown>): void {
  const [oldest] = map.keys()
  if (oldest !== undefined && map.size >= MAX_ORDERS) map.delete(oldest)
}

/** What WeChat pushes to a server when goods were paid for (xpay_goods_deliver_notify) or coins (xpay_coin_pay_notify). */
export function notificationOf(order: Order, now: number): Record<string, unknown> {
  const isGoods = order.mode === 'short_series_goods'
  const paidFor = {
    Quantity: order.quantity,
    OrigPrice: order.price,
    ActualPrice: order.sellingPrice,
    Attach: order.attach,
  }
  return {
    ToUserName: 'gh_d33000000000',
    FromUserName: 'oWEIXIN_0000000000000000000',
    CreateTime: inSeconds(now),
    MsgType: 'event',
    Event: isGoods ? 'xpay_goods_deliver_notify' : 'xpay_coin_pay_notify',
    OpenId: order.account.openid,
    OutTradeNo: order.outTradeNo,
    Env: order.env,
    WeChatPayInfo: {
      MchOrderNo: order.wxOrderId,
      TransactionId: order.transactionId,
      PaidTime: inSeconds(order.paidAt),
    },
    ...(isGoods ? { GoodsInfo: { ProductId: order.productId, ...paidFor } } : { CoinInfo: paidFor }),
  }
}
