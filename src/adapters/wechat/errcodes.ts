import { isIP } from 'node:net'
import { type ErrorCode, type Facts, R3SessionError } from '../../domain/errors.js'
import { StaleAccessToken } from '../../domain/ports.js'

/** WeChat's endpoints by the names of its documentation. */
export type Endpoint =
  | 'code2Session'
  | 'getStableAccessToken'
  | 'getPhoneNumber'
  | 'checkSessionKey'
  | 'resetUserSessionKey'
  | 'getUserEncryptKey'

type Meanings = Readonly<Record<number, ErrorCode | 'stale_access_token'>>

/**
 * What an errcode means to us wherever it comes from (WeChat docs, code2Session, getStableAccessToken and the global
 * return codes). Whatever else WeChat may say is an answer we do not understand: `wechat_invalid_response`.
 */
const everywhere: Meanings = {
  [-1]: 'wechat_busy',
  40001: 'wechat_misconfigured', // the secret is wrong for this appid, in older words than 40125
  40002: 'wechat_misconfigured', // grant_type refused
  40013: 'wechat_misconfigured', // appid unknown
  40125: 'wechat_misconfigured', // secret wrong, often after a reset in the console
  40164: 'wechat_misconfigured', // our address is not on the account's allow-list
  40243: 'wechat_misconfigured', // secret frozen in the console
  41002: 'wechat_misconfigured', // appid missing
  41004: 'wechat_misconfigured', // secret missing
  45009: 'wechat_quota', // the day's quota
  45011: 'wechat_rate_limited', // the minute's quota
  48001: 'wechat_misconfigured', // API not granted to the account
  48004: 'wechat_misconfigured', // API banned for the account
  50001: 'wechat_misconfigured', // not authorised
  50002: 'wechat_misconfigured', // account limited
  50004: 'wechat_misconfigured', // API forbidden for the account
  50007: 'wechat_misconfigured', // account frozen
  61024: 'wechat_misconfigured', // the appid is a third-party platform's, not a mini program's
  85107: 'wechat_misconfigured', // WeChat Cloud Run's open-interface service has taken the call: switch it off there
  89501: 'wechat_misconfigured', // our address awaits a confirmation by the account's admin
  89502: 'wechat_misconfigured', // likewise
  89503: 'wechat_misconfigured', // likewise
  89506: 'wechat_misconfigured', // the admin refused our address for 24 hours
  89507: 'wechat_misconfigured', // the admin refused our address for an hour
}

/** Where a one-time code is traded in. */
const withCode: Meanings = {
  40029: 'code_invalid', // unknown, expired, or made by another mini program
  40163: 'code_used',
  41008: 'code_invalid', // code missing
  42003: 'code_invalid', // code timed out; only in the global table, mini programs get 40029
}

/** Where an access_token stands in for appid and secret. */
const withToken: Meanings = {
  40001: 'stale_access_token', // wrong, or no longer the latest
  40014: 'stale_access_token', // malformed
  41001: 'stale_access_token', // missing
  42001: 'stale_access_token', // expired
}

const meanings: Readonly<Record<Endpoint, Meanings>> = {
  // 40226: refused by WeChat's risk control; another code would not help.
  code2Session: { ...everywhere, ...withCode, 40226: 'user_blocked' },
  getStableAccessToken: everywhere,
  // The openid we send is always right for the session, so one that WeChat calls wrong (40003), or arguments (40097),
  // mean another user's code. Which errcode it is stands nowhere.
  getPhoneNumber: {
    ...everywhere,
    ...withCode,
    ...withToken,
    40003: 'code_invalid',
    40097: 'code_invalid',
  },
  checkSessionKey: { ...everywhere, ...withToken },
  resetUserSessionKey: { ...everywhere, ...withToken },
  getUserEncryptKey: { ...everywhere, ...withToken },
}

/**
 * The error for an errcode other than 0. Of `errmsg`, which may quote anything, the log gets to see only what an
 * operator needs and what has a shape that no secret has: the request id, and the address WeChat saw us call from.
 */
export function errcodeError(
  endpoint: Endpoint,
  errcode: number,
  errmsg: unknown,
): R3SessionError | StaleAccessToken {
  const text = typeof errmsg === 'string' ? errmsg : ''
  const rid = /\brid: ([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})\b/.exec(text)?.[1]
  const address = /\binvalid ip ([0-9A-Fa-f.:]{2,45})(?![^ ,])/.exec(text)?.[1]
  const facts: Facts = {
    errcode,
    ...(rid !== undefined && { rid }),
    ...(address !== undefined && isIP(address) !== 0 && { address }),
  }
  const meaning = meanings[endpoint][errcode] ?? 'wechat_invalid_response'
  if (meaning === 'stale_access_token') return new StaleAccessToken(facts)
  return new R3SessionError(meaning, { facts })
}
