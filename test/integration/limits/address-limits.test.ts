import { expect } from 'chai'
import {
  type Answer,
  expectProblem,
  type RunningService,
  startService,
} from '../../support/service/start-service.js'

const key = 'orders-key-0123456789abcdef0123456789'
const ann = '203.0.113.7'
const ben = '203.0.113.8'

describe('limits by address', () => {
  let service: RunningService
  afterEach(() => service.close())
  const start = async (env: Record<string, string> = {}) => {
    service = await startService({ env: { TRUST_PROXY: 'loopback', SERVICE_KEYS: `orders:${key}`, ...env } })
  }

  const sentFrom = (address: string, more: Record<string, string> = {}) => ({
    'x-forwarded-for': address,
    'content-type': 'application/json',
    ...more,
  })
  const post = (address: string, path: string, body: unknown) =>
    service.call('POST', path, { headers: sentFrom(address), body: JSON.stringify(body) })
  const login = async (address: string) => post(address, '/v1/login', await service.weixin.login('user'))

  describe('of logins', () => {
    it('let so many through in a minute, from each address', async () => {
      await start({ LIMIT_LOGINS: '3' })
      for (let n = 0; n < 3; n++) expect((await login(ann)).status).to.equal(201)
      service.time.now += 20_000
      const calls = service.weixin.calls.length
      const refused = await login(ann)
      expectProblem(refused, 429, 'rate_limited', 'retry')
      expect(refused.headers.get('retry-after')).to.equal('40')
      expect(service.weixin.calls.length, 'calls at WeChat').to.equal(calls)
      expect((await login(ben)).status).to.equal(201)
      service.time.now += 40_000
      expect((await login(ann)).status).to.equal(201)
    })

    it('count the tutorial’s logins by either method with those of today, and codes that are none', async () => {
      await start({ LIMIT_LOGINS: '3' })
      const { code } = await service.weixin.login('user')
      const get = () => service.call('GET', `/user/getuserinfo?code=${code}`, { headers: sentFrom(ann) })
      expect((await get()).status).to.equal(200)
      expectProblem(await get(), 400, 'code_used')
      expectProblem(await post(ann, '/user/getuserinfo', 'made-up'), 400, 'code_invalid')
      for (const refused of [
        await get(),
        await post(ann, '/user/getuserinfo', 'made-up'),
        await login(ann),
      ]) {
        expectProblem(refused, 429, 'rate_limited')
        expect(refused.text).not.to.match(/[0-9a-f]{128}/)
      }
    })

    it('count no request that could not be read, and a retry like any other', async () => {
      await start({ LIMIT_LOGINS: '2' })
      for (let n = 0; n < 5; n++) expectProblem(await post(ann, '/v1/login', {}), 400, 'invalid_request')
      const body = JSON.stringify(await service.weixin.login('user'))
      const headers = sentFrom(ann, { 'idempotency-key': 'retry-0123456789' })
      const answers: Answer[] = []
      for (let n = 0; n < 3; n++) answers.push(await service.call('POST', '/v1/login', { headers, body }))
      expect(answers.map(({ status }) => status)).to.deep.equal([201, 201, 429])
    })

    it('keep nobody from anything else', async () => {
      await start({ LIMIT_LOGINS: '1' })
      const token = String((await login(ann)).json['r3session'])
      expectProblem(await login(ann), 429, 'rate_limited')
      const headers = sentFrom(ann, { authorization: `Bearer ${token}` })
      expect((await service.call('GET', '/v1/auth', { headers })).status).to.equal(200)
      expect((await service.call('GET', '/v1/session', { headers })).status).to.equal(200)
      const sealed = JSON.stringify(await service.weixin.userInfo('user'))
      expect((await service.call('POST', '/v1/decrypt', { headers, body: sealed })).status).to.equal(200)
      const code = JSON.stringify(await service.weixin.phoneCode('user'))
      expect((await service.call('POST', '/v1/phone-number', { headers, body: code })).status).to.equal(200)
      expect((await service.call('DELETE', '/v1/session', { headers })).status).to.equal(204)
    })

    it('take a network of IPv6 for one client', async () => {
      await start({ LIMIT_LOGINS: '2' })
      expect((await login('2001:db8:1:2::1')).status).to.equal(201)
      expect((await login('2001:DB8:1:2:ffff::2')).status).to.equal(201)
      expectProblem(await login('2001:db8:1:2:1:2:3:4'), 429, 'rate_limited')
      expect((await login('2001:db8:1:3::1')).status).to.equal(201)
    })

    it('believe nothing that a client writes in front of the proxy’s word', async () => {
      await start({ LIMIT_LOGINS: '1' })
      expect((await login(`1.1.1.1, ${ann}`)).status).to.equal(201)
      expectProblem(await login(`2.2.2.2, ${ann}`), 429, 'rate_limited')
      expectProblem(await login(`127.0.0.1, nonsense, ${ann}`), 429, 'rate_limited')
    })

    it('are off where they are 0', async () => {
      await start({ LIMIT_LOGINS: '0' })
      for (let n = 0; n < 20; n++) expect((await login(ann)).status).to.equal(201)
    })

    it('name the client and the setting in the log', async () => {
      await start({ LIMIT_LOGINS: '1' })
      await login(ann)
      await login(ann)
      expect(service.lines.at(-1)).to.include({
        code: 'rate_limited',
        status: 429,
        reason: 'LIMIT_LOGINS',
        client: ann,
      })
    })
  })

  describe('where no address of a client is known', () => {
    const said = () => service.lines.filter((line) => 'advice' in line)

    it('are off, and the log says so once', async () => {
      await start({ LIMIT_LOGINS: '1', LIMIT_KEY_FAILURES: '1', TRUST_PROXY: '192.0.2.1' })
      expect(said()).to.deep.equal([])
      for (let n = 0; n < 5; n++) {
        expect((await login(ann)).status).to.equal(201)
        const headers = sentFrom(ann, { authorization: 'Bearer wrong' })
        expectProblem(await service.call('GET', '/v1/access-token', { headers }), 401, 'invalid_client')
      }
      expect(said()).to.deep.equal([
        { client: '127.0.0.1', advice: 'if that is a proxy, name it in TRUST_PROXY' },
      ])
    })

    it('are off where a trusted proxy tells a private one, or nothing that is one', async () => {
      await start({ LIMIT_LOGINS: '1' })
      for (const forwarded of ['10.0.0.7', '10.0.0.7', 'nonsense', 'nonsense', ''])
        expect((await login(forwarded)).status, forwarded).to.equal(201)
      expect(said()).to.have.length(1)
    })

    it('are nothing to be said of where there are none', async () => {
      await start({ LIMIT_LOGINS: '0', TRUST_PROXY: '192.0.2.1' })
      expect((await login(ann)).status).to.equal(201)
      expect(said()).to.deep.equal([])
    })
  })

  describe('of wrong service keys', () => {
    const ask = (address: string, authorization?: string, method = 'GET', path = '/v1/access-token') =>
      service.call(method, path, {
        headers: sentFrom(address, authorization === undefined ? {} : { authorization }),
      })
    const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`

    it('let so many be tried in a minute, with whatever scheme and on whatever route', async () => {
      await start({ LIMIT_KEY_FAILURES: '6' })
      const tried = [
        await ask(ann, 'Bearer wrong'),
        await ask(ann, basic('orders:wrong')),
        await ask(ann, 'Digest nonsense'),
        await ask(ann, 'Bearer wrong', 'POST', '/v1/introspect'),
        await ask(ann, 'Bearer wrong', 'DELETE', '/v1/users/o-ann'),
        await ask(ann, basic(`nobody:${key}`), 'DELETE', '/v1/users/o-ann/sessions/0'),
      ]
      for (const answer of tried) expectProblem(answer, 401, 'invalid_client')
      for (const refused of [
        await ask(ann, 'Bearer other'),
        await ask(ann, basic('orders:other')),
        await ask(ann, 'Bearer other', 'POST', '/v1/introspect'),
        await ask(ann, 'Bearer other', 'GET', '/v1/users/o-ann/sessions'),
      ]) {
        expectProblem(refused, 429, 'rate_limited', 'retry')
        expect(refused.headers.get('retry-after')).to.equal('60')
      }
      expectProblem(await ask(ben, 'Bearer wrong'), 401, 'invalid_client')
      service.time.now += 60_000
      expectProblem(await ask(ann, 'Bearer wrong'), 401, 'invalid_client')
    })

    it('are 30 unless they are set', async () => {
      await start()
      for (let n = 0; n < 30; n++) expectProblem(await ask(ann, 'Bearer wrong'), 401, 'invalid_client')
      expectProblem(await ask(ann, 'Bearer wrong'), 429, 'rate_limited')
    })

    it('refuse no right key, since services share addresses', async () => {
      await start({ LIMIT_KEY_FAILURES: '1' })
      await ask(ann, 'Bearer wrong')
      expectProblem(await ask(ann, 'Bearer wrong'), 429, 'rate_limited')
      expect((await ask(ann, `Bearer ${key}`)).status).to.equal(200)
      expect((await ask(ann, basic(`orders:${key}`))).status).to.equal(200)
    })

    it('count nobody who sent no key', async () => {
      await start({ LIMIT_KEY_FAILURES: '1' })
      for (let n = 0; n < 5; n++) expectProblem(await ask(ann), 401, 'invalid_client')
      expectProblem(await ask(ann, 'Bearer wrong'), 401, 'invalid_client')
      expectProblem(await ask(ann, 'Bearer wrong'), 429, 'rate_limited')
      expectProblem(await ask(ann), 401, 'invalid_client')
    })

    it('are off where they are 0', async () => {
      await start({ LIMIT_KEY_FAILURES: '0' })
      for (let n = 0; n < 50; n++) expectProblem(await ask(ann, 'Bearer wrong'), 401, 'invalid_client')
    })
  })
})
