import { callApi } from '../calls/api.js'
import { WxFailure } from '../calls/failure.js'
import type { WxLogin } from '../types/wx.js'
import type { Weixin } from './weixin.js'

/** `wx.login` and `wx.checkSession`. */
export function createLogin(weixin: Weixin, checkRate: (name: string) => void): WxLogin {
  return {
    login: (options) =>
      callApi('login', options, async ({ timeout }) => {
        checkRate('login')
        const { code } = (await weixin.ask('login', {}, timeout)) as { code?: unknown }
        if (typeof code !== 'string') throw new WxFailure("WeChat's side gave no code")
        return { code }
      }),

    checkSession: (options) =>
      callApi('checkSession', options, async () => {
        checkRate('checkSession')
        if (!(await hasLiveKey(weixin))) throw new WxFailure('session time out, need relogin')
        return {}
      }),
  }
}

/** Whether WeChat has a valid session_key for the user. */
export async function hasLiveKey(weixin: Weixin): Promise<boolean> {
  const { valid } = (await weixin.ask('check-session')) as { valid?: unknown }
  return valid === true
}
