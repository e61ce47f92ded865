/**
 * What WeChat's answers say, one function for each endpoint.
 *
 * WeChat reports errors with HTTP 200 too, and labels its JSON `text/plain`, so only the body decides: an errcode that
 * is missing or 0 promises success, and the payload has to keep that promise. Unknown fields are ignored (old accounts
 * still get a meaningless `expires_in` from code2Session).
 *
 * WeChat's own pages mix numbers and the texts of numbers (getPhoneNumber: `countryCode` is 86 in the sample and a
 * string in the table), so each counts as the other wherever a number is meant. What is opaque is text and nothing else.
 */
import { isUtf8 } from 'node:buffer'
import { R3SessionError } from '../../domain/errors.js'
import { isObject } from '../../domain/json.js'
import type { EncryptKey } from '../../domain/keys/wechat-keys.js'
import { readPhone } from '../../domain/open-data/phone-form.js'
import type { PhoneNumber, WechatIdentity } from '../../domain/ports.js'
import { type Endpoint, errcodeError } from './errcodes.js'

/** Opaque, in practice 28 of [A-Za-z0-9_-]. */
const ID = /^[\x21-\x7e]{1,64}$/

/** base64 text of 16 bytes, as which an encryption key comes, too. */
const SESSION_KEY = /^[A-Za-z0-9+/]{22}==$/

/** Opaque; WeChat advises to have room for 512 characters at least (WeChat docs, getAccessToken). */
const ACCESS_TOKEN = /^[\x21-\x7e]{1,1024}$/

/** The last second of the year 9999: of a later one there is no ISO 8601 text of four digits. */
const LAST_SECOND = 253_402_300_799

/** A whole number as a text. */
const NUMBER_TEXT = /^-?\d{1,15}$/

/**
 * A key that is gone (87007), and one that WeChat has replaced: the call is then signed with the wrong key (87009).
 * checkSessionKey does not tell the two apart.
 */
const deadKey = new Set<unknown>([87007, 87009])

type Fields = Record<string, unknown>

export function readIdentity(body: Buffer): WechatIdentity {
  const { openid, session_key: sessionKey, unionid } = success('code2Session', parse(body))
  if (!isText(openid, ID)) throw invalidAnswer('missing or malformed openid')
  if (!isText(sessionKey, SESSION_KEY)) throw invalidAnswer('missing or malformed session_key')
  if (unionid === undefined || unionid === null || unionid === '') return { openid, sessionKey }
  if (!isText(unionid, ID)) throw invalidAnswer('malformed unionid')
  return { openid, sessionKey, unionid }
}

/** `expiresIn` in seconds. */
export function readStableToken(body: Buffer): { accessToken: string; expiresIn: number } {
  const fields = success('getStableAccessToken', parse(body))
  const { access_token: accessToken } = fields
  const expiresIn = asNumber(fields['expires_in'])
  if (!isText(accessToken, ACCESS_TOKEN)) throw invalidAnswer('missing or malformed access_token')
  if (!isCount(expiresIn)) throw invalidAnswer('missing or malformed expires_in')
  return { accessToken, expiresIn }
}

export function readPhoneNumber(body: Buffer): PhoneNumber {
  const { phone_info: info } = success('getPhoneNumber', parse(body))
  if (!isObject(info)) throw invalidAnswer('missing or malformed phone_info')
  const phone = readPhone(info)
  if ('wrong' in phone) throw invalidAnswer(`missing or malformed ${phone.wrong}`)
  return phone
}

/** Whether WeChat honours the key that signed the call. */
export function readHonoursKey(body: Buffer): boolean {
  const fields = parse(body)
  if (deadKey.has(fields['errcode'])) return false
  // There is no payload that could keep a promise, so here it takes the 0 itself.
  if (success('checkSessionKey', fields)['errcode'] !== 0) throw invalidAnswer('missing errcode')
  return true
}

/** The key in place of the one that signed the call; `undefined` when WeChat does not honour that one. */
export function readNewKey(body: Buffer, askedFor: string): string | undefined {
  const fields = parse(body)
  if (deadKey.has(fields['errcode'])) return undefined
  const { openid = askedFor, session_key: sessionKey } = success('resetUserSessionKey', fields)
  if (openid !== askedFor) throw invalidAnswer("another user's openid")
  if (!isText(sessionKey, SESSION_KEY)) throw invalidAnswer('missing or malformed session_key')
  return sessionKey
}

/** The user's encryption keys; `undefined` when WeChat does not honour the key that signed the call. */
export function readEncryptKeys(body: Buffer): readonly EncryptKey[] | undefined {
  const fields = parse(body)
  if (deadKey.has(fields['errcode'])) return undefined
  const { key_info_list: list } = success('getUserEncryptKey', fields)
  if (!Array.isArray(list)) throw invalidAnswer('missing or malformed key_info_list')
  return list.map(readEncryptKey)
}

/** `expire_in` in seconds from now, `create_time` in seconds since 1970. */
function readEncryptKey(info: unknown): EncryptKey {
  if (!isObject(info)) throw invalidAnswer('malformed key_info_list')
  const { encrypt_key: encryptKey, iv } = info
  const [version, expiresIn, createdAt] = ['version', 'expire_in', 'create_time'].map((field) =>
    asNumber(info[field]),
  )
  if (!isText(encryptKey, SESSION_KEY)) throw invalidAnswer('missing or malformed encrypt_key')
  if (!isText(iv, ID)) throw invalidAnswer('missing or malformed iv')
  if (!isCount(version)) throw invalidAnswer('missing or malformed version')
  // 0 is what has ended just now, and less what ended before.
  if (!Number.isSafeInteger(expiresIn)) throw invalidAnswer('missing or malformed expire_in')
  if (!isCount(createdAt) || createdAt > LAST_SECOND) throw invalidAnswer('missing or malformed create_time')
  return { encryptKey, iv, version, expiresIn: Math.max(0, Number(expiresIn)), createdAt: createdAt * 1000 }
}

/** @param reason what is wrong, in words of our own: the answer itself may quote secrets. */
export function invalidAnswer(reason: string): R3SessionError {
  return new R3SessionError('wechat_invalid_response', { facts: { reason } })
}

/** The fields, unless their errcode says that it is no success. */
function success(endpoint: Endpoint, fields: Fields): Fields {
  const { errcode = 0, errmsg } = fields
  if (typeof errcode !== 'number') throw invalidAnswer('malformed errcode')
  if (errcode !== 0) throw errcodeError(endpoint, errcode, errmsg)
  return fields
}

function parse(body: Buffer): Fields {
  if (!isUtf8(body)) throw invalidAnswer('not UTF-8')
  let value: unknown
  try {
    value = JSON.parse(body.toString())
  } catch {
    throw invalidAnswer('not JSON')
  }
  if (!isObject(value)) throw invalidAnswer('not a JSON object')
  return 'errcode' in value ? { ...value, errcode: asNumber(value['errcode']) } : value
}

/** A whole number that came as a text, as the number; anything else as it is. */
function asNumber(value: unknown): unknown {
  return typeof value === 'string' && NUMBER_TEXT.test(value) ? Number(value) : value
}

function isText(value: unknown, shape: RegExp): value is string {
  return typeof value === 'string' && shape.test(value)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}
