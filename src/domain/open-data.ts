import { isObject, nestsDeeperThan } from './json.js'
import type { Session } from './session.js'

/** What WeChat sealed: the JSON object as it came, with every field kept. */
export type OpenData = Readonly<Record<string, unknown>>

/** How far WeChat's clock may run ahead of ours, in milliseconds. */
const CLOCK_SKEW = 5 * 60_000

/** Real payloads nest 3 deep; far deeper ones exist only to overflow whoever serialises them. */
const MAX_DEPTH = 32

/**
 * The fields by which each kind of data is known. Genuine data has fields of one kind only; a payload spliced together
 * from pieces of others shows fields of two (a nickname cut out of user info and dressed up as a phone number drags
 * `gender` along), and one whose name was rewritten through the iv shows none. Further fields say nothing and are
 * kept: WeChat adds new ones.
 */
const kinds = {
  user: [
    'openId',
    'unionId',
    'nickName',
    'gender',
    'language',
    'city',
    'province',
    'country',
    'avatarUrl',
    'is_demote',
  ],
  phone: ['phoneNumber', 'purePhoneNumber', 'countryCode'],
  group: ['openGId', 'opengid', 'open_single_roomid', 'group_openid', 'chat_type'],
  run: ['stepInfoList'],
}

/**
 * The data in an opened plaintext, or `undefined` when any of it is doubtful. The cipher has no MAC and whoever owns
 * one genuine ciphertext can rewrite its first block and cut and paste the others, so a plaintext counts only when
 * everything in it that can be checked against the session is right.
 *
 * @param maxAge milliseconds after which the watermark is too old; 0 turns the check off
 */
export function readOpenData(
  plaintext: string,
  session: Pick<Session, 'appid' | 'openid' | 'unionid'>,
  maxAge: number,
  now: number,
): OpenData | undefined {
  const data = parseObject(plaintext)
  if (data === undefined || nestsDeeperThan(MAX_DEPTH, data)) return undefined
  if (!hasGoodWatermark(data['watermark'], session.appid, maxAge, now)) return undefined
  if (!namesNobodyElse(data, session)) return undefined
  if (kindsIn(data) !== 1 || !hasGenuineNames(data) || !hasGenuinePhone(data)) return undefined
  return data
}

function parseObject(text: string): OpenData | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function hasGoodWatermark(watermark: unknown, appid: string, maxAge: number, now: number): boolean {
  if (!isObject(watermark) || watermark['appid'] !== appid) return false
  const timestamp = watermark['timestamp']
  if (typeof timestamp !== 'number' || !Number.isSafeInteger(timestamp)) return false
  const age = now - timestamp * 1000
  return maxAge === 0 || (age <= maxAge && age >= -CLOCK_SKEW)
}

/** A unionId the session can't vouch for counts only beside the session's own openId. */
function namesNobodyElse(data: OpenData, { openid, unionid }: Pick<Session, 'openid' | 'unionid'>): boolean {
  const namesUser = Object.hasOwn(data, 'openId')
  if (namesUser && data['openId'] !== openid) return false
  if (!Object.hasOwn(data, 'unionId')) return true
  return unionid === undefined
    ? namesUser && typeof data['unionId'] === 'string'
    : data['unionId'] === unionid
}

function kindsIn(data: OpenData): number {
  return Object.values(kinds).filter((fields) => fields.some((field) => Object.hasOwn(data, field))).length
}

/** A block that was cut off from its predecessor opens as 16 bytes of noise, and in a name noise shows. */
function hasGenuineNames(data: OpenData): boolean {
  return Object.keys(data).every((name) => /^[A-Za-z_]\w{0,31}$/.test(name))
}

/**
 * A phone number is what forgers want, and what they can get out of other sealed texts is a piece of it. A genuine one
 * says itself twice (WeChat docs, getPhoneNumber).
 */
function hasGenuinePhone(data: OpenData): boolean {
  if (!kinds.phone.some((field) => Object.hasOwn(data, field))) return true
  const { phoneNumber, purePhoneNumber, countryCode } = data
  const areDigits = [phoneNumber, purePhoneNumber, countryCode].every(
    (text) => typeof text === 'string' && /^\+?\d[\d -]{0,23}$/.test(text),
  )
  return areDigits && String(phoneNumber).endsWith(String(purePhoneNumber))
}
