import { type Account, phoneNumberOf } from './account.js'
import { inSeconds } from './environment.js'

/** The fields of a phone number, sealed by the old phone button and given in clear by getuserphonenumber. */
export function phoneInfoOf({ user }: Account) {
  const number = phoneNumberOf(user)
  return { phoneNumber: number, purePhoneNumber: number, countryCode: '86' }
}

/** Present in everything WeChat seals. */
export function watermarkOf({ appid }: Account, now: number) {
  return { timestamp: inSeconds(now), appid }
}
