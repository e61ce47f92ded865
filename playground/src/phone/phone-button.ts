import type { Journal } from '../journal/journal.js'
import type { Device } from './device.js'

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

/** Whether an error means that the user refused. */
export function isRefusal(error: unknown): boolean {
  return String((error as Partial<Refusal> | undefined)?.errMsg).includes('user deny')
}
