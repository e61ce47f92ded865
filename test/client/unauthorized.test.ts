import type { Client } from '@r3session/client'
import { expect } from 'chai'
import { createFakePhone, type FakePhone, noSession, problem, token } from '../support/fake-phone.js'
import { refusal } from '../support/refusal.js'

describe('a 401', () => {
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

  it('causes a login, and the request once more', async () => {
    const [answer] = await settle(Promise.all(requests(1)))
    expect(answer?.data.bearer).to.equal(token(1))
    expect(phone.paths()).to.deep.equal(['GET /0', 'POST /v1/login', 'GET /0'])
    expect(phone.storage.get('r3session')?.data).to.equal(token(1))
  })

  it('causes one login for 50 requests at once, and each of them once more', async () => {
    const answers = await settle(Promise.all(requests(50)))
    expect(new Set(answers.map(({ data }) => data.bearer))).to.deep.equal(new Set([token(1)]))
    expect(phone.logins).to.have.length(1)
    expect(phone.sent).to.have.length(101)
    expect(phone.storageCalls.filter((name) => name === 'removeStorage')).to.have.length(1)
  })

  it('that comes after the login repeats with the new token and leaves it alone', async () => {
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

  it('has the request wait for a login that is under way', async () => {
    phone.script('POST /v1/login', problem(503, 'overloaded', 'retry', { 'Retry-After': '5' }))
    const [first] = requests(1)
    await phone.time.pass(1000)
    expect(phone.logins).to.have.length(1)
    const answers = await settle(Promise.all([first, ...requests(3)]))
    expect(answers).to.have.length(4)
    expect(phone.logins).to.have.length(1)
  })

  it('that repeats itself is not the token’s fault: it rejects, and no call causes more than one login', async () => {
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

  it('of another server counts as well', async () => {
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

  it('rejects with what kept the login from succeeding', async () => {
    phone.script('POST /v1/login', problem(403, 'user_blocked', 'none'))
    const errors = await settle(Promise.all(requests(20).map(refusal)))
    expect(new Set(errors.map(({ code }) => code))).to.deep.equal(new Set(['user_blocked']))
    expect(phone.logins).to.have.length(1)
  })

  describe('with two clients on one phone', () => {
    it('takes the token that the other has stored meanwhile', async () => {
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

    it('logs in when that token is dead, too', async () => {
      phone.live.add(token(7))
      await settle(client.session())
      phone.live.clear()
      phone.storage.set('r3session', { data: token(8), encrypted: true })
      const answers = await settle(Promise.all(requests(10)))
      expect(new Set(answers.map(({ data }) => data.bearer))).to.deep.equal(new Set([token(1)]))
      expect(phone.logins).to.have.length(1)
    })

    it('does not remove the token of the other', async () => {
      phone.live.add(token(7))
      await settle(client.session())
      phone.storage.set('r3session', { data: token(8), encrypted: true })
      await settle(client.logout())
      expect(phone.storage.get('r3session')?.data).to.equal(token(8))
    })

    it('ends even if the storage has another dead token every time', async () => {
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

  it('is met in the same way where wx calls back before it returns', async () => {
    phone.synchronous = true
    const answers = await settle(Promise.all(requests(50)))
    expect(answers).to.have.length(50)
    expect(phone.logins).to.have.length(1)
  })
})

/** A wx.request where the service lets people log in and refuses everything else. */
function refusing(phone: FakePhone): FakePhone['wx']['request'] {
  const { request } = phone.wx
  return (options) => {
    if (!options.url.endsWith('/v1/login')) phone.script(`GET ${new URL(options.url).pathname}`, noSession)
    request(options)
  }
}
