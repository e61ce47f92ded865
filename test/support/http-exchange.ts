import { inspect } from 'node:util'
import { expect } from 'chai'
import { createHttpWechat } from '#src/adapters/http-wechat.js'
import type { R3SessionError } from '#src/domain/errors.js'

// One exchange of a login code over HTTP, made of values that are easy to find where they must not be.
export const appid = 'wx0000000000000001'
export const secret = 'c4na7y5ec7e7c4na7y5ec7e7c4na7y55'
export const code = '0c4na7yC0dec4na7yC0dec4na7yC0de1'
export const openid = 'oSYNTHETIC_00000000000000001'
export const unionid = 'uSYNTHETIC_00000000000000001'
export const sessionKey = 'MDEyMzQ1Njc4OWFiY2RlZg=='

/** WeChat's answer to it, without a unionid. */
export const success = { openid, session_key: sessionKey }

export const apps = new Map([[appid, secret]])

/** A gateway that waits 2 seconds for an answer, and hardly at all before it repeats a call. */
export function gatewayTo(api: string, timeout = 2_000) {
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
  return error.cause instanceof Error ? error.cause.message : ''
}

/** Wherever one looks into the error, nothing of the exchange shows. */
export function expectNoCanary(error: R3SessionError): void {
  const everything = Object.fromEntries(Reflect.ownKeys(error).map((key) => [key, Reflect.get(error, key)]))
  const seen =
    inspect(error, { depth: 10, showHidden: true }) + JSON.stringify([error, everything, error.cause])
  for (const canary of [appid, secret, code, openid, sessionKey, 'jscode2session', '127.0.0.1:']) {
    expect(seen).not.to.include(canary)
  }
}
