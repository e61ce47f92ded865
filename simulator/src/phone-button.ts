import { failureOf } from './api.js'
import type { Weixin } from './weixin.js'

/** The event of `<button open-type="getPhoneNumber">`. */
export interface PhoneEvent {
  readonly type: 'getphonenumber'
  readonly detail: {
    readonly errMsg: string
    readonly code?: string
    readonly encryptedData?: string
    readonly iv?: string
    readonly errno?: number
  }
}

/** What comes of a tap on the phone button; whatever goes wrong is told in the event. */
export async function pressPhoneButton(weixin: Weixin, allow: boolean): Promise<PhoneEvent> {
  const type = 'getphonenumber'
  if (!allow) return { type, detail: { errMsg: 'getPhoneNumber:fail user deny' } }
  try {
    return { type, detail: { ...(await weixin.ask('phone')), errMsg: 'getPhoneNumber:ok' } }
  } catch (error) {
    return { type, detail: failureOf('getPhoneNumber', error) }
  }
}
