import { expect } from 'chai'
import { createFakePhone, type FakePhone, noSession, problem } from '../support/fake-phone.js'
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

  describe('when the answer is lost', () => {
    it('sends the same code with the same Idempotency-Key again', async () => {
      phone.script(LOGIN, lost, lost)
      await settle(phone.client().login())
      expect(phone.logins).to.have.length(1)
      expect(sentLogins()).to.have.length(3)
      const keys = new Set(sentLogins().map(({ header }) => header['idempotency-key']))
      expect(keys.size).to.equal(1)
      expect([...keys][0]).to.match(/^[0-9a-f]{32}$/)
      expect(new Set(sentLogins().map(({ data }) => data['code'])).size).to.equal(1)
    })

    it('takes a gateway’s word for it, and not the service’s own 504', async () => {
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

    it('gives up after the third time, within the 60 seconds in which the service remembers', async () => {
      phone.script(LOGIN, 'silence', 'silence', 'silence')
      const error = await refusal(settle(phone.client().login()))
      expect(error).to.include({ code: 'network', action: 'retry' })
      expect(error.message).to.equal('no answer from https://login.test/v1/login: no answer in 17000 ms')
      expect(sentLogins()).to.have.length(3)
      expect(phone.time.elapsed()).to.be.lessThan(60_000)
    })

    it('tries with a new code and a new key the next time', async () => {
      const client = phone.client()
      phone.script(LOGIN, lost, lost, lost)
      await refusal(settle(client.login()))
      await settle(client.login())
      expect(phone.logins).to.have.length(2)
      expect(new Set(sentLogins().map(({ header }) => header['idempotency-key'])).size).to.equal(2)
    })

    it('does not insist where the domain is not listed', async () => {
      phone.script(LOGIN, { fail: { errMsg: 'request:fail url not in domain list', errno: 600002 } })
      const error = await refusal(settle(phone.client().login()))
      expect(error).to.include({ code: 'network', action: 'fix_request' })
      expect(error.message).to.include('not in domain list')
      expect(sentLogins()).to.have.length(1)
    })
  })

  describe('when the code is spent', () => {
    for (const [status, code] of [
      [400, 'code_used'],
      [400, 'code_invalid'],
      [504, 'wechat_timeout'],
      [502, 'wechat_invalid_response'],
    ] as const)
      it(`takes a new one, once, after ${code}`, async () => {
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

  describe('when the service is busy', () => {
    it('waits as long as it says, at most twice, with the same code and key', async () => {
      phone.script(LOGIN, busy(1), busy(5))
      await settle(phone.client().login())
      expect(phone.logins).to.have.length(1)
      expect(new Set(sentLogins().map(({ header }) => header['idempotency-key'])).size).to.equal(1)
      expect(phone.time.elapsed()).to.be.within(6000, 6100)
    })

    it('gives up after the third time', async () => {
      phone.script(LOGIN, busy(1), busy(1), busy(1))
      expect(await refusal(settle(phone.client().login()))).to.include({ code: 'wechat_busy', retryAfter: 1 })
      expect(sentLogins()).to.have.length(3)
    })

    it('leaves it and WeChat in peace until the time it named', async () => {
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

    it('does not believe in a pause of more than an hour, nor in one that began in the future', async () => {
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

  describe('when wx.login', () => {
    it('fails, says so in WeChat’s words', async () => {
      phone.script('wx.login', { fail: { errMsg: 'login:fail 系统错误', errno: 3 } })
      const client = phone.client()
      const error = await refusal(settle(client.login()))
      expect(error).to.include({ code: 'network', action: 'retry' })
      expect(error.message).to.equal('wx.login: login:fail 系统错误')
      await settle(client.login())
    })

    it('is blocked for this user, says that nothing helps', async () => {
      phone.script('wx.login', { fail: { errMsg: 'login:fail wxa login is blocked', errno: 1402101 } })
      const error = await refusal(settle(phone.client().login()))
      expect(error).to.include({ code: 'user_blocked', action: 'none' })
      expect(error.message).to.include('wxa login is blocked')
    })

    it('gives no code, or keeps silent, fails and does not hang', async () => {
      phone.script('wx.login', { code: '' } as never, {} as never, 'silence')
      const client = phone.client()
      for (const reason of ['wx.login: no code', 'wx.login: no code', 'no answer in 12000 ms'])
        expect((await refusal(settle(client.login()))).message).to.include(reason)
      expect(phone.time.pending()).to.equal(0)
    })

    it('throws, fails in the same way', async () => {
      phone.wx.login = () => {
        throw new TypeError('wx is not ready')
      }
      const error = await refusal(settle(phone.client().login()))
      expect(error).to.include({ code: 'network', message: 'wx.login: TypeError: wx is not ready' })
    })

    it('would be called a fifth time within a second, waits', async () => {
      const client = phone.client()
      for (let n = 0; n < 9; n++) phone.script(LOGIN, problem(403, 'user_blocked', 'none'))
      for (let n = 0; n < 9; n++) await refusal(settle(client.login()))
      expect(phone.logins).to.have.length(9)
      for (const [index, at] of phone.loginTimes.entries())
        expect(at - (phone.loginTimes[index - 4] ?? -1000)).to.be.at.least(1000)
    })

    it('is not held up by a clock that was set back', async () => {
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
