import { expect } from 'chai'
import { endingAt } from '../../support/store/logins.js'
import { appid, broken, failure, me, setUp } from '../../support/use-cases.js'

describe('login', () => {
  it('gives a token and its life in whole seconds, and remembers who came', async () => {
    const { login, wechat, authenticate } = setUp()
    wechat.when('code', me)
    const { r3session, expiresIn } = await login({ appid, code: 'code' })
    expect(expiresIn).to.equal(1000)
    expect(await authenticate(r3session)).to.include({ appid, openid: 'o-me', unionid: 'u-me', id: 'id' })
    expect(wechat.calls).to.deep.equal([{ appid, code: 'code' }])
  })

  it('records no unionid where WeChat names none', async () => {
    const { login, wechat, authenticate } = setUp()
    const { unionid: _, ...withoutUnionid } = me
    wechat.when('code', withoutUnionid)
    const { r3session } = await login({ appid, code: 'code' })
    expect(await authenticate(r3session)).not.to.have.property('unionid')
  })

  it('reports a defect of ours by the code that is told of it', async () => {
    const { login, events } = setUp({ epoch: () => Promise.reject(new TypeError('a defect')) })
    expect(await failure(login({ appid, code: 'code' }))).to.equal('TypeError: a defect')
    expect(events).to.deep.equal([{ type: 'login_failed', appid, code: 'internal' }])
  })

  it('hands out no token that could not be stored', async () => {
    const { login, wechat } = setUp({ save: broken })
    wechat.when('code', me)
    expect(await failure(login({ appid, code: 'code' }))).to.equal('storage_unavailable')
  })

  it('stores nothing when WeChat refuses', async () => {
    const saved: unknown[] = []
    const { login } = setUp({ save: async (login) => ({ madeRoom: saved.push(login) }) })
    expect(await failure(login({ appid, code: 'unknown' }))).to.equal('code_invalid')
    expect(saved).to.deep.equal([])
  })
})

describe('a login without an Idempotency-Key', () => {
  it('may be tried again after a failure', async () => {
    const { login, wechat } = setUp()
    wechat.when('code', 'wechat_unreachable')
    expect(await failure(login({ appid, code: 'code' }))).to.equal('wechat_unreachable')
    wechat.when('code', me)
    expect(await login({ appid, code: 'code' })).to.have.property('r3session')
  })

  it('claims no attempt, since nobody could ask for its answer again', async () => {
    const { login, wechat, store } = setUp()
    store.loginAttempts.claim = broken
    wechat.when('code', me)
    expect(await login({ appid, code: 'code' })).to.have.property('r3session')
  })

  it('keeps its code from whoever brings that with a key, without another call to WeChat', async () => {
    const { login, wechat } = setUp()
    wechat.when('code', me)
    await login({ appid, code: 'code' })
    expect(await failure(login({ appid, code: 'code', key: 'k' }))).to.equal('code_used')
    expect(wechat.calls).to.have.lengthOf(1)
  })
})

describe('a login under way', () => {
  it('does not outlive the end of all sessions of its user', async () => {
    const { login, wechat, stored } = setUp()
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
