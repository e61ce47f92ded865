import { inspect } from 'node:util'
import { expect } from 'chai'
import { createHttpWechat } from '#src/adapters/wechat/gateway.js'
import type { ErrorCode, Facts, R3SessionError } from '#src/domain/errors.js'

// Calls over HTTP, made of values that are easy to find where they must not be.
export const appid = 'wx0000000000000001'
export const secret = 'c4na7y5ec7e7c4na7y5ec7e7c4na7y55'
export const code = '0c4na7yC0dec4na7yC0dec4na7yC0de1'
export const openid = 'oSYNTHETIC_00000000000000001'
export const unionid = 'uSYNTHETIC_00000000000000001'
export const sessionKey = 'MDEyMzQ1Njc4OWFiY2RlZg=='

export const accessToken = `80_c4na7yAccessToken${'_-a+/='.repeat(80)}`
export const phoneCode = 'c4na7y'.padEnd(64, '0123456789abcdef')
export const newKey = 'o0q0otL8aEzpcZL/FT9WsQ=='
export const phone = { phoneNumber: '+85298765432', purePhoneNumber: '98765432', countryCode: '852' }

/** WeChat's answer to a login code, without a unionid. */
export const success = { openid, session_key: sessionKey }

export const apps = new Map([[appid, secret]])

/** Milliseconds that no call takes, however busy the machine is; mocha's own limit comes later. */
export const AMPLE = 30_000

/** Milliseconds after which a call that gets no answer ends: time to send the request, on a busy machine too. */
export const BRIEF = 1_000

/** The deadline for a call that is to fail like this. */
export function deadlineFor(expected: ErrorCode): number {
  return expected === 'wechat_timeout' ? BRIEF : AMPLE
}

/** A gateway that hardly waits at all before it repeats a call. */
export function gatewayTo(api: string, timeout = AMPLE) {
  return createHttpWechat({ api, apps, timeout, backoff: 1 })
}

/** The query of a request. */
export function queryOf(head: string | undefined): URLSearchParams {
  return new URL(targetOf(head), 'http://127.0.0.1').searchParams
}

export function targetOf(head: string | undefined): string {
  return head?.split(' ')[1] ?? ''
}

/** What the log gets to see. */
export function causeOf(error: R3SessionError): string {
  expect(error.cause).to.equal(undefined)
  return factsIn(error.facts)
}

/** Facts as one line. */
export function factsIn({ reason, errcode, rid, address, ...others }: Facts): string {
  expect(others).to.deep.equal({})
  const said = [
    errcode === undefined ? [] : `errcode ${errcode}`,
    rid === undefined ? [] : `rid ${rid}`,
    address === undefined ? [] : `our address ${address}`,
  ].flat()
  return [reason ?? [], said.join(', ') || []].flat().join(', then ')
}

/** Wherever one looks into the error, nothing of the exchange shows. */
export function expectNoCanary(error: Error): void {
  const everything = Object.fromEntries(Reflect.ownKeys(error).map((key) => [key, Reflect.get(error, key)]))
  const seen =
    inspect(error, { depth: 10, showHidden: true }) + JSON.stringify([error, everything, error.cause])
  for (const canary of canaries) expect(seen).not.to.include(canary)
}

const canaries = [
  ...[appid, secret, code, openid, sessionKey, accessToken, phoneCode, newKey, phone.purePhoneNumber],
  ...['jscode2session', 'stable_token', 'wxa/', '127.0.0.1:'],
]
