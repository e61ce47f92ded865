import { isIP } from 'node:net'
import { type ErrorCode, R3SessionError } from '../domain/errors.js'

/**
 * What each errcode of code2Session means to us (WeChat docs, code2Session, getAccessToken and the global return
 * codes). Whatever else WeChat may say is an answer we do not understand: `wechat_invalid_response`.
 */
const meanings: Readonly<Record<number, ErrorCode>> = {
  [-1]: 'wechat_busy',
  40001: 'wechat_misconfigured', // the secret is wrong for this appid, in older words than 40125
  40002: 'wechat_misconfigured', // grant_type refused
  40013: 'wechat_misconfigured', // appid unknown
  40029: 'code_invalid', // unknown, expired, or made by another mini program
  40125: 'wechat_misconfigured', // secret wrong, often after a reset in the console
  40163: 'code_used',
  40164: 'wechat_misconfigured', // our address is not on the account's allow-list
  40226: 'user_blocked', // WeChat's risk control; another code would not help
  40243: 'wechat_misconfigured', // secret frozen in the console
  41002: 'wechat_misconfigured', // appid missing
  41004: 'wechat_misconfigured', // secret missing
  41008: 'code_invalid', // js_code missing
  42003: 'code_invalid', // code timed out; only in the global table, mini programs get 40029
  45009: 'wechat_quota', // the day's quota
  45011: 'wechat_rate_limited', // the minute's quota
  48001: 'wechat_misconfigured', // API not granted to the account
  48004: 'wechat_misconfigured', // API banned for the account
  50001: 'wechat_misconfigured', // not authorised
  50002: 'wechat_misconfigured', // account limited
  50004: 'wechat_misconfigured', // API forbidden for the account
  50007: 'wechat_misconfigured', // account frozen
  61024: 'wechat_misconfigured', // the appid is a third-party platform's, not a mini program's
  89501: 'wechat_misconfigured', // our address awaits a confirmation by the account's admin
  89502: 'wechat_misconfigured', // likewise
  89503: 'wechat_misconfigured', // likewise
  89506: 'wechat_misconfigured', // the admin refused our address for 24 hours
  89507: 'wechat_misconfigured', // the admin refused our address for an hour
}

/**
 * The error for an errcode other than 0. Of `errmsg`, which may quote anything, the cause repeats only what an
 * operator needs and what has a shape that no secret has: the request id, and the address WeChat saw us call from.
 */
export function errcodeError(errcode: number, errmsg: unknown): R3SessionError {
  const text = typeof errmsg === 'string' ? errmsg : ''
  const facts = [`errcode ${errcode}`]
  const rid = /\brid: ([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})\b/.exec(text)?.[1]
  if (rid !== undefined) facts.push(`rid ${rid}`)
  const address = /\binvalid ip ([0-9A-Fa-f.:]{2,45})(?![^ ,])/.exec(text)?.[1]
  if (address !== undefined && isIP(address) !== 0) facts.push(`our address ${address}`)
  return new R3SessionError(meanings[errcode] ?? 'wechat_invalid_response', {
    cause: new Error(facts.join(', ')),
  })
}
