import { expect } from 'chai'
import { createFakePhone, type FakePhone, noSession, problem } from '../support/page/fake-phone.js'
import { refusal } from '../support/refusal.js'

const LOGIN = 'POST /v1/login'
const lost = { fail: { errMsg: 'request:fail timeout', errno: 5 } }
const busy = (seconds: number) => problem(503, 'wechat_busy', 'retry', { 'Retry-After': String(seconds) })

describe('client.login() after a failure', () => {
  let phone: FakePhone
  beforeEach(() => {
    phone = createFakePhone()
  })
  const settle = <T>(promise: Promise<T>) => phone.time.settle(promise)
  const sentLogins = () => phone.sent.filter(({ path }) => path === '/v1/login')

  describe('client.login() when the answer is lost', () => {
    it('when the answer is lost, client.login() sends the same code with the same Idempotency-Key again', async () => {
      phone.script(LOGIN, lost, lost)
      await settle(phone.client().login())
      expect(phone.logins).to.have.length(1)
      expect(sentLogins()).to.have.length(3)
      const keys = new Set(sentLogins().map(({ header }) => header['idempotency-key']))
      expect(keys.size).to.equal(1)
      expect([...keys][0]).to.match(/^[0-9a-f]{32}$/)
      expect(new Set(sentLogins().map(({ data }) => data['code'])).size).to.equal(1)
    })

    it('client.login() treats a 502 or 504 of a gateway as a lost answer', async () => {
      phone.script(LOGIN, { statusCode: 504, data: '<html>nginx</html>' }, { statusCode: 502, data: '' })
      await settle(phone.client().login())
      expect(phone.logins).to.have.length(1)
      expect(new Set(sentLogins().map(({ header }) => header['idempotency-key'])).size).to.equal(1)
      const page = { statusCode: 502, data: '<html>nginx</html>' }
      phone.storage.clear()
      phone.script(LOGIN, page, page, page)
      expect(await refusal(settle(phone.client().login()))).to.include({
        code: 'http_error',
        action: 'retry',
        status: 502,
        data: page.data,
      })
      expect(sentLogins()).to.have.length(6)
    })

    it('client.login() stops after three lost answers, within the 60 seconds for which the service remembers a login', async () => {
      phone.script(LOGIN, 'silence', 'silence', 'silence')
      const error = await refusal(settle(phone.client().login()))
      expect(error).to.include({ code: 'network', action: 'retry' })
      expect(error.message).to.equal('no answer from https://login.test/v1/login: no answer in 17000 ms')
      expect(sentLogins()).to.have.length(3)
      expect(phone.time.elapsed()).to.be.lessThan(60_000)
    })

    it('after three lost answers, the next client.login() uses a new code and a new key', async () => {
      const client = phone.client()
      phone.script(LOGIN, lost, lost, lost)
      await refusal(settle(client.login()))
      await settle(client.login())
      expect(phone.logins).to.have.length(2)
      expect(new Set(sentLogins().map(({ header }) => header['idempotency-key'])).size).to.equal(2)
    })

    it('client.login() does not repeat a request to a domain that is missing in the mini program’s settings', async () => {
      phone.script(LOGIN, { fail: { errMsg: 'request:fail url not in domain list', errno: 600002 } })
      const error = await refusal(settle(phone.client().login()))
      expect(error).to.include({ code: 'network', action: 'fix_request' })
      expect(error.message).to.include('not in domain list')
      expect(sentLogins()).to.have.length(1)
    })
  })

  describe('client.login() when the code is used', () => {
    for (const [status, code] of [
      [400, 'code_used'],
      [400, 'code_invalid'],
      [504, 'wechat_timeout'],
      [502, 'wechat_invalid_response'],
    ] as const)
      it(`client.login() gets a new code, once, after ${code}`, async () => {
        const refused = problem(status, code, 'relogin')
        phone.script(LOGIN, refused)
        const client = phone.client()
        await settle(client.login())
        expect(sentLogins().map(({ data }) => data['code'])).to.deep.equal(['code-1', 'code-2'])
        expect(new Set(sentLogins().map(({ header }) => header['idempotency-key'])).size).to.equal(2)

        phone.live.clear()
        phone.script('GET /v1/orders', noSession)
        phone.script(LOGIN, refused, refused)
        const error = await refusal(settle(client.request({ url: '/v1/orders' })))
        expect(error).to.include({ code, action: 'relogin', status })
        expect(phone.logins).to.have.length(4)
      })
  })

  describe('client.login() when the service is busy', () => {
    it('client.login() waits as long as the busy service asks, at most twice, with the same code and key', async () => {
      phone.script(LOGIN, busy(1), busy(5))
      await settle(phone.client().login())
      expect(phone.logins).to.have.length(1)
      expect(new Set(sentLogins().map(({ header }) => header['idempotency-key'])).size).to.equal(1)
      expect(phone.time.elapsed()).to.be.within(6000, 6100)
    })

    it('client.login() stops after the third answer that the service is busy', async () => {
      phone.script(LOGIN, busy(1), busy(1), busy(1))
      expect(await refusal(settle(phone.client().login()))).to.include({ code: 'wechat_busy', retryAfter: 1 })
      expect(sentLogins()).to.have.length(3)
    })

    it('client.login() sends nothing to the service and WeChat until the end of the Retry-After', async () => {
      const client = phone.client()
      phone.script(LOGIN, problem(429, 'wechat_rate_limited', 'retry', { 'retry-after': '60' }))
      const first = await refusal(settle(client.login()))
      expect(first).to.include({ code: 'wechat_rate_limited', action: 'retry', status: 429, retryAfter: 60 })
      await phone.time.pass(20_000)
      const second = await refusal(settle(client.request({ url: '/x' })))
      expect(second).to.include({ code: 'wechat_rate_limited', action: 'retry', status: 429, retryAfter: 40 })
      expect(second.requestId).to.equal('r-1')
      expect(phone.logins).to.have.length(1)
      await phone.time.pass(40_000)
      await settle(client.login())
      expect(phone.logins).to.have.length(2)
    })

    it('client.login() limits a pause to one hour, and ends it when the clock is set back', async () => {
      const client = phone.client()
      phone.script(LOGIN, busy(1e9))
      expect(await refusal(settle(client.login()))).to.include({ retryAfter: 1e9 })
      await phone.time.pass(3_599_000)
      expect(await refusal(settle(client.login()))).to.include({ retryAfter: 1 })
      await phone.time.pass(1000)
      phone.script(LOGIN, busy(60))
      await refusal(settle(client.login()))
      phone.time.set(phone.time.now() - 86_400_000)
      await settle(client.login())
    })
  })

  describe('client.login() when wx.login fails', () => {
    it('when wx.login fails, client.login() rejects with WeChat’s words', async () => {
      phone.script('wx.login', { fail: { errMsg: 'login:fail 系统错误', errno: 3 } })
      const client = phone.client()
      const error = await refusal(settle(client.login()))
      expect(error).to.include({ code: 'network', action: 'retry' })
      expect(error.message).to.equal('wx.login: login:fail 系统错误')
      await settle(client.login())
    })

    it('when WeChat blocks the user, client.login() rejects with user_blocked and says that nothing helps', async () => {
      phone.script('wx.login', { fail: { errMsg: 'login:fail wxa login is blocked', errno: 1402101 } })
      const error = await refusal(settle(phone.client().login()))
      expect(error).to.include({ code: 'user_blocked', action: 'none' })
      expect(error.message).to.include('wxa login is blocked')
    })

    it('client.login() rejects when wx.login gives no code or never calls back', async () => {
      phone.script('wx.login', { code: '' } as never, {} as never, 'silence')
      const client = phone.client()
      for (const reason of ['wx.login: no code', 'wx.login: no code', 'no answer in 12000 ms'])
        expect((await refusal(settle(client.login()))).message).to.include(reason)
      expect(phone.time.pending()).to.equal(0)
    })

    it('client.login() rejects when wx.login throws', async () => {
      phone.wx.login = () => {
        throw new TypeError('wx is not ready')
      }
      const error = await refusal(settle(phone.client().login()))
      expect(error).to.include({ code: 'network', message: 'wx.login: TypeError: wx is not ready' })
    })

    it('client.login() waits before it calls wx.login a fifth time within a second', async () => {
      const client = phone.client()
      for (let n = 0; n < 9; n++) phone.script(LOGIN, problem(403, 'user_blocked', 'none'))
      for (let n = 0; n < 9; n++) await refusal(settle(client.login()))
      expect(phone.logins).to.have.length(9)
      for (const [index, at] of phone.loginTimes.entries())
        expect(at - (phone.loginTimes[index - 4] ?? -1000)).to.be.at.least(1000)
    })

    it('client.login() does not wait longer when the clock was set back', async () => {
      const client = phone.client()
      for (let n = 0; n < 4; n++) phone.script(LOGIN, problem(403, 'user_blocked', 'none'))
      for (let n = 0; n < 4; n++) await refusal(settle(client.login()))
      phone.time.set(phone.time.now() - 86_400_000)
      const before = phone.time.now()
      await settle(client.login())
      expect(phone.time.now() - before).to.be.lessThan(1000)
    })
  })
})
