import { callApi } from '../calls/api.js'
import { WxFailure, wrongParameter } from '../calls/failure.js'
import type { SealedResult, WxSealed } from '../types/sealed.js'
import { hasLiveKey } from './login.js'
import type { Weixin } from './weixin.js'

/** WeChat's code where a mini program was not opened from a group. */
const WRONG_SCENE = 40097

export interface SealedDeps {
  readonly weixin: Weixin
  /** Asks the user for a scope the first time; throws if they refused. */
  demand(scope: string): void
  /** Whether the mini program was opened from a group chat. */
  isInGroup(): boolean
}

/** The functions that give nothing but sealed data. */
export function createSealed({ weixin, demand, isInGroup }: SealedDeps): WxSealed {
  const sealed = async (action: string, body?: object): Promise<SealedResult> => {
    if (!(await hasLiveKey(weixin)))
      throw new WxFailure('no live session_key to seal with: call wx.login first')
    return (await weixin.ask(action, body)) as SealedResult
  }

  return {
    getShareInfo: (options) =>
      callApi('getShareInfo', options, ({ shareTicket }) => {
        if (typeof shareTicket !== 'string')
          throw wrongParameter('parameter.shareTicket', 'String', shareTicket)
        return sealed('share')
      }),

    getWeRunData: (options) =>
      callApi('getWeRunData', options, () => {
        demand('scope.werun')
        return sealed('we-run')
      }),

    getGroupEnterInfo: (options) =>
      callApi('getGroupEnterInfo', options, () => {
        if (!isInGroup()) throw new WxFailure('not opened from a group', undefined, WRONG_SCENE)
        // The one group that the sandbox knows. WeChat seals no watermark here.
        const data = { opengid: 'tGsandboxGroup0000000000000', chat_type: 3, watermark: null }
        return sealed('seal', { data })
      }),
  }
}
