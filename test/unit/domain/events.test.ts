import { expect } from 'chai'
import { createEventLog } from '#src/app/log/event-log.js'
import { createAccessTokens } from '#src/domain/access-token.js'
import { createAuthenticate } from '#src/domain/authenticate.js'
import { createDecrypt } from '#src/domain/decrypt.js'
import { R3SessionError } from '#src/domain/errors.js'
import type { DomainEvent } from '#src/domain/events.js'
import { createSessionKey } from '#src/domain/keys/session-key.js'
import { noLimit } from '#src/domain/limits/limit.js'
import { createLogin } from '#src/domain/login.js'
import { createLogout } from '#src/domain/logout.js'
import type { Repositories } from '#src/domain/ports.js'
import { createUserSessions } from '#src/domain/user-sessions.js'
import { createFakeStore } from '../../support/store/fake-store.js'
import { ann } from '../../support/store/logins.js'
import { createFakeWechat } from '../../support/wechat/fake-wechat.js'

const by = { requestId: 'request', serviceKey: 'billing' }
const unavailable = async () => {
  throw new R3SessionError('storage_unavailable')
}

/** All use cases on one store, and what they report. */
function setUp(change: (store: Repositories) => Repositories = (store) => store) {
  const events: DomainEvent[] = []
  const time = { now: 1_700_000_000_000 }
  const wechat = createFakeWechat()
  const { sessions, keyRings, loginAttempts, tokens } = change(createFakeStore())
  let count = 0
  const common = {
    sessions,
    keyRings,
    wechat,
    tokens,
    attempts: loginAttempts,
    lifetime: { ttl: 1_000_000, maxAge: 10_000_000 },
    maxSessions: 2,
    clock: () => time.now,
    monotonic: () => 0,
    newToken: () => (++count).toString(16).padStart(128, '0'),
    newId: () => `id-${count}`,
    random: () => 0,
    pause: async () => {},
    timeout: 5000,
    report: (event: DomainEvent) => void events.push(event),
  }
  const authenticate = createAuthenticate(common)
  const accessTokens = createAccessTokens({
    ...common,
    wechat: { stableToken: async () => ({ accessToken: 'access', expiresIn: 7200 }) },
  })
  const useCases = {
    login: createLogin(common),
    logout: createLogout(common),
    authenticate,
    accessTokens,
    userSessions: createUserSessions(common),
    keys: createSessionKey({
      ...common,
      authenticate,
      accessTokens: { use: (_appid, call) => call('access') },
      wechat: { honoursKey: async () => false, resetKey: async () => 'key-reset' },
    }),
    decrypt: createDecrypt({
      ...common,
      authenticate,
      openDataMaxAge: 0,
      failureLimit: noLimit,
      digest: (text) => text,
      decryptor: {
        verifies: () => false,
        open: ({ encryptedData, sessionKey }) =>
          encryptedData === sessionKey
            ? JSON.stringify({ nickName: 'Ann', watermark: { appid: ann.appid, timestamp: 1_700_000_000 } })
            : undefined,
      },
    }),
  }
  const login = async (code = 'code', sessionKey = 'key-1', key?: string) => {
    wechat.when(code, { openid: ann.openid, sessionKey })
    return (await useCases.login({ appid: ann.appid, code, key })).r3session
  }
  /** What was reported since the last look. */
  const reported = () => events.splice(0)
  return { ...useCases, login, loginWith: useCases.login, reported, time, wechat }
}

const user = ann

