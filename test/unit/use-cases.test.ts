import { expect } from 'chai'
import { createAuthenticate } from '#src/domain/authenticate.js'
import { createDecrypt, REFUSAL_TIME } from '#src/domain/decrypt.js'
import { type ErrorCode, R3SessionError } from '#src/domain/errors.js'
import type { DomainEvent } from '#src/domain/events.js'
import { createLogin } from '#src/domain/login.js'
import { createLogout } from '#src/domain/logout.js'
import type { Decryptor, SessionRepository } from '#src/domain/ports.js'
import { createFakeStore } from '../support/fake-store.js'
import { createFakeWechat } from '../support/fake-wechat.js'
import { claimAt, endingAt } from '../support/logins.js'

const lifetime = { ttl: 1_000_000, maxAge: 10_000_000 }
const appid = 'wx-app'
const me = { openid: 'o-me', sessionKey: 'key-1', unionid: 'u-me' }

/** A decryptor whose ciphertexts are the plaintext behind the key that opens it. */
const transparent: Decryptor = {
  open: ({ encryptedData, sessionKey }) =>
    encryptedData.startsWith(`${sessionKey}|`) ? encryptedData.slice(sessionKey.length + 1) : undefined,
  verifies: ({ rawData, signature, sessionKey }) => signature === `${rawData}+${sessionKey}`,
}

async function failure(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  return promise.then(
    () => undefined,
    (error) => (error instanceof R3SessionError ? error.code : String(error)) as ErrorCode,
  )
}

function world(overrides: Partial<SessionRepository> = {}) {
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
      timeout: 5000,
      report,
      lifetime,
      maxSessions: 10,
      clock,
      newToken,
      newId: () => 'id',
      pause: async (milliseconds) => {
        time.now += milliseconds
      },
    }),
    logout: createLogout({ sessions, report }),
    decrypt: createDecrypt({
      authenticate,
      keyRings: store.keyRings,
      decryptor: transparent,
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

const broken = () => Promise.reject(new R3SessionError('storage_unavailable'))

describe('login', () => {
  it('gives a token and its life in whole seconds, and remembers who came', async () => {
    const { login, wechat, authenticate } = world()
    wechat.when('code', me)
    const { r3session, expiresIn } = await login({ appid, code: 'code' })
    expect(expiresIn).to.equal(1000)
    expect(await authenticate(r3session)).to.include({ appid, openid: 'o-me', unionid: 'u-me', id: 'id' })
    expect(wechat.calls).to.deep.equal([{ appid, code: 'code' }])
  })

  it('hands out no token that could not be stored', async () => {
    const { login, wechat } = world({ save: broken })
    wechat.when('code', me)
    expect(await failure(login({ appid, code: 'code' }))).to.equal('storage_unavailable')
  })

  it('stores nothing when WeChat refuses', async () => {
    const saved: unknown[] = []
    const { login } = world({ save: async (login) => ({ madeRoom: saved.push(login) }) })
    expect(await failure(login({ appid, code: 'unknown' }))).to.equal('code_invalid')
    expect(saved).to.deep.equal([])
  })
})

describe('login with an Idempotency-Key', () => {
  it('gives a retry the same r3session, with what is left of its life, and asks WeChat once', async () => {
    const { login, wechat, time } = world()
    wechat.when('code', me)
    const first = await login({ appid, code: 'code', key: 'k' })
    time.now += 59_000
    expect(await login({ appid, code: 'code', key: 'k' })).to.deep.equal({ ...first, expiresIn: 941 })
    expect(wechat.calls).to.have.lengthOf(1)
  })

  it('gives all that come at once the same r3session', async () => {
    const { login, wechat } = world()
    wechat.when('code', me)
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => login({ appid, code: 'code', key: 'k' })),
    )
    expect(new Set(answers.map(({ r3session }) => r3session)).size).to.equal(1)
    expect(wechat.calls).to.have.lengthOf(1)
  })

  it('gives nobody the session of another key, at once or later', async () => {
    const { login, wechat } = world()
    wechat.when('code', me)
    const [first, ...others] = await Promise.all([
      failure(login({ appid, code: 'code', key: 'k' })),
      failure(login({ appid, code: 'code', key: 'other' })),
      failure(login({ appid, code: 'code' })),
    ])
    expect(first).to.equal(undefined)
    expect(others).to.deep.equal(['code_used', 'code_used'])
    expect(await failure(login({ appid, code: 'code', key: 'other' }))).to.equal('code_used')
    expect(await failure(login({ appid, code: 'code' }))).to.equal('code_used')
  })

  it('is good for a minute', async () => {
    const { login, wechat, time } = world()
    wechat.when('code', me)
    await login({ appid, code: 'code', key: 'k' })
    time.now += 60_000
    expect(await failure(login({ appid, code: 'code', key: 'k' }))).to.equal('code_used')
  })

  it('lets a retry start anew after a failure', async () => {
    const { login, wechat } = world()
    wechat.when('code', 'wechat_unreachable')
    expect(await failure(login({ appid, code: 'code', key: 'k' }))).to.equal('wechat_unreachable')
    wechat.when('code', me)
    expect(await login({ appid, code: 'code', key: 'k' })).to.have.property('r3session')
  })

  it('waits for the same attempt in another process, and takes over when that one is gone', async () => {
    const { login, wechat, store, time } = world()
    wechat.when('code', me)
    const began = time.now
    await store.loginAttempts.claim({ appid, code: 'code', key: 'k' }, claimAt(time.now))
    expect(await login({ appid, code: 'code', key: 'k' })).to.have.property('r3session')
    expect(time.now - began).to.be.within(10_000, 10_100)
  })
})

