import { isUtf8 } from 'node:buffer'
import { R3SessionError } from '../domain/errors.js'
import { isObject } from '../domain/json.js'
import type { WechatIdentity } from '../domain/ports.js'
import { errcodeError } from './wechat-errors.js'

/** Opaque, in practice 28 of [A-Za-z0-9_-]. */
const ID = /^[\x21-\x7e]{1,64}$/

/** base64 text of 16 bytes. */
const SESSION_KEY = /^[A-Za-z0-9+/]{22}==$/

/**
 * The identity in an answer of code2Session.
 *
 * WeChat reports errors with HTTP 200 too, and labels its JSON `text/plain`, so only the body decides: an errcode that
 * is missing or 0 promises success, and the payload has to keep that promise. Unknown fields are ignored (old
 * accounts still get a meaningless `expires_in`).
 */
export function readIdentity(body: Buffer): WechatIdentity {
  const { errcode = 0, errmsg, openid, session_key: sessionKey, unionid } = parseObject(body)
  if (typeof errcode !== 'number') throw invalidAnswer('malformed errcode')
  if (errcode !== 0) throw errcodeError(errcode, errmsg)
  if (!isText(openid, ID)) throw invalidAnswer('missing or malformed openid')
  if (!isText(sessionKey, SESSION_KEY)) throw invalidAnswer('missing or malformed session_key')
  if (unionid === undefined || unionid === null || unionid === '') return { openid, sessionKey }
  if (!isText(unionid, ID)) throw invalidAnswer('malformed unionid')
  return { openid, sessionKey, unionid }
}

/** @param fact what is wrong, in words of our own: the answer itself may quote secrets. */
export function invalidAnswer(fact: string): R3SessionError {
  return new R3SessionError('wechat_invalid_response', { cause: new Error(fact) })
}

function parseObject(body: Buffer): Record<string, unknown> {
  if (!isUtf8(body)) throw invalidAnswer('not UTF-8')
  let value: unknown
  try {
    value = JSON.parse(body.toString())
  } catch {
    throw invalidAnswer('not JSON')
  }
  if (!isObject(value)) throw invalidAnswer('not a JSON object')
  return value
}

function isText(value: unknown, shape: RegExp): value is string {
  return typeof value === 'string' && shape.test(value)
}
