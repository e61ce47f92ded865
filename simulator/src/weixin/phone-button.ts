import { failureOf } from '../calls/api.js'
import type { PhoneEvent } from '../types/devtools.js'
import type { Weixin } from './weixin.js'

/** The event of a tap on the phone button. It also reports failures. */
export async function pressPhoneButton(weixin: Weixin, allow: boolean): Promise<PhoneEvent> {
  const type = 'getphonenumber'
  if (!allow) return { type, detail: { errMsg: 'getPhoneNumber:fail user deny' } }
  try {
    return { type, detail: { ...(await weixin.ask('phone')), errMsg: 'getPhoneNumber:ok' } }
  } catch (error) {
    return { type, detail: failureOf('getPhoneNumber', error) }
  }
}
