import { isWhole } from '../json.js'
import type { PhoneNumber } from '../ports.js'

/**
 * A phone number in WeChat's three fields, as getPhoneNumber gives them and as the old button seals them, each as text:
 * WeChat's own sample has the number 86 for a `countryCode`, where its table says string (WeChat docs, getPhoneNumber).
 *
 * Numbers from abroad may come with a `+`, with blanks, dashes or brackets. The number says itself twice, and has to say
 * the same: `phoneNumber` ends with `purePhoneNumber`, blanks and the zero of domestic calls aside.
 *
 * Gives the name of the first field that is missing or wrong where it is no phone number.
 */
export function readPhone(fields: Readonly<Record<string, unknown>>): PhoneNumber | WrongPhone {
  const phoneNumber = textOf(fields['phoneNumber'], NUMBER)
  if (phoneNumber === undefined) return { wrong: 'phoneNumber' }
  const purePhoneNumber = textOf(fields['purePhoneNumber'], NUMBER)
  if (purePhoneNumber === undefined) return { wrong: 'purePhoneNumber' }
  const countryCode = textOf(fields['countryCode'], COUNTRY)
  if (countryCode === undefined) return { wrong: 'countryCode' }
  const endsAlike = digitsOf(phoneNumber).endsWith(digitsOf(purePhoneNumber).replace(/^0(?=\d)/, ''))
  return endsAlike ? { phoneNumber, purePhoneNumber, countryCode } : { wrong: 'purePhoneNumber' }
}

export interface WrongPhone {
  readonly wrong: keyof PhoneNumber
}

const NUMBER = /^\+?[\d(][\d ()-]{0,31}$/
const COUNTRY = /^\+?\d[\d -]{0,7}$/

function textOf(value: unknown, form: RegExp): string | undefined {
  const text = isWhole(value) ? String(value) : value
  return typeof text === 'string' && form.test(text) && /\d/.test(text) ? text : undefined
}

function digitsOf(text: string): string {
  return text.replace(/\D/g, '')
}
