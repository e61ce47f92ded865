import { type Client, createClient, R3SessionError } from '@r3session/client'
import { expect } from 'chai'
import { createFakePhone, type FakePhone, noSession, problem, token } from '../support/page/fake-phone.js'
import { refusal } from '../support/refusal.js'

const LOGIN = 'POST /v1/login'
const lost = { fail: { errMsg: 'request:fail' } }

describe('the client', () => {
  let phone: FakePhone
  let client: Client
  beforeEach(() => {
    phone = createFakePhone()
    phone.storage.set('r3session', { data: token(7), encrypted: true })
    phone.live.add(token(7))
    client = phone.client()
  })
  const settle = <T>(promise: Promise<T>) => phone.time.settle(promise)

  describe('client.session()', () => {
    it('client.session() tells who is logged in', async () => {
      expect(await settle(client.session())).to.include({ appid: 'wx1', openid: 'o1' })
    })

    it('client.session() asks again when no answer came, and logs in if needed', async () => {
      phone.live.clear()
      phone.script('GET /v1/session', lost, lost)
      await settle(client.session())
      expect(phone.paths().slice(-2)).to.deep.equal([LOGIN, 'GET /v1/session'])
    })

    it('after client.session(), client.login() knows how long the session is valid', async () => {
      await settle(client.session())
      await settle(client.login())
      expect(phone.paths()).to.deep.equal(['GET /v1/session'])
    })

    it('client.session() rejects an answer without the fields of a session', async () => {
      phone.script('GET /v1/session', { statusCode: 200, data: {} }, { statusCode: 204, data: '' })
      for (const status of [200, 204])
        expect(await settle(refusal(client.session()))).to.include({ code: 'http_error', status })
      const odd = { appid: 'wx1', openid: 'o1', createdAt: 'x', expiresAt: 'soon' }
      phone.script('GET /v1/session', { statusCode: 200, data: odd })
      expect(await settle(client.session())).to.deep.equal(odd)
    })
  })

  describe('client.phoneNumber()', () => {
    it('client.phoneNumber() gives the phone number for a code', async () => {
      const number = await settle(client.phoneNumber('phone-code'))
      expect(number).to.deep.equal({
        phoneNumber: '+8613800000000',
        purePhoneNumber: '13800000000',
        countryCode: '86',
      })
      expect(phone.sent[0]?.data).to.deep.equal({ code: 'phone-code' })
    })

    it('client.phoneNumber() repeats a call that got no answer, because a repeat costs nothing', async () => {
      phone.script('POST /v1/phone-number', lost, 'silence')
      await settle(client.phoneNumber('phone-code'))
      expect(phone.sent).to.have.length(3)
      expect(phone.logins).to.deep.equal([])
    })

    it('client.phoneNumber() logs in if needed, because its code does not depend on WeChat’s key', async () => {
      phone.storage.clear()
      await settle(client.phoneNumber('phone-code'))
      expect(phone.paths()).to.deep.equal([LOGIN, 'POST /v1/phone-number'])
    })

    it('client.phoneNumber() does not log in when the code is refused, because a login would not help', async () => {
      phone.script('POST /v1/phone-number', problem(400, 'code_used', 'relogin'))
      expect(await settle(refusal(client.phoneNumber('phone-code')))).to.include({ code: 'code_used' })
      expect(phone.logins).to.deep.equal([])
    })

    it('client.phoneNumber() sends nothing when the user refused', async () => {
      for (const code of [undefined, '', 7])
        expect(await settle(refusal(client.phoneNumber(code as never)))).to.include({
          code: 'invalid_request',
        })
      expect(phone.sent).to.deep.equal([])
    })
  })

  describe('client.logout()', () => {
    it('client.logout() ends the session and forgets the token', async () => {
      await settle(client.logout())
      expect(phone.live.size).to.equal(0)
      expect(phone.storage.size).to.equal(0)
      expect(phone.paths()).to.deep.equal(['DELETE /v1/session'])
    })

    it('client.logout() sends nothing when there is no token', async () => {
      await settle(client.logout())
      await settle(client.logout())
      expect(phone.sent).to.have.length(1)
      expect(phone.logins).to.deep.equal([])
    })

    it('client.logout() succeeds when the session has already ended', async () => {
      phone.script('DELETE /v1/session', noSession)
      await settle(client.logout())
      expect(phone.storage.size).to.equal(0)
    })

    it('client.logout() keeps the token when the service can’t confirm the end, so that it can be repeated', async () => {
      phone.script('DELETE /v1/session', lost, lost, lost)
      expect(await settle(refusal(client.logout()))).to.include({ code: 'network', action: 'retry' })
      expect(phone.storage.get('r3session')?.data).to.equal(token(7))
      phone.script(
        'DELETE /v1/session',
        problem(503, 'storage_unavailable', 'retry', { 'Retry-After': '30' }),
      )
      expect(await settle(refusal(client.logout()))).to.include({
        code: 'storage_unavailable',
        retryAfter: 30,
      })
      await settle(client.logout())
      expect(phone.live.size).to.equal(0)
      expect(phone.storage.size).to.equal(0)
    })

    it('client.logout() waits for a login in progress and ends its session', async () => {
      phone.storage.clear()
      const login = client.login()
      while (phone.logins.length === 0) await phone.time.pass(1)
      await settle(Promise.all([login, client.logout()]))
      expect(phone.paths()).to.deep.equal([LOGIN, 'DELETE /v1/session'])
      expect(phone.live).to.deep.equal(new Set([token(7)]))
      expect(phone.storage.size).to.equal(0)
    })

    it('client.logout() succeeds when the login in progress fails', async () => {
      phone.storage.clear()
      phone.script(LOGIN, problem(403, 'user_blocked', 'none'))
      const login = refusal(client.login())
      while (phone.logins.length === 0) await phone.time.pass(1)
      await settle(Promise.all([login, client.logout()]))
      expect(phone.paths()).to.deep.equal([LOGIN])
    })

    it('calls during client.logout() wait for it and then log in again', async () => {
      const logout = client.logout()
      const login = client.login()
      const request = client.request<{ bearer: string }>({ url: '/x' })
      await settle(Promise.all([logout, login]))
      expect(await settle(login))
        .to.have.property('expiresIn')
        .that.is.greaterThan(0)
      expect((await settle(request)).data.bearer).to.equal(token(1))
      expect(phone.paths()[0]).to.equal('DELETE /v1/session')
      expect(phone.logins).to.have.length(1)
      expect(phone.live.has(token(7))).to.equal(false)
      expect(phone.storage.get('r3session')?.data).to.equal(token(1))
    })

    it('client.logout() keeps the token of a login that finished meanwhile', async () => {
      const { request } = phone.wx
      let answerLate: () => void = () => {}
      phone.wx.request = (options) => {
        if (options.method === 'DELETE') answerLate()
        if (options.url.endsWith('/x') && phone.logins.length === 0)
          answerLate = () => options.success({ statusCode: 401, data: '', header: {} })
        else request(options)
      }
      // Sent before the logout, but answered after the service has ended the session.
      const early = client.request<{ bearer: string }>({ url: '/x' })
      await phone.time.pass(1)
      phone.script('DELETE /v1/session', problem(503, 'overloaded', 'retry', { 'Retry-After': '2' }))
      await settle(client.logout())
      expect((await settle(early)).data.bearer).to.equal(token(1))
      expect(phone.storage.get('r3session')?.data).to.equal(token(1))
    })
  })

  it('createClient refuses invalid options and says what is wrong', () => {
    const { wx } = phone
    const baseUrl = 'https://login.test'
    const cases: [unknown, string][] = [
      [undefined, 'wx must be'],
      [{ baseUrl }, 'wx must be'],
      [{ baseUrl, wx: {} }, 'wx must be'],
      [{ baseUrl, wx: null }, 'wx must be'],
      [{ wx }, 'baseUrl must be'],
      [{ wx, baseUrl: 'login.test' }, 'baseUrl must be'],
      [{ wx, baseUrl: 'https://' }, 'baseUrl must be'],
      [{ wx, baseUrl: 'https://login.test?a=b' }, 'baseUrl must be'],
      [{ wx, baseUrl: 'https://login.test/#a' }, 'baseUrl must be'],
      [{ wx, baseUrl: 'ftp://login.test' }, 'baseUrl must be'],
      [{ wx, baseUrl, appid: 7 }, 'appid and storageKey must be'],
      [{ wx, baseUrl, storageKey: '' }, 'appid and storageKey must be'],
    ]
    for (const [options, message] of cases)
      expect(() => createClient(options as never), JSON.stringify(options)).to.throw(TypeError, message)
    expect(() => createClient({ wx, baseUrl: 'http://127.0.0.1:3000/api/' })).not.to.throw()
  })

  it('the client works with the phone’s own clock and random numbers', async () => {
    const { wx } = phone
    phone.synchronous = true
    await createClient({ wx, baseUrl: 'https://login.test' }).session()
    phone.live.clear()
    await createClient({ wx, baseUrl: 'https://login.test' }).session()
    expect(phone.sent[2]?.header['idempotency-key']).to.match(/^[0-9a-f]{32}$/)
  })

  it('R3SessionError is an Error with name, message and all its fields', () => {
    const error = new R3SessionError('no', 'network', 'retry', { status: 418, data: 'tea' })
    expect(error).to.be.instanceOf(Error).and.to.be.instanceOf(R3SessionError)
    expect(String(error)).to.equal('R3SessionError: no')
    expect(error).to.include({ code: 'network', action: 'retry', status: 418, data: 'tea' })
  })
})
