import { expect } from 'chai'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

const key = 'orders-key-0123456789abcdef0123456789'
const other = 'billing-key-0123456789abcdef012345678'
const DAY = 86_400_000

describe('for the services behind it', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService({
      env: { SERVICE_KEYS: `orders:${key},billing:${other}`, WECHAT_TIMEOUT: '2000' },
    })
  })
  afterEach(() => service.close())
  const withKey = (method: string, path: string, token = key, body?: unknown) =>
    service.send(method, path, { token, ...(body === undefined ? {} : { body }) })

  describe('GET /v1/auth', () => {
    it('names the caller in the headers of WeChat Cloud Run, and says nothing else', async () => {
      const token = await service.login('ann')
      const answer = await service.send('GET', '/v1/auth', { token })
      expect(answer.status).to.equal(200)
      expect(answer.text).to.equal('')
      const { openid, unionid } = service.weixin.identity('ann')
      expect(answer.headers.get('x-wx-openid')).to.equal(openid)
      expect(answer.headers.get('x-wx-unionid')).to.equal(unionid)
      expect(answer.headers.get('x-wx-appid')).to.equal(service.weixin.apps[0]?.appid)
      expect(answer.headers.get('x-wx-source')).to.equal('wx_client')
    })

    it('says no to everybody else, and never yes in doubt', async () => {
      const token = await service.login()
      expectProblem(await service.send('GET', '/v1/auth'), 401, 'unauthorized')
      expectProblem(await service.send('GET', '/v1/auth', { token: key }), 401, 'invalid_session')
      service.time.now += 3 * DAY
      const answer = await service.send('GET', '/v1/auth', { token })
      expectProblem(answer, 401, 'invalid_session')
      expect([...answer.headers.keys()].filter((name) => name.startsWith('x-wx'))).to.deep.equal([])
      await service.service.close()
      expectProblem(await service.send('GET', '/v1/auth', { token }), 503, 'storage_unavailable')
    })
  })

  describe('POST /v1/introspect', () => {
    it('tells what a token stands for, as RFC 7662 says, asked by JSON or by form', async () => {
      const token = await service.login('ann')
      const answer = await withKey('POST', '/v1/introspect', key, { token })
      const now = service.time.now / 1000
      expect(answer.json).to.deep.equal({
        active: true,
        sub: service.weixin.identity('ann').openid,
        client_id: service.weixin.apps[0]?.appid,
        iat: now,
        exp: now + 259_200,
        token_type: 'Bearer',
      })
      const form = await service.call('POST', '/v1/introspect', {
        headers: { authorization: `Bearer ${other}` },
        body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
      })
      expect(form.json).to.deep.equal(answer.json)
    })

    it('says active: false and no more of any other token', async () => {
      const ended = await service.login()
      await service.send('DELETE', '/v1/session', { token: ended })
      for (const token of ['nonsense', '', '0'.repeat(128), ended]) {
        const answer = await withKey('POST', '/v1/introspect', key, { token })
        expect(answer.status).to.equal(200)
        expect(answer.text).to.equal('{"active":false}')
      }
      expectProblem(await withKey('POST', '/v1/introspect', key, {}), 400, 'invalid_request')
    })
  })

  describe('GET /v1/access-token', () => {
    it('gives every service the same token, fetched once, and notes who got it', async () => {
      const [first, second] = [
        await withKey('GET', '/v1/access-token'),
        await withKey('GET', '/v1/access-token', other),
      ]
      expect(first.status, first.text).to.equal(200)
      expect(first.json).to.have.all.keys('accessToken', 'expiresIn')
      expect(second.json['accessToken']).to.equal(first.json['accessToken'])
      expect(service.weixin.calls.map(({ path }) => path)).to.deep.equal(['/cgi-bin/stable_token'])
      const notes = service.lines.filter((line) => 'serviceKey' in line)
      expect(notes.map((line) => 'serviceKey' in line && line.serviceKey)).to.deep.equal([
        'orders',
        'billing',
      ])
      expect(JSON.stringify(service.lines)).not.to.include(String(first.json['accessToken']))
    })

    it('is never forced', async () => {
      await withKey('GET', '/v1/access-token')
      service.time.now += 119 * 60_000
      await withKey('GET', '/v1/access-token')
      const bodies = service.weixin.calls.map(({ body }) => body)
      expect(bodies).to.have.lengthOf(2)
      for (const body of bodies) expect(body).not.to.have.property('force_refresh')
    })

    it('answers like every call to WeChat when that fails', async () => {
      service.weixin.refuseAddress()
      expectProblem(await withKey('GET', '/v1/access-token'), 502, 'wechat_misconfigured', 'contact_operator')
      service.weixin.refuseAddress(false)
      service.weixin.fail({ hang: true })
      expectProblem(await withKey('GET', '/v1/access-token'), 504, 'wechat_timeout')
      expect((await withKey('GET', '/v1/access-token')).status).to.equal(200)
    })

    it('is about the app that is asked for', async () => {
      expectProblem(await withKey('GET', '/v1/access-token?appid=wxother'), 400, 'invalid_request')
    })
  })
})
