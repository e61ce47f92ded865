import { expect } from 'chai'
import { claimAt } from '../../support/store/logins.js'
import { appid, failure, me, setUp } from '../../support/use-cases.js'

describe('login with an Idempotency-Key', () => {
  it('gives a retry the same r3session, with what is left of its life, and asks WeChat once', async () => {
    const { login, wechat, time } = setUp()
    wechat.when('code', me)
    const first = await login({ appid, code: 'code', key: 'k' })
    time.now += 59_000
    expect(await login({ appid, code: 'code', key: 'k' })).to.deep.equal({ ...first, expiresIn: 941 })
    expect(wechat.calls).to.have.lengthOf(1)
  })

  it('gives all that come at once the same r3session', async () => {
    const { login, wechat } = setUp()
    wechat.when('code', me)
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => login({ appid, code: 'code', key: 'k' })),
    )
    expect(new Set(answers.map(({ r3session }) => r3session)).size).to.equal(1)
    expect(wechat.calls).to.have.lengthOf(1)
  })

  it('gives each of two codes that come at once under one key a session of its own', async () => {
    const { login, wechat } = setUp()
    wechat.when('one', me)
    wechat.when('other', { ...me, openid: 'o-other' })
    const [one, other] = await Promise.all(['one', 'other'].map((code) => login({ appid, code, key: 'k' })))
    expect(one?.r3session).not.to.equal(other?.r3session)
  })

  it('gives nobody the session of another key, at once or later', async () => {
    const { login, wechat } = setUp()
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

  it('gives nobody the session of another key that came to another process', async () => {
    const { login, wechat, store, time } = setUp()
    wechat.when('code', me)
    await store.loginAttempts.claim({ appid, code: 'code', key: 'other' }, claimAt(time.now))
    expect(await failure(login({ appid, code: 'code', key: 'k' }))).to.equal('code_used')
    expect(wechat.calls).to.deep.equal([])
  })

  it('is what tells a retry from somebody else: without one the first gets the session, the second none', async () => {
    const { login, wechat } = setUp()
    wechat.when('code', me)
    const both = [failure(login({ appid, code: 'code' })), failure(login({ appid, code: 'code' }))]
    expect(await Promise.all(both)).to.deep.equal([undefined, 'code_used'])
    expect(wechat.calls).to.have.lengthOf(1)
  })

  it('is good for a minute', async () => {
    const { login, wechat, time } = setUp()
    wechat.when('code', me)
    await login({ appid, code: 'code', key: 'k' })
    time.now += 60_000
    expect(await failure(login({ appid, code: 'code', key: 'k' }))).to.equal('code_used')
  })

  it('is good for twice as long as a login may take, where WeChat is given more than half a minute', async () => {
    const { login, wechat, time } = setUp({}, { timeout: 60_000 })
    wechat.when('code', me)
    const first = await login({ appid, code: 'code', key: 'k' })
    time.now += 2 * 65_000 - 1
    expect(await login({ appid, code: 'code', key: 'k' })).to.include({ r3session: first.r3session })
  })

  it('lets a retry start anew after a failure', async () => {
    const { login, wechat } = setUp()
    wechat.when('code', 'wechat_unreachable')
    expect(await failure(login({ appid, code: 'code', key: 'k' }))).to.equal('wechat_unreachable')
    wechat.when('code', me)
    expect(await login({ appid, code: 'code', key: 'k' })).to.have.property('r3session')
  })

  it('waits for the same attempt in another process, and takes over when that one is gone', async () => {
    const { login, wechat, store, time } = setUp()
    wechat.when('code', me)
    const began = time.now
    await store.loginAttempts.claim({ appid, code: 'code', key: 'k' }, claimAt(time.now))
    expect(await login({ appid, code: 'code', key: 'k' })).to.have.property('r3session')
    expect(time.now - began).to.be.within(10_000, 10_100)
  })
})
