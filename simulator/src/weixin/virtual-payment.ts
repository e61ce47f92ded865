import { callWithoutPromise } from '../calls/api.js'
import { WxFailure, wrongParameter } from '../calls/failure.js'
import type { WxPayment } from '../types/wx-keys.js'
import type { Weixin } from './weixin.js'

/** WeChat's errCodes of requestVirtualPayment that come from the phone itself. */
const WRONG_PARAMETER = 1001
const FAILED = -1

/**
 * `wx.requestVirtualPayment`.
 *
 * @param pays whether the user pays, or closes the window
 */
export function createPayment(weixin: Weixin, pays: () => boolean): WxPayment {
  return {
    requestVirtualPayment: (options) =>
      callWithoutPromise('requestVirtualPayment', options, async ({ mode, signData, paySig, signature }) => {
        for (const [name, value] of Object.entries({ mode, signData, paySig, signature })) {
          if (typeof value === 'string') continue
          const { message } = wrongParameter(`parameter.${name}`, 'String', value)
          throw new WxFailure(message, undefined, WRONG_PARAMETER)
        }
        const { errCode, errMsg } = await asked({ mode, signData, paySig, signature, cancel: !pays() })
        if (errCode !== 0) throw new WxFailure(errMsg, undefined, errCode)
        return {}
      }),
  }

  async function asked(payment: object): Promise<{ errCode: number; errMsg: string }> {
    try {
      return (await weixin.ask('virtual-payment', payment)) as { errCode: number; errMsg: string }
    } catch (error) {
      if (!(error instanceof WxFailure)) throw error
      throw new WxFailure(error.message, error.errno, FAILED)
    }
  }
}
