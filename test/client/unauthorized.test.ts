import type { Client } from '@r3session/client'
import { expect } from 'chai'
import { createFakePhone, type FakePhone, noSession, problem, token } from '../support/page/fake-phone.js'
import { refusal } from '../support/refusal.js'

describe('the client after a 401', () => {
  let phone: FakePhone
  let client: Client
  beforeEach(() => {
    phone = createFakePhone()
    phone.storage.set('r3session', { data: token(7), encrypted: true })
    client = phone.client()
  })
  const settle = <T>(promise: Promise<T>) => phone.time.settle(promise)
  const requests = (count: number) =>
    Array.from({ length: count }, (_, n) => client.request<{ bearer: string }>({ url: `/${n}` }))

  it('a 401 causes a login, and the request is sent again', async () => {
    const [answer] = await settle(Promise.all(requests(1)))
    expect(answer?.data.bearer).to.equal(token(1))
    expect(phone.paths()).to.deep.equal(['GET /0', 'POST /v1/login', 'GET /0'])
    expect(phone.storage.get('r3session')?.data).to.equal(token(1))
  })

  it('a 401 for 50 requests causes one login, and each request is sent again', async () => {
    const answers = await settle(Promise.all(requests(50)))
    expect(new Set(answers.map(({ data }) => data.bearer))).to.deep.equal(new Set([token(1)]))
    expect(phone.logins).to.have.length(1)
    expect(phone.sent).to.have.length(101)
    expect(phone.storageCalls.filter((name) => name === 'removeStorage')).to.have.length(1)
  })

  it('a 401 that comes after the login only repeats the request with the new token', async () => {
    phone.script('GET /late', 'silence')
    let answerLate: () => void = () => {}
    const { request } = phone.wx
    phone.wx.request = (options) => {
      if (options.url.endsWith('/late') && phone.logins.length === 0)
        answerLate = () => options.success({ statusCode: 401, data: '', header: {} })
      request(options)
    }
    const late = client.request<{ bearer: string }>({ url: '/late' })
    await settle(client.request({ url: '/0' }))
    answerLate()
    expect((await settle(late)).data.bearer).to.equal(token(1))
    expect(phone.logins).to.have.length(1)
    expect(phone.storage.get('r3session')?.data).to.equal(token(1))
  })

  it('requests wait for a login in progress', async () => {
    phone.script('POST /v1/login', problem(503, 'overloaded', 'retry', { 'Retry-After': '5' }))
    const [first] = requests(1)
    await phone.time.pass(1000)
    expect(phone.logins).to.have.length(1)
    const answers = await settle(Promise.all([first, ...requests(3)]))
    expect(answers).to.have.length(4)
    expect(phone.logins).to.have.length(1)
  })

  it('a repeated 401 rejects, and no call causes more than one login', async () => {
    phone.wx.request = refusing(phone)
    const errors = await settle(Promise.all(requests(50).map(refusal)))
    expect(new Set(errors.map(({ code, status }) => `${code} ${status}`))).to.deep.equal(
      new Set(['invalid_session 401']),
    )
    expect(phone.logins).to.have.length(1)
    expect(phone.sent).to.have.length(101)
    expect(phone.storage.get('r3session')?.data, 'what the login gave').to.equal(token(1))
    expect(await settle(refusal(client.request({ url: '/again' })))).to.include({ action: 'relogin' })
    expect(phone.logins).to.have.length(2)
    expect(phone.sent).to.have.length(104)
  })

  it('a 401 of another server causes a login, too', async () => {
    phone.live.add(token(7))
    phone.script(
      'GET /0',
      { statusCode: 401, data: '<html>nginx</html>' },
      { statusCode: 401, data: '<html>nginx</html>' },
    )
    const [error] = await settle(Promise.all(requests(1).map(refusal)))
    expect(error).to.include({ code: 'http_error', action: 'relogin', status: 401 })
    expect(phone.logins).to.have.length(1)
  })

  it('after a 401, requests reject with the error of a failed login', async () => {
    phone.script('POST /v1/login', problem(403, 'user_blocked', 'none'))
    const errors = await settle(Promise.all(requests(20).map(refusal)))
    expect(new Set(errors.map(({ code }) => code))).to.deep.equal(new Set(['user_blocked']))
    expect(phone.logins).to.have.length(1)
  })

  describe('a 401 with two clients on one phone', () => {
    it('after a 401, the client uses the token that another client has stored meanwhile', async () => {
      const other = phone.client()
      await settle(Promise.all([client.session().catch(() => {})]))
      phone.live.clear()
      await settle(other.login())
      const sentBefore = phone.sent.length
      const [answer] = await settle(Promise.all(requests(1)))
      expect(answer?.data.bearer).to.equal(token(2))
      expect(phone.sent.slice(sentBefore).map(({ path }) => path)).to.deep.equal(['/0', '/0'])
      expect(phone.logins).to.have.length(2)
    })

    it('after a 401, the client logs in when the other client’s token is invalid, too', async () => {
      phone.live.add(token(7))
      await settle(client.session())
      phone.live.clear()
      phone.storage.set('r3session', { data: token(8), encrypted: true })
      const answers = await settle(Promise.all(requests(10)))
      expect(new Set(answers.map(({ data }) => data.bearer))).to.deep.equal(new Set([token(1)]))
      expect(phone.logins).to.have.length(1)
    })

    it('client.logout() does not remove the token of another client', async () => {
      phone.live.add(token(7))
      await settle(client.session())
      phone.storage.set('r3session', { data: token(8), encrypted: true })
      await settle(client.logout())
      expect(phone.storage.get('r3session')?.data).to.equal(token(8))
    })

    it('a call ends even if the storage has another invalid token every time', async () => {
      let next = 100
      const { getStorage } = phone.wx
      phone.wx.getStorage = (options) => {
        phone.storage.set('r3session', { data: token(next++), encrypted: true })
        getStorage(options)
      }
      const [error] = await settle(Promise.all(requests(1).map(refusal)))
      expect(error).to.include({ code: 'invalid_session' })
      expect(phone.sent).to.have.length(3)
    })
  })

  it('after a 401, 50 requests cause one login also when wx calls back before it returns', async () => {
    phone.synchronous = true
    const answers = await settle(Promise.all(requests(50)))
    expect(answers).to.have.length(50)
    expect(phone.logins).to.have.length(1)
  })
})

/** A wx.request with a service that accepts logins and refuses everything else. */
function refusing(phone: FakePhone): FakePhone['wx']['request'] {
  const { request } = phone.wx
  return (options) => {
    if (!options.url.endsWith('/v1/login')) phone.script(`GET ${new URL(options.url).pathname}`, noSession)
    request(options)
  }
}