describe('a login under way', () => {
  it('does not outlive the end of all sessions of its user', async () => {
    const { login, wechat, stored } = world()
    wechat.when('code', me)
    let ended = 0
    const exchange = wechat.exchangeCode
    wechat.exchangeCode = async (...args) => {
      const identity = await exchange(...args)
      ended = await stored.endAll({ appid, openid: 'o-me' }, endingAt(0))
      return identity
    }
    expect(await failure(login({ appid, code: 'code' }))).to.equal('invalid_session')
    expect(ended).to.equal(0)
    expect(await stored.list({ appid, openid: 'o-me' }, 0)).to.deep.equal([])
  })
})

describe('authenticate', () => {
  async function loggedIn(overrides: Partial<SessionRepository> = {}) {
    const all = world(overrides)
    all.wechat.when('code', me)
    const { r3session } = await all.login({ appid, code: 'code' })
    return { ...all, token: r3session }
  }

  it('does not ask the store about what can be no token', async () => {
    const { authenticate } = world({ find: () => Promise.reject(new Error('asked')) })
    for (const token of ['', 'x', 'A'.repeat(128), '0'.repeat(127), `${'0'.repeat(128)}\n`]) {
      expect(await failure(authenticate(token))).to.equal('invalid_session')
    }
  })

  it('pushes the end of a session in use on, in the store too', async () => {
    const { authenticate, stored, time, token } = await loggedIn()
    time.now += 500_000
    const session = await authenticate(token)
    expect(session.expiresAt).to.equal(time.now + lifetime.ttl)
    expect(await stored.find(token)).to.deep.equal(session)
  })

  it('says no from the very instant a session ends', async () => {
    const { authenticate, time, token } = await loggedIn()
    time.now += lifetime.ttl
    expect(await failure(authenticate(token))).to.equal('invalid_session')
  })

  it('goes on with sessions that exist when the store can read and not write', async () => {
    const { authenticate, time, token } = await loggedIn({ touch: broken })
    time.now += 500_000
    expect((await authenticate(token)).openid).to.equal('o-me')
  })

  it('never says yes when the store can not read', async () => {
    const { authenticate, token } = await loggedIn({ find: broken })
    expect(await failure(authenticate(token))).to.equal('storage_unavailable')
  })

  it('does not wait for the store to note a use', async () => {
    const { authenticate, time, token } = await loggedIn({ touch: () => new Promise(() => {}) })
    time.now += 500_000
    expect((await authenticate(token)).lastSeenAt).to.equal(time.now)
  })

  it('says no when lifetimes were shortened since the last use', async () => {
    const { time, token, stored } = await loggedIn()
    const strict = createAuthenticate({
      sessions: stored,
      lifetime: { ttl: 1000, maxAge: 1000 },
      clock: () => time.now,
      report: () => {},
    })
    time.now += 500_000
    expect(await failure(strict(token))).to.equal('invalid_session')
  })

  it('says no after a logout', async () => {
    const { authenticate, logout, token } = await loggedIn()
    await logout(token)
    expect(await failure(authenticate(token))).to.equal('invalid_session')
  })
})

