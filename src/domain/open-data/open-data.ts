import { isObject, isWhole, nestsDeeperThan } from '../json.js'
import type { Session } from '../session.js'
import { kindOf, readActivity } from './kinds.js'

/** What WeChat sealed: the JSON object as it came, with every field kept; `{activityId}` for the one bare text. */
export type OpenData = Readonly<Record<string, unknown>>

/** How far WeChat's clock may run ahead of ours, in milliseconds. */
const CLOCK_SKEW = 5 * 60_000

/** Real payloads nest 3 deep; far deeper ones exist only to overflow whoever serialises them. */
const MAX_DEPTH = 32

/**
 * The data in an opened plaintext, or `undefined` when any of it is doubtful. The cipher has no MAC and whoever owns
 * one genuine ciphertext can rewrite its first block and cut and paste the others, so a plaintext counts only when
 * everything in it that can be checked against the session is right. Two kinds come without a watermark (groups and
 * activities); there the form of an id, longer than one block, is all that can be checked. SECURITY.md says what nobody can.
 *
 * @param maxAge milliseconds after which the watermark is too old; 0 turns the check off
 */
export function readOpenData(
  plaintext: string,
  session: Pick<Session, 'appid' | 'openid' | 'unionid'>,
  maxAge: number,
  now: number,
): OpenData | undefined {
  const activity = readActivity(plaintext)
  if (activity !== undefined) return activity

  const data = parseObject(plaintext)
  if (data === undefined || nestsDeeperThan(MAX_DEPTH, data)) return undefined
  const kind = kindOf(data)
  if (kind === undefined || !hasGenuineNames(data) || !namesNobodyElse(data, session)) return undefined
  if (kind.withoutWatermark && !Object.hasOwn(data, 'watermark')) return data
  return hasGoodWatermark(data['watermark'], session.appid, maxAge, now) ? data : undefined
}

function parseObject(text: string): OpenData | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {
    // What is no JSON is no object either.
  }
  return undefined
}

function hasGoodWatermark(watermark: unknown, appid: string, maxAge: number, now: number): boolean {
  if (!isObject(watermark) || watermark['appid'] !== appid) return false
  const timestamp = watermark['timestamp']
  if (!isWhole(timestamp)) return false
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

/** A block that was cut off from its predecessor opens as 16 bytes of noise, and in a name noise shows. */
function hasGenuineNames(data: OpenData): boolean {
  return Object.keys(data).every((name) => /^[A-Za-z_]\w{0,31}$/.test(name))
}
