import type { Journal } from '../journal/journal.js'
import type { Device } from './device.js'
import type { Order } from './mini-program.js'

/** The error when the user refuses to give the phone number. */
export interface Refusal {
  readonly errMsg: string
}

/**
 * Taps `<button open-type="getPhoneNumber">` and records WeChat's answer. Resolves to the code. Rejects with a Refusal
 * if the user refuses.
 */
export function tapPhoneButton(
  { devtools, place }: Device,
  journal: Journal,
  allow: boolean,
): Promise<string> {
  const topic = 'button'
  journal.step({
    from: place,
    to: 'weixin',
    tone: 'call',
    label: 'open-type="getPhoneNumber"',
    topic,
    detail: { allow },
  })
  return new Promise((resolve, reject) => {
    const answered = ({ detail }: { detail: { errMsg: string; code?: string } }) => {
      const { errMsg, code } = detail
      const back = { from: 'weixin', to: place, topic, detail } as const
      if (code === undefined) {
        journal.step({ ...back, tone: 'failure', label: errMsg })
        reject({ errMsg })
      } else {
        journal.step({ ...back, tone: 'answer', label: `code ${code.slice(0, 6)}…` })
        resolve(code)
      }
    }
    devtools.tapPhoneButton(answered, { allow }).catch(reject)
  })
}

/** Has the user pay for an order, or close the window. Rejects with WeChat's failure, which has an errCode. */
export function payFor(
  { mode, signData, paySig, signature }: Order,
  { devtools, wx }: Device,
  allow: boolean,
): Promise<unknown> {
  devtools.allowPayment(allow)
  // Without a promise of WeChat's own.
  return new Promise((success, fail) => {
    wx.requestVirtualPayment({ mode, signData, paySig, signature, success, fail })
  })
}

/** Whether an error means that the user refused, or closed the window of a payment. */
export function isRefusal(error: unknown): boolean {
  return /user deny|fail cancel/.test(String((error as Partial<Refusal> | undefined)?.errMsg))
}
