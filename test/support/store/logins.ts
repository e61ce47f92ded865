import { type ErrorCode, R3SessionError } from '#src/domain/errors.js'
import type { NewLogin } from '#src/domain/ports.js'
import type { Session, UserKey } from '#src/domain/session.js'

export const start = Date.UTC(2026, 0, 1)
export const ann = { appid: 'wx-one', openid: 'o-ann' }
export const ben = { appid: 'wx-one', openid: 'o-ben' }
export const annElsewhere = { appid: 'wx-two', openid: 'o-ann' }

export const tokenOf = (n: number) => n.toString(16).padStart(128, '0')
export const idOf = (n: number) => n.toString(16).padStart(32, '0')

/** The n-th login of a test: it began at epoch 0 and lives from the n-th millisecond for a second. */
export function loginOf(n: number, user: UserKey = ann, more: Partial<NewLogin & Session> = {}): NewLogin {
  const {
    createdAt = start + n,
    lastSeenAt = createdAt,
    expiresAt = createdAt + 1000,
    unionid,
    ...login
  } = more
  const { appid, openid } = user
  const session = { appid, openid, id: idOf(n), createdAt, lastSeenAt, expiresAt }
  return {
    token: tokenOf(n),
    session: unionid === undefined ? session : { ...session, unionid },
    sessionKey: 'key-1',
    epoch: 0,
    maxSessions: 100,
    ...login,
  }
}

/** When sessions end now, and until when that is remembered. */
export const endingAt = (now: number) => ({ now, rememberUntil: now + 3_600_000 })

/** A claim of an attempt at this instant, as a login makes it. */
export const claimAt = (now: number) => ({ now, leaseUntil: now + 10_000, rememberUntil: now + 60_000 })

/** The code that a call failed with. Anything else than an R3SessionError is thrown. */
export function codeOf(call: Promise<unknown>): Promise<ErrorCode | 'resolved'> {
  return call.then(
    () => 'resolved',
    (error) => {
      if (error instanceof R3SessionError) return error.code
      throw error
    },
  )
}