describe('what a use case reports', () => {
  it('is a login, and the sessions that made room for it', async () => {
    const { login, reported } = setUp()
    await login('one')
    expect(reported()).to.deep.equal([{ type: 'login', user, sessionId: 'id-0' }])
    await login('two')
    await login('three')
    expect(reported().slice(1)).to.deep.equal([
      { type: 'login', user, sessionId: 'id-2' },
      { type: 'sessions_ended', user, reason: 'made_room', count: 1 },
    ])
  })

  it('is a login that failed, with its code, and a retry that got the first answer', async () => {
    const { login, loginWith, reported } = setUp()
    await loginWith({ appid: ann.appid, code: 'unknown' }).catch(() => {})
    expect(reported()).to.deep.equal([{ type: 'login_failed', appid: ann.appid, code: 'code_invalid' }])
    await login('code', 'key-1', 'retry')
    reported()
    await login('code', 'key-1', 'retry')
    expect(reported()).to.deep.equal([{ type: 'attempt_repeated', appid: ann.appid }])
  })

  it('is a logout, unless there was nothing to end', async () => {
    const { login, logout, reported } = setUp()
    const token = await login()
    reported()
    await logout(token)
    expect(reported()).to.deep.equal([{ type: 'sessions_ended', user, reason: 'logout', count: 1 }])
    await logout(token)
    expect(reported()).to.deep.equal([])
  })

  it('is what a service ended, with who asked, also where there was nothing', async () => {
    const { login, userSessions, reported } = setUp()
    await login('one')
    await login('two')
    reported()
    await userSessions.endOne(user, 'id-0', by)
    await userSessions.endAll(user, by)
    await userSessions.forget(user, by)
    expect(reported()).to.deep.equal([
      { type: 'sessions_ended', user, reason: 'ended', count: 1, by },
      { type: 'sessions_ended', user, reason: 'all_ended', count: 1, by },
      { type: 'sessions_ended', user, reason: 'forgotten', count: 0, by },
    ])
  })

  it('is which key of the ring opened sealed data', async () => {
    const { login, decrypt, reported } = setUp()
    await login('one', 'key-1')
    const token = await login('two', 'key-2')
    reported()
    for (const key of ['key-1', 'key-2']) await decrypt(token, { encryptedData: key, iv: '' })
    await decrypt(token, { encryptedData: 'none', iv: '' }).catch(() => {})
    expect(reported()).to.deep.equal(
      ['older', 'newest', 'none'].map((key) => ({ type: 'decryption', user, key })),
    )
  })

  it('is a key that WeChat replaced or no longer honours', async () => {
    const { login, keys, reported } = setUp()
    const token = await login()
    reported()
    await keys.reset(token)
    await keys.check(token)
    expect(reported()).to.deep.equal([
      { type: 'key_replaced', user, by: 'reset' },
      { type: 'key_replaced', user, by: 'check' },
    ])
  })

  it('is an access_token that was fetched, and each time it is given away', async () => {
    const { accessTokens, reported } = setUp()
    await accessTokens.vend(ann.appid, by)
    await accessTokens.vend(ann.appid)
    expect(reported()).to.deep.equal([
      { type: 'access_token_fetched', appid: ann.appid },
      { type: 'access_token_vended', appid: ann.appid, by },
      { type: 'access_token_vended', appid: ann.appid },
    ])
  })

  it('is a failure that the caller is not told of', async () => {
    const { login, loginWith, authenticate, reported, time } = setUp((store) => ({
      ...store,
      sessions: { ...store.sessions, touch: unavailable },
      loginAttempts: { ...store.loginAttempts, abandon: unavailable },
    }))
    const token = await login()
    reported()
    time.now += 60_000
    await authenticate(token)
    await loginWith({ appid: ann.appid, code: 'unknown', key: 'key' }).catch(() => {})
    expect(
      reported()
        .filter(({ type }) => type === 'failure')
        .map((event) => 'of' in event && event.of),
    ).to.deep.equal(['recording the last use of a session', 'giving up an attempt'])
  })

  it('is nothing when the deed could not be done', async () => {
    const { login, logout, userSessions, reported } = setUp((store) => ({
      ...store,
      sessions: { ...store.sessions, delete: unavailable, endAll: unavailable, save: unavailable },
    }))
    await login().catch(() => {})
    await logout('0'.repeat(128)).catch(() => {})
    await userSessions.endAll(user, by).catch(() => {})
    expect(reported()).to.deep.equal([
      { type: 'login_failed', appid: ann.appid, code: 'storage_unavailable' },
    ])
  })
})

describe('the log of what happened', () => {
  function written() {
    const lines: unknown[][] = []
    const write = (...line: unknown[]) => void lines.push(line)
    const time = { now: 0 }
    const report = createEventLog(
      { info: write, error: write },
      () => time.now,
      (...id) => `name of ${id.join()}`,
    )
    return { lines, time, report }
  }

  it('has an audit line for what was done, and none for what came to nothing', () => {
    const { lines, report } = written()
    report({ type: 'login_failed', appid: 'wx', code: 'code_invalid' })
    report({ type: 'sessions_ended', user, reason: 'forgotten', count: 2, by })
    const name = `name of user,${user.appid},${user.openid}`
    expect(lines).to.deep.equal([
      [{ did: 'forget user', appid: user.appid, user: name, count: 2, ...by }, 'audit'],
    ])
  })

  it('has a line when WeChat is out of reach, and one when it is back', () => {
    const { lines, report } = written()
    report({ type: 'wechat_circuit', state: 'open', reason: 'ECONNREFUSED' })
    report({ type: 'wechat_circuit', state: 'closed', after: 15_049, refused: 240 })
    expect(lines).to.deep.equal([
      [
        { reason: 'ECONNREFUSED' },
        'WeChat is out of reach: calls fail at once, but for one every few seconds',
      ],
      [{ seconds: 15, refused: 240 }, 'WeChat is back'],
    ])
  })

  it('names a failure once in ten seconds, and counts what it left out', () => {
    const { lines, time, report } = written()
    const failure = { type: 'failure', of: 'giving up an attempt' } as const
    for (let n = 0; n < 5; n++) report({ ...failure, error: new R3SessionError('storage_unavailable') })
    report({ ...failure, of: 'refreshing an access_token', error: new Error('a secret') })
    time.now = 10_000
    report({ ...failure, error: undefined })
    expect(lines.map(([fields]) => fields)).to.deep.equal([
      { failed: 'giving up an attempt', code: 'storage_unavailable' },
      { failed: 'refreshing an access_token', code: 'internal' },
      { failed: 'giving up an attempt', code: 'internal', unsaid: 4 },
    ])
  })
})
