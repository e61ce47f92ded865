import { openpidOf } from '../state/account.js'
import { inSeconds } from '../state/environment.js'
import { transactionIn } from '../state/payments.js'
import { phoneInfoOf, watermarkOf } from '../state/phone-info.js'
import type { WeixinState } from '../state/weixin-state.js'
import type { Answer, Checks, Request } from './endpoint.js'

/** The endpoints that tell something about a user to a caller with an access_token. */
export function userEndpoints(state: WeixinState, { withBody }: Checks) {
  const { environment, tokens, phoneCodes, pluginCodes, payments, sealedPhones } = state

  return {
    /** getPhoneNumber. The errcode for another user's openid is not documented; 40029 tells a client what to do. */
    getUserPhoneNumber(request: Request): Answer {
      const call = withBody(request)
      if (typeof call === 'number') return call
      const { appid, body } = call
      if (typeof body['code'] !== 'string' || body['code'] === '') return 41008
      const code = phoneCodes.find(body['code'])
      if (code === undefined || code.used) return 40029
      if (code.account.appid !== appid) return 40013
      if (body['openid'] !== undefined && body['openid'] !== code.account.openid) return 40029
      code.used = true
      state.paidCalls += 1
      const info = phoneInfoOf(code.account)
      const phone_info = {
        ...info,
        countryCode: code.numericCountryCode ? Number(info.countryCode) : info.countryCode,
        watermark: watermarkOf(code.account, environment.clock()),
      }
      return { errcode: 0, errmsg: 'ok', phone_info }
    },

    /** checkEncryptedData; `vaild` is WeChat's own spelling. */
    checkEncryptedMsg(request: Request): Answer {
      const call = withBody(request)
      if (typeof call === 'number') return call
      const { encrypted_msg_hash: hash } = call.body
      if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/i.test(hash)) return 40097
      const sealedAt = sealedPhones.find(call.appid, hash.toLowerCase())
      const found =
        sealedAt === undefined ? { vaild: false } : { vaild: true, create_time: inSeconds(sealedAt) }
      return { errcode: 0, errmsg: 'ok', ...found }
    },

    /** getPaidUnionId */
    getPaidUnionId({ query }: Request): Answer {
      const appid = tokens.appidOf(query['access_token'])
      if (typeof appid === 'number') return appid
      if (!query['openid']) return 40003
      if (state.appOf(appid)?.bound !== true) return 89002
      const payment = payments.find(transactionIn(query) ?? '')
      if (payment === undefined || payment.account.appid !== appid) return 89300
      if (payment.account.openid !== query['openid']) return 40003
      return { unionid: payment.account.unionid, errcode: 0, errmsg: 'ok' }
    },

    /** getPluginOpenPId, which has errcodes of its own. */
    getPluginOpenPid(request: Request): Answer {
      const call = withBody(request)
      if (call === 44002 || call === 47001) return 1022
      if (typeof call === 'number') return call
      if (typeof call.body['code'] !== 'string' || call.body['code'] === '') return 1001
      const code = pluginCodes.find(call.body['code'])
      if (code === undefined || code.used) return 1007
      if (code.account.appid !== call.appid) return 1005
      code.used = true
      return { errcode: 0, errmsg: 'ok', openpid: openpidOf(code.account) }
    },
  }
}
