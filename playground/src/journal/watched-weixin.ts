import type { RecordOptions } from './recorder.js'
import { type Call, messageOf, plain, watched } from './watched-call.js'

/** The functions for which the phone asks WeChat: the topic of each, and a summary of WeChat's answer. */
const asked = {
  login: { topic: 'wxLogin', gives: ({ code }) => `code ${String(code).slice(0, 6)}…` },
  checkSession: { topic: 'wxCheckSession', gives: () => 'ok' },
  getUserInfo: { topic: 'wxUserInfo', gives: () => 'encryptedData, iv' },
  requestVirtualPayment: { topic: 'wxPay', gives: () => 'ok' },
  getUserProfile: { topic: 'wxUserInfo', gives: () => 'encryptedData, iv' },
} as const satisfies Record<string, { topic: string; gives: (result: Record<string, unknown>) => string }>

/** The names of these functions. */
export const weixinFunctions = Object.keys(asked) as (keyof typeof asked)[]

/** One of `weixinFunctions`, recorded as an arrow to WeChat and one back. */
export function watchedWeixin(name: keyof typeof asked, call: Call, { journal, place }: RecordOptions): Call {
  const { topic, gives } = asked[name]
  const there = { from: place, to: 'weixin', tone: 'call', topic } as const
  const back = { from: 'weixin', to: place, topic } as const
  return (options = {}) => {
    journal.step({ ...there, label: `wx.${name}`, detail: plain(options) })
    return watched(call, options, {
      done: (result) => journal.step({ ...back, tone: 'answer', label: gives(result), detail: result }),
      failed: (failure) =>
        journal.step({ ...back, tone: 'failure', label: messageOf(failure), detail: failure }),
    })
  }
}
