import type { WeixinState } from '../state/weixin-state.js'
import { type Answer, createChecks, type Endpoint, type Request } from './endpoint.js'
import { secretEndpoints } from './secret-endpoints.js'
import { signedEndpoints } from './signed-endpoints.js'
import { userEndpoints } from './user-endpoints.js'
import { xpayEndpoints } from './xpay-endpoints.js'

export const weixinPaths = [
  '/sns/jscode2session',
  '/cgi-bin/token',
  '/cgi-bin/stable_token',
  '/wxa/checksession',
  '/wxa/resetusersessionkey',
  '/wxa/getpaidunionid',
  '/wxa/getpluginopenpid',
  '/wxa/business/getuserphonenumber',
  '/wxa/business/getuserencryptkey',
  '/wxa/business/checkencryptedmsg',
  '/xpay/query_user_balance',
  '/xpay/currency_pay',
  '/xpay/cancel_currency_pay',
  '/xpay/query_order',
  '/xpay/notify_provide_goods',
] as const

export type WeixinPath = (typeof weixinPaths)[number]

/**
 * WeChat's endpoints around login and virtual payment. The order in which WeChat checks parameters is not documented. Here it is: what is
 * missing, who is asking, what is asked.
 */
export function createEndpoints(state: WeixinState) {
  const checks = createChecks(state)
  const secret = secretEndpoints(state, checks)
  const signed = signedEndpoints(state, checks)
  const user = userEndpoints(state, checks)
  const xpay = xpayEndpoints(state, checks)

  const endpoints: Record<WeixinPath, Endpoint> = {
    '/sns/jscode2session': { methods: ['GET', 'POST'], answer: secret.code2Session },
    '/cgi-bin/token': { methods: ['GET'], answer: secret.token },
    '/cgi-bin/stable_token': { methods: ['POST'], answer: secret.stableToken },
    '/wxa/checksession': { methods: ['GET'], answer: signed.checkSession },
    '/wxa/resetusersessionkey': { methods: ['GET'], answer: signed.resetUserSessionKey },
    '/wxa/getpaidunionid': { methods: ['GET'], answer: user.getPaidUnionId },
    '/wxa/getpluginopenpid': { methods: ['POST'], answer: user.getPluginOpenPid },
    '/wxa/business/getuserphonenumber': { methods: ['POST'], answer: user.getUserPhoneNumber },
    // WeChat's page has it as a GET, and its own sample posts.
    '/wxa/business/getuserencryptkey': { methods: ['GET', 'POST'], answer: signed.getUserEncryptKey },
    '/wxa/business/checkencryptedmsg': { methods: ['POST'], answer: user.checkEncryptedMsg },
    '/xpay/query_user_balance': { methods: ['POST'], answer: xpay.queryUserBalance },
    '/xpay/currency_pay': { methods: ['POST'], answer: xpay.currencyPay },
    '/xpay/cancel_currency_pay': { methods: ['POST'], answer: xpay.cancelCurrencyPay },
    '/xpay/query_order': { methods: ['POST'], answer: xpay.queryOrder },
    '/xpay/notify_provide_goods': { methods: ['POST'], answer: xpay.notifyProvideGoods },
  }

  return (method: string, path: string, request: Request): Answer => {
    const known = weixinPaths.find((known) => known === path)
    if (known === undefined) return 40066
    const { methods, answer } = endpoints[known]
    if (methods.some((allowed) => allowed === method)) return answer(request)
    return methods[0] === 'POST' ? 43002 : 43001
  }
}

export type Endpoints = ReturnType<typeof createEndpoints>