describe('decrypt', () => {
  async function loggedIn(...keys: string[]) {
    const all = world()
    let token = ''
    for (const [i, sessionKey] of keys.entries()) {
      all.wechat.when(`code-${i}`, { ...me, sessionKey })
      token = (await all.login({ appid, code: `code-${i}` })).r3session
    }
    return { ...all, token }
  }

  it('opens with the newest key and with those before', async () => {
    const { decrypt, sealed, token } = await loggedIn('k1', 'k2', 'k3')
    for (const key of ['k3', 'k2', 'k1']) {
      expect(await decrypt(token, sealed(key, { nickName: key }))).to.include({ nickName: key })
    }
  })

  it('opens with none that fell out of the ring or is too old', async () => {
    const { decrypt, sealed, time, token } = await loggedIn('k0', 'k1', 'k2', 'k3')
    expect(await failure(decrypt(token, sealed('k0')))).to.equal('decrypt_failed')
    time.now += 15 * 60_000
    expect(await failure(decrypt(token, sealed('k2')))).to.equal('decrypt_failed')
    expect(await decrypt(token, sealed('k3', { city: 'g' }))).to.include({ city: 'g' })
  })

  it('goes on to the next key when what a key opens does not count', async () => {
    const { sealed, time, wechat } = world()
    const eager: Decryptor = {
      ...transparent,
      open: ({ encryptedData, sessionKey }) =>
        sessionKey === 'k2' ? '{"not":"genuine"}' : transparent.open({ encryptedData, sessionKey, iv: '' }),
    }
    const { sessions, keyRings, loginAttempts: attempts } = createFakeStore()
    const clock = () => time.now
    const deps = {
      wechat,
      sessions,
      attempts,
      timeout: 5000,
      report: () => {},
      lifetime,
      clock,
      newToken: () => '0'.repeat(128),
      newId: () => 'id',
      maxSessions: 10,
      pause: async () => {},
    }
    const login = createLogin(deps)
    const decrypt = createDecrypt({
      authenticate: createAuthenticate(deps),
      keyRings,
      decryptor: eager,
      openDataMaxAge: 0,
      clock,
      monotonic: clock,
      report: () => {},
      pause: async () => {},
    })
    for (const key of ['k1', 'k2']) {
      wechat.when(key, { ...me, sessionKey: key })
      await login({ appid, code: key })
    }
    expect(await decrypt('0'.repeat(128), sealed('k1', { a: 1 }))).to.include({ a: 1 })
  })

  it('lets every refusal end at the same instant, counted from before the work, and no success wait', async () => {
    const { decrypt, sealed, pauses, token, time } = await loggedIn('k1')
    expect(await decrypt(token, sealed('k1'))).to.be.an('object')
    expect(pauses).to.deep.equal([])
    for (const refused of [{ encryptedData: 'x', iv: '' }, sealed('k1', { openId: 'o-other' })]) {
      const began = time.elapsed
      expect(await failure(decrypt(token, refused))).to.equal('decrypt_failed')
      expect(began + 1 + (pauses.pop() ?? 0)).to.equal(began + REFUSAL_TIME)
    }
  })

  it('takes a signature made with any key of the ring', async () => {
    const { decrypt, sealed, token } = await loggedIn('k1', 'k2')
    const signed = { ...sealed('k2'), rawData: 'raw', signature: 'raw+k1' }
    expect(await decrypt(token, signed)).to.have.property('watermark')
    expect(await failure(decrypt(token, { ...signed, signature: 'raw+k0' }))).to.equal('signature_mismatch')
  })
})
