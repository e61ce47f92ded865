import { createAuthenticate } from '#src/domain/authenticate.js'
import { createDecrypt } from '#src/domain/decrypt.js'
import { type ErrorCode, R3SessionError } from '#src/domain/errors.js'
import type { DomainEvent } from '#src/domain/events.js'
import { createLimit } from '#src/domain/limits/limit.js'
import { createLogin } from '#src/domain/login.js'
import { createLogout } from '#src/domain/logout.js'
import type { Decryptor, SessionRepository } from '#src/domain/ports.js'
import { createFakeStore } from './store/fake-store.js'
import { createFakeWechat } from './wechat/fake-wechat.js'

export const lifetime = { ttl: 1_000_000, maxAge: 10_000_000 }
export const MOST_FAILURES = 20
export const appid = 'wx-app'
export const me = { openid: 'o-me', sessionKey: 'key-1', unionid: 'u-me' }

/** A decryptor whose ciphertexts are the plaintext behind the key that opens it. */
export const transparent: Decryptor = {
  open: ({ encryptedData, sessionKey }) =>
    encryptedData.startsWith(`${sessionKey}|`) ? encryptedData.slice(sessionKey.length + 1) : undefined,
  verifies: ({ rawData, signature, sessionKey }) => signature === `${rawData}+${sessionKey}`,
}

/** The code of an R3SessionError; `undefined` for none. */
export async function failure(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  return promise.then(
    () => undefined,
    (error) => (error instanceof R3SessionError ? error.code : String(error)) as ErrorCode,
  )
}

/** Pauses that move the clock instead of waiting. Who waits without end gets an error, since nothing could interrupt them. */
export function pausesOn(time: { now: number }) {
  let pauses = 0
  return async (milliseconds: number) => {
    if (++pauses > 10_000) throw new Error('waits without end')
    time.now += milliseconds
  }
}

/** The use cases over stores and a WeChat in memory, and a clock that the test moves. */
export function setUp(
  overrides: Partial<SessionRepository> = {},
  { decryptor = transparent, timeout = 5000 }: { decryptor?: Decryptor; timeout?: number } = {},
) {
  const time = { now: 1_700_000_000_000, elapsed: 0 }
  const clock = () => time.now
  // Every look at it takes a millisecond.
  const monotonic = () => time.elapsed++
  const wechat = createFakeWechat()
  const store = createFakeStore()
  const stored = store.sessions
  const sessions: SessionRepository = { ...stored, ...overrides }
  let tokens = 0
  const newToken = () => (++tokens).toString(16).padStart(128, '0')
  const pauses: number[] = []
  const events: DomainEvent[] = []
  const report = (event: DomainEvent) => void events.push(event)
  const authenticate = createAuthenticate({ sessions, lifetime, clock, report })
  const { counters } = store
  const failureLimit = createLimit('decrypt_failures', { most: MOST_FAILURES, counters, clock, report })
  return {
    time,
    wechat,
    store,
    stored,
    pauses,
    events,
    authenticate,
    login: createLogin({
      wechat,
      sessions,
      attempts: store.loginAttempts,
      timeout,
      report,
      lifetime,
      maxSessions: 10,
      clock,
      newToken,
      newId: () => 'id',
      pause: pausesOn(time),
    }),
    logout: createLogout({ sessions, report }),
    decrypt: createDecrypt({
      authenticate,
      keyRings: store.keyRings,
      failureLimit,
      digest: (text) => text,
      decryptor,
      openDataMaxAge: 3_600_000,
      clock,
      monotonic,
      report,
      pause: async (milliseconds) => {
        pauses.push(milliseconds)
      },
    }),
    sealed: (key: string, data: object = {}) => {
      const watermark = { appid, timestamp: Math.floor(time.now / 1000) }
      return { encryptedData: `${key}|${JSON.stringify({ nickName: 'me', ...data, watermark })}`, iv: '' }
    },
  }
}

/** A method of the store that fails. */
export const broken = () => Promise.reject(new R3SessionError('storage_unavailable'))
