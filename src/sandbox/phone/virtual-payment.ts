import { isObject } from '../state/sandbox-error.js'
import { notificationOf, type OrderRequest } from '../state/virtual-payments.js'
import type { WeixinState, Who } from '../state/weixin-state.js'
import { isPaySig, isSignature } from '../weixin/signature.js'

/** What a mini program gives to `wx.requestVirtualPayment`. The fields are unknown because they may come from another process. */
export interface VirtualPaymentInput {
  readonly mode?: unknown
  readonly signData?: unknown
  readonly paySig?: unknown
  readonly signature?: unknown
  /** The user closes the window instead of paying. Default false. */
  readonly cancel?: unknown
}

/** How a virtual payment went: 0, or WeChat's errCode and its text. */
export interface VirtualPaymentResult {
  readonly errCode: number
  readonly errMsg: string
  /** What WeChat pushes to a server about an order that was paid. */
  readonly notification?: Readonly<Record<string, unknown>>
}

/** WeChat docs, wx.requestVirtualPayment: its errCodes, of which these occur here. */
const texts = {
  0: 'ok',
  [-2]: 'cancel',
  [-15001]: 'parameter error',
  [-15002]: 'outTradeNo was used before: take a new one',
  [-15004]: 'currencyType must be CNY',
  [-15005]: 'wrong signature of the user state',
  [-15006]: 'wrong paySig',
  [-15007]: 'session_key expired',
  [-15016]: 'signData must be the text of a JSON object',
} as const

/** 8 to 32 characters, and none of them an underscore in front. */
const OUT_TRADE_NO = /^(?!_)[\w\-|*@]{8,32}$/

/** What coins cost where nobody has set a price: a fen. */
const COIN_PRICE = 1

/**
 * What WeChat does when a mini program asks for a virtual payment; the order of its checks is not documented. Goods and
 * their prices are not known here, so any are sold.
 */
export function requestVirtualPayment(
  state: WeixinState,
  input: Who & VirtualPaymentInput,
): VirtualPaymentResult {
  const account = state.account(input)
  const { mode, signData, paySig, signature, cancel = false } = input
  if (typeof signData !== 'string' || typeof paySig !== 'string' || typeof signature !== 'string')
    return result(-15001, 'signData, paySig and signature must be texts')
  const fields = parsed(signData)
  if (!isObject(fields)) return result(-15016)
  const request = orderIn(mode, fields)
  if (typeof request === 'string') return result(-15001, request)
  if (fields['currencyType'] !== 'CNY') return result(-15004)
  const key = state.keys.find(account)
  if (key === undefined) return result(-15007)
  if (!isSignature(signature, signData, key)) return result(-15005)
  const appKey = state.appOf(account.appid)?.appKeys?.[request.env]
  if (appKey !== undefined && !isPaySig(paySig, 'requestVirtualPayment', signData, appKey))
    return result(-15006)
  const order = state.virtualPayments.create(account, request)
  if (order === undefined) return result(-15002)
  if (cancel === true) return result(-2)
  state.virtualPayments.pay(order)
  return { ...result(0), notification: notificationOf(order, state.environment.clock()) }
}

function result(errCode: keyof typeof texts, errMsg: string = texts[errCode]): VirtualPaymentResult {
  return { errCode, errMsg }
}

const MAX_TEXT = 1024
const TEXT = `a text of up to ${MAX_TEXT} characters`

/** The order that signData asks for, or what is wrong with it. */
function orderIn(mode: unknown, fields: Record<string, unknown>): OrderRequest | string {
  if (mode !== 'short_series_goods' && mode !== 'short_series_coin')
    return 'mode must be short_series_goods or short_series_coin'
  const { offerId, buyQuantity, env = 0, productId, goodsPrice, outTradeNo, attach } = fields
  const { activitySellingPrice = goodsPrice } = fields
  if (!isText(offerId)) return `offerId must be ${TEXT}`
  if (!isCount(buyQuantity)) return 'buyQuantity must be a whole number above 0'
  if (env !== 0 && env !== 1) return 'env must be 0 or 1'
  if (attach !== '' && !isText(attach)) return `attach must be ${TEXT}`
  if (typeof outTradeNo !== 'string' || !OUT_TRADE_NO.test(outTradeNo))
    return 'outTradeNo must have 8 to 32 letters, digits and _-|*@, and no _ in front'
  const order = { mode, env, outTradeNo, offerId, quantity: buyQuantity, attach } as const
  if (mode === 'short_series_coin') return { ...order, price: COIN_PRICE, sellingPrice: COIN_PRICE }
  if (!isText(productId)) return `productId must be ${TEXT}`
  if (!isCount(goodsPrice)) return 'goodsPrice must be a whole number of fen'
  if (!isCount(activitySellingPrice)) return 'activitySellingPrice must be a whole number of fen'
  return { ...order, productId, price: goodsPrice, sellingPrice: activitySellingPrice }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0
}
