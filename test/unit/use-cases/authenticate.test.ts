import { expect } from 'chai'
import { createAuthenticate } from '#src/domain/authenticate.js'
import type { SessionRepository } from '#src/domain/ports.js'
import { appid, broken, failure, lifetime, me, setUp } from '../../support/use-cases.js'

describe('authenticate', () => {
  async function loggedIn(overrides: Partial<SessionRepository> = {}) {
    const all = setUp(overrides)
    all.wechat.when('code', me)
    const { r3session } = await all.login({ appid, code: 'code' })
    return { ...all, token: r3session }
  }

  it('does not ask the store about what can be no token', async () => {
    const { authenticate } = setUp({ find: () => Promise.reject(new Error('asked')) })
    for (const token of ['', 'x', '0'.repeat(127), `${'0'.repeat(128)}\n`]) {
      expect(await failure(authenticate(token))).to.equal('invalid_session')
    }
  })

  it('says no to what only looks like a token', async () => {
    const { authenticate, token } = await loggedIn()
    for (const other of [token.replace(/^./, 'A'), 'A'.repeat(128), '\ud800'.repeat(128)])
      expect(await failure(authenticate(other))).to.equal('invalid_session')
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

  it('notes no use that comes right after another', async () => {
    const touches: unknown[] = []
    const { authenticate, time, token } = await loggedIn({
      touch: async (...args) => void touches.push(args),
    })
    time.now += 9_999
    await authenticate(token)
    expect(touches).to.deep.equal([])
    time.now += 1
    await authenticate(token)
    expect(touches).to.have.lengthOf(1)
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

  it('goes by what is remembered of a session only while that lives', async () => {
    const { time, token, stored } = await loggedIn()
    const asked: boolean[] = []
    const found = await stored.find(token)
    const authenticate = createAuthenticate({
      sessions: {
        ...stored,
        async find(_token, suffices) {
          if (found !== undefined) asked.push(suffices?.(found) ?? true)
          return found
        },
      },
      lifetime,
      clock: () => time.now,
      report: () => {},
    })
    for (const passed of [0, 9_999, 1, lifetime.ttl]) {
      time.now += passed
      await failure(authenticate(token))
    }
    expect(asked).to.deep.equal([true, true, true, false])
  })

  it('says no after a logout', async () => {
    const { authenticate, logout, token } = await loggedIn()
    await logout(token)
    expect(await failure(authenticate(token))).to.equal('invalid_session')
  })
})
