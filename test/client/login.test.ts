import { expect } from 'chai'
import { createFakePhone, type FakePhone, problem, token } from '../support/page/fake-phone.js'
import { refusal } from '../support/refusal.js'

const LOGIN = 'POST /v1/login'

describe('client.login()', () => {
  let phone: FakePhone
  beforeEach(() => {
    phone = createFakePhone()
  })
  const settle = <T>(promise: Promise<T>) => phone.time.settle(promise)

  it('client.login() exchanges the code of wx.login for a session and stores its token', async () => {
    expect(await settle(phone.client().login())).to.deep.equal({ expiresIn: 259_200 })
    expect(phone.logins).to.have.length(1)
    expect(phone.paths()).to.deep.equal([LOGIN])
    expect(phone.sent[0]?.data).to.deep.equal({ code: 'code-1' })
    expect(phone.sent[0]?.options.timeout).to.equal(15_000)
    expect(phone.sent[0]?.header).to.include({ 'content-type': 'application/json' })
    expect(phone.storage.get('r3session')).to.deep.equal({ data: token(1), encrypted: true })
  })

  it('client.login() sends the appid if the client has one', async () => {
    await settle(phone.client({ appid: 'wx2' }).login())
    expect(phone.sent[0]?.data).to.deep.equal({ code: 'code-1', appid: 'wx2' })
  })

  it('client.login() calls wx.login once for 50 callers at the same time', async () => {
    const client = phone.client()
    await settle(Promise.all(Array.from({ length: 50 }, () => client.login())))
    expect(phone.logins).to.have.length(1)
    expect(phone.paths()).to.deep.equal([LOGIN])
  })

  it('client.login() sends nothing while the session is known to be valid, and counts its seconds down', async () => {
    const client = phone.client()
    await settle(client.login())
    await phone.time.pass(100_500)
    expect(await settle(client.login())).to.deep.equal({ expiresIn: 259_100 })
    expect(phone.paths()).to.deep.equal([LOGIN])
  })

  it('client.login() asks the service, not WeChat, whether a stored session is valid', async () => {
    phone.storage.set('r3session', { data: token(7), encrypted: true })
    phone.live.add(token(7))
    const client = phone.client()
    const answers = await settle(Promise.all([client.login(), client.login()]))
    expect(answers).to.deep.equal([{ expiresIn: 259_200 }, { expiresIn: 259_200 }])
    await settle(client.login())
    expect(phone.paths()).to.deep.equal(['GET /v1/session'])
    expect(phone.logins).to.deep.equal([])
  })

  it('client.login() asks the service after the known end of the session, because use may have extended it', async () => {
    const client = phone.client()
    await settle(client.login())
    await phone.time.pass(259_200_000)
    expect(await settle(client.login())).to.deep.equal({ expiresIn: 259_200 })
    expect(phone.paths()).to.deep.equal([LOGIN, 'GET /v1/session'])
  })

  it('client.login() logs in when the stored session has ended', async () => {
    phone.storage.set('r3session', { data: token(7), encrypted: true })
    expect(await settle(phone.client().login())).to.deep.equal({ expiresIn: 259_200 })
    expect(phone.paths()).to.deep.equal(['GET /v1/session', LOGIN])
    expect(phone.storage.get('r3session')?.data).to.equal(token(1))
  })

  it('client.login() trusts the service that the session is valid, even if the phone’s clock is ahead', async () => {
    phone.storage.set('r3session', { data: token(7), encrypted: true })
    phone.live.add(token(7))
    const expiresAt = new Date(phone.time.now() - 86_400_000).toISOString()
    const session = { appid: 'wx1', openid: 'o1', createdAt: expiresAt, expiresAt }
    phone.script('GET /v1/session', { statusCode: 200, data: session })
    const client = phone.client()
    expect(await settle(client.login())).to.deep.equal({ expiresIn: 60 })
    expect(await settle(client.login())).to.deep.equal({ expiresIn: 60 })
    expect(phone.paths()).to.deep.equal(['GET /v1/session'])
    expect(phone.logins).to.deep.equal([])
  })

  it('client.login() trusts the lifetime that a login gave more than a phone’s clock that is ahead', async () => {
    const client = phone.client()
    await settle(client.login())
    const expiresAt = new Date(phone.time.now() - 86_400_000).toISOString()
    phone.script('GET /v1/session', { statusCode: 200, data: { openid: 'o1', expiresAt } })
    await settle(client.session())
    expect(await settle(client.login())).to.deep.equal({ expiresIn: 259_200 })
  })

  it('client.login() keeps the stored session when the service can’t check it', async () => {
    phone.storage.set('r3session', { data: token(7), encrypted: true })
    phone.script('GET /v1/session', problem(503, 'storage_unavailable', 'retry', { 'Retry-After': '60' }))
    const error = await refusal(settle(phone.client().login()))
    expect(error).to.include({ code: 'storage_unavailable', action: 'retry', status: 503, retryAfter: 60 })
    expect(phone.storage.get('r3session')?.data).to.equal(token(7))
    expect(phone.logins).to.deep.equal([])
  })

  it('the error of a login with an incomplete answer contains no token', async () => {
    phone.script(LOGIN, { statusCode: 201, data: { r3session: token(9) } })
    const error = await refusal(settle(phone.client().login()))
    expect(error).to.include({ code: 'http_error', action: 'retry', status: 201, data: undefined })
    expect(JSON.stringify(error)).not.to.include(token(9))
  })

  it('client.login() rejects an answer of the service that is not a session', async () => {
    phone.storage.set('r3session', { data: token(7), encrypted: true })
    phone.script('GET /v1/session', { statusCode: 200, data: '<html>Sign in to the hotel’s network</html>' })
    expect(await refusal(settle(phone.client().login()))).to.include({
      code: 'http_error',
      action: 'retry',
      status: 200,
    })
  })

  it('a failed login rejects all waiting calls, and the next call tries again', async () => {
    phone.script(LOGIN, problem(502, 'wechat_misconfigured', 'contact_operator'))
    const client = phone.client()
    const all = Array.from({ length: 50 }, (_, n) => client.request({ url: `/${n}` }))
    const errors = await settle(Promise.all(all.map(refusal)))
    expect(new Set(errors.map(({ code }) => code))).to.deep.equal(new Set(['wechat_misconfigured']))
    expect(phone.logins).to.have.length(1)
    expect(phone.paths()).to.deep.equal([LOGIN])
    await settle(client.login())
    expect(phone.logins).to.have.length(2)
  })

  it('client.login() accepts only tokens in the service’s format', async () => {
    for (const data of [{ r3session: 'short', expiresIn: 1 }, { r3session: token(1) }, '<html>', null]) {
      phone.script(LOGIN, { statusCode: 201, data })
      expect(await refusal(settle(phone.client().login()))).to.include({
        code: 'http_error',
        action: 'retry',
      })
    }
    expect(phone.storage.size).to.equal(0)
  })

  it('client.login() does not loop when a new session is already over', async () => {
    phone.script(LOGIN, { statusCode: 201, data: { r3session: token(9), expiresIn: 0 } })
    expect(await refusal(settle(phone.client().login()))).to.include({ code: 'invalid_session', status: 401 })
    expect(phone.logins).to.have.length(1)
  })

  it('client.login() works with a wx that calls back before it returns', async () => {
    phone.synchronous = true
    const client = phone.client()
    await settle(Promise.all(Array.from({ length: 50 }, () => client.login())))
    expect(phone.logins).to.have.length(1)
  })
})
