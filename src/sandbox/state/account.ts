import { createHash } from 'node:crypto'
import { SandboxError } from './sandbox-error.js'

/** A mini program that the sandbox serves. */
export interface SandboxApp {
  readonly appid: string
  readonly secret: string
  /** Bound to an Open Platform account: only then do its users have a unionid. Default false. */
  readonly bound?: boolean
  /** AppKeys of virtual payment, for `env` 0 and 1. Without them no payment signature (`pay_sig`) is checked. */
  readonly appKeys?: readonly [live: string, sandbox: string]
}

/** A WeChat user as one mini program knows them. */
export interface Account {
  readonly appid: string
  readonly user: string
  readonly openid: string
  readonly unionid?: string
}

/**
 * The account of a user in an app. The ids come from the names alone, so that a restarted sandbox knows everybody again
 * and two apps bound to the (one) Open Platform account agree on the unionid.
 *
 * Fails with a SandboxError unless the name has 1 to 64 characters.
 */
export function accountOf({ appid, bound = false }: SandboxApp, user: unknown): Account {
  if (typeof user !== 'string' || !/^.{1,64}$/su.test(user)) {
    throw new SandboxError('a user is named by a text of 1 to 64 characters')
  }
  const openid = idOf('openid', appid, user)
  return bound ? { appid, user, openid, unionid: idOf('unionid', user) } : { appid, user, openid }
}

/** The `openpid` of a user of a plugin: 28 characters beginning with `G`. */
export function openpidOf({ appid, user }: Account): string {
  return `G${digest('openpid', appid, user).toString('base64url').slice(0, 27)}`
}

/** The user's mobile number, a Chinese one, the same in every app. */
export function phoneNumberOf(user: string): string {
  return `138${String(digest('phone', user).readUInt32BE() % 1e8).padStart(8, '0')}`
}

/** 28 characters beginning with `o`, as openids and unionids are. */
function idOf(...parts: string[]): string {
  return `o${digest(...parts)
    .toString('base64url')
    .slice(0, 27)}`
}

/** A fixed number from 0 to 65535 for these names. */
export function numberOf(...parts: string[]): number {
  return digest(...parts).readUInt16BE()
}

/** A fixed group id, as `openGId` looks: 28 characters beginning with `tG`. */
export function groupIdOf(appid: string): string {
  return `tG${digest('group', appid).toString('base64url').slice(0, 26)}`
}

function digest(...parts: string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest()
}
