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
