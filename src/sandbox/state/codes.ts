import type { Account } from './account.js'
import type { Environment } from './environment.js'
import { type Form, fields, flag, type Kept, keptMap, optional, whole, yes } from './kept.js'

/** WeChat docs, wx.login and getPhoneNumber: a code lives 5 minutes. */
export const CODE_LIFE = 5 * 60_000

/** Codes remembered at most, the oldest forgotten first; a forgotten code is an unknown one. */
export const MAX_CODES = 20_000

/** A code that was given out. */
export interface IssuedCode {
  readonly account: Account
  readonly issuedAt: number
  /** The phone number's country code comes as a number, as in the sample on WeChat's own page. */
  readonly numericCountryCode?: true
  used: boolean
}

/**
 * The single-use codes of one kind: login, phone or plugin; also payments, which WeChat tells of as long. A used code is
 * remembered until its life would have ended.
 */
export function createCodes(clock: Environment['clock'], newCode: () => string) {
  const issued = new Map<string, IssuedCode>()
  const isLive = ({ issuedAt }: IssuedCode) => clock() - issuedAt < CODE_LIFE

  return {
    issue(account: Account, answers: Pick<IssuedCode, 'numericCountryCode'> = {}): string {
      // A Map keeps the order of insertion, so codes that have ended come first.
      for (const [code, entry] of issued) {
        if (isLive(entry) && issued.size < MAX_CODES) break
        issued.delete(code)
      }
      const code = newCode()
      issued.set(code, { ...answers, account, issuedAt: clock(), used: false })
      return code
    },

    /** By code; `account` is how an account stands in JSON. */
    kept: (account: Form<Account>): Kept =>
      keptMap(
        issued,
        fields<IssuedCode>({ account, issuedAt: whole, numericCountryCode: optional(yes), used: flag }),
        MAX_CODES,
      ),

    /** The code, used or not, or `undefined` when it is unknown or over. */
    find(code: string): IssuedCode | undefined {
      const entry = issued.get(code)
      return entry !== undefined && isLive(entry) ? entry : undefined
    },
  }
}

/** A code of `wx.login`: 32 alphanumerics, the first a 0. */
export function newLoginCode(randomBytes: Environment['randomBytes']): string {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  return `0${Array.from(randomBytes(31), (byte) => alphabet.charAt(byte % alphabet.length)).join('')}`
}

/** A code of the phone button or of `wx.pluginLogin`: 64 hex digits. */
export function newPhoneCode(randomBytes: Environment['randomBytes']): string {
  return randomBytes(32).toString('hex')
}

/** A payment's number as WeChat Pay gives it: 28 digits. */
export function newTransactionId(randomBytes: Environment['randomBytes']): string {
  return `42${Array.from(randomBytes(26), (byte) => byte % 10).join('')}`
}
