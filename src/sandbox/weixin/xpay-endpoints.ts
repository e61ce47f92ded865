import { inSeconds } from '../state/environment.js'
import type { Env, Order, Purse } from '../state/virtual-payments.js'
import type { WeixinState } from '../state/weixin-state.js'
import type { Answer, Checks, Request } from './endpoint.js'
import { isPaySig, isSignature } from './signature.js'

/** WeChat docs, virtual payment: the errcodes of /xpay, of which these occur here. */
const WRONG_OPENID = 268490001
/** Also what is said of an order that nobody knows, for which there is no errcode of its own. */
const WRONG_FIELD = 268490002
const WRONG_SIGNATURE = 268490003
const DONE_BEFORE = 268490004
const NOT_ENOUGH = 268490006
const NO_SESSION_KEY = 268490009

interface Call {
  readonly appid: string
  readonly env: Env
  readonly body: Readonly<Record<string, unknown>>
}

type UserCall = Call & { readonly openid: string; readonly purse: Purse }

/**
 * The endpoints of virtual payment: those that are signed with the user's session_key, `signature` over the body as it
 * was sent, and two that go on with an order. `pay_sig` is checked where the app has AppKeys.
 */
export function xpayEndpoints({ keys, virtualPayments, appOf }: WeixinState, { withBody }: Checks) {
  /** A call that is signed for its payment. */
  const paying = (path: string, request: Request): Call | number => {
    const call = withBody(request)
    if (typeof call === 'number') return call
    const { env = 0 } = call.body
    if (env !== 0 && env !== 1) return WRONG_FIELD
    const appKey = appOf(call.appid)?.appKeys?.[env]
    const { pay_sig: paySig = '' } = request.query
    if (appKey !== undefined && !isPaySig(paySig, path, request.text, appKey)) return WRONG_SIGNATURE
    return { ...call, env }
  }

  /** One that is signed by the user's session_key as well. */
  const ofUser = (path: string, request: Request): UserCall | number => {
    const call = paying(path, request)
    if (typeof call === 'number') return call
    const { openid, user_ip } = call.body
    if (typeof openid !== 'string' || openid === '') return WRONG_OPENID
    if (typeof user_ip !== 'string' || user_ip === '') return WRONG_FIELD
    const owner = { appid: call.appid, openid }
    const key = keys.find(owner)
    if (key === undefined) return NO_SESSION_KEY
    if (!isSignature(request.query['signature'] ?? '', request.text, key)) return WRONG_SIGNATURE
    return { ...call, openid, purse: virtualPayments.purse(owner, call.env) }
  }

  const orderOf = (path: string, request: Request): Order | number => {
    const call = paying(path, request)
    if (typeof call === 'number') return call
    const { order_id, wx_order_id } = call.body
    return virtualPayments.find(call.appid, call.env, order_id, wx_order_id) ?? WRONG_FIELD
  }

  return {
    /** query_user_balance. Nobody is given coins here, so all of them were bought. */
    queryUserBalance(request: Request): Answer {
      const call = ofUser('/xpay/query_user_balance', request)
      if (typeof call === 'number') return call
      const { balance, sumSave, sumCost } = call.purse
      return {
        ...ok,
        balance,
        present_balance: 0,
        sum_save: sumSave,
        sum_present: 0,
        sum_balance: sumSave,
        sum_cost: sumCost,
        first_save_flag: sumSave === 0,
      }
    },

    /** currency_pay: coins are spent. */
    currencyPay(request: Request): Answer {
      const call = ofUser('/xpay/currency_pay', request)
      if (typeof call === 'number') return call
      const { amount, order_id } = call.body
      if (!isAmount(amount) || typeof order_id !== 'string' || order_id === '') return WRONG_FIELD
      const { purse } = call
      if (purse.payments.has(order_id)) return DONE_BEFORE
      if (amount > purse.balance) return NOT_ENOUGH
      purse.balance -= amount
      purse.sumCost += amount
      purse.payments.set(order_id, amount)
      return { ...ok, order_id, balance: purse.balance, used_present_amount: 0 }
    },

    /** cancel_currency_pay: coins that were spent come back. */
    cancelCurrencyPay(request: Request): Answer {
      const call = ofUser('/xpay/cancel_currency_pay', request)
      if (typeof call === 'number') return call
      const { pay_order_id, order_id, amount } = call.body
      if (!isAmount(amount) || typeof order_id !== 'string' || order_id === '') return WRONG_FIELD
      const { purse } = call
      const left = typeof pay_order_id === 'string' ? purse.payments.get(pay_order_id) : undefined
      if (typeof pay_order_id !== 'string' || left === undefined) return WRONG_FIELD
      if (purse.refunds.has(order_id)) return DONE_BEFORE
      if (amount > left) return NOT_ENOUGH
      purse.payments.set(pay_order_id, left - amount)
      purse.refunds.add(order_id)
      purse.balance += amount
      purse.sumCost -= amount
      return { ...ok, order_id }
    },

    /** query_order: what became of an order of wx.requestVirtualPayment. */
    queryOrder(request: Request): Answer {
      const order = orderOf('/xpay/query_order', request)
      return typeof order === 'number' ? order : { ...ok, order: shown(order) }
    },

    /** notify_provide_goods: for whom no answer to WeChat's notification says that the goods were delivered. */
    notifyProvideGoods(request: Request): Answer {
      const order = orderOf('/xpay/notify_provide_goods', request)
      if (typeof order === 'number') return order
      if (order.status === 1) return WRONG_FIELD
      virtualPayments.provide(order)
      return { ...ok }
    },
  }

  function shown(order: Order) {
    const fee = order.sellingPrice * order.quantity
    const paid = order.status === 1 ? 0 : fee
    return {
      order_id: order.outTradeNo,
      create_time: inSeconds(order.createdAt),
      update_time: inSeconds(Math.max(order.createdAt, order.paidAt, order.providedAt)),
      status: order.status,
      biz_type: 0,
      order_fee: fee,
      paid_fee: paid,
      order_type: 0,
      refund_fee: 0,
      paid_time: inSeconds(order.paidAt),
      provide_time: inSeconds(order.providedAt),
      biz_meta: order.attach,
      env_type: order.env + 1,
      left_fee: paid,
      wx_order_id: order.wxOrderId,
      wxpay_order_id: order.transactionId,
      sett_time: 0,
      sett_state: 0,
    }
  }
}

const ok = { errcode: 0, errmsg: 'ok' }

function isAmount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0
}
