import { expect } from 'chai'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

describe('POST /v1/login', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService({ env: { WECHAT_TIMEOUT: '2000' } })
  })
  afterEach(() => service.close())
  const loginWith = (body: unknown) => service.send('POST', '/v1/login', { body })
  const exchanges = () => service.weixin.calls.length

  it('gives a random 128-hex token and its life in seconds, and nothing else', async () => {
    const answer = await loginWith(await service.weixin.login('ann'))
    expect(answer.status).to.equal(201)
    expect(answer.json).to.have.all.keys('r3session', 'expiresIn')
    expect(answer.json['r3session']).to.match(/^[0-9a-f]{128}$/)
    expect(answer.json['expiresIn']).to.equal(259_200)
    expect(answer.headers.get('cache-control')).to.equal('no-store')
    expect(answer.headers.get('x-request-id')).to.match(/^[0-9a-f-]{36}$/)
  })

  it('asks WeChat once, with exactly its four parameters', async () => {
    const { code } = await service.weixin.login('ann')
    await loginWith({ code })
    expect(service.weixin.calls).to.have.lengthOf(1)
    const [call] = service.weixin.calls
    const [app] = service.weixin.apps
    expect(call).to.include({ method: 'GET', path: '/sns/jscode2session' })
    expect(call?.query).to.deep.equal({
      appid: app?.appid,
      secret: app?.secret,
      js_code: code,
      grant_type: 'authorization_code',
    })
  })

  it('ignores what else a wx result brings', async () => {
    const answer = await loginWith({ ...(await service.weixin.login()), errMsg: 'login:ok', more: [1] })
    expect(answer.status).to.equal(201)
  })

  it('serves the appid it is asked for, and no other', async () => {
    const [app] = service.weixin.apps
    expect((await loginWith({ ...(await service.weixin.login()), appid: app?.appid })).status).to.equal(201)
    const refused = await loginWith({ ...(await service.weixin.login()), appid: 'wxother' })
    expectProblem(refused, 400, 'invalid_request')
    expect(refused.json['detail']).to.match(/appid/)
    expect(exchanges()).to.equal(1)
  })

  it('gives two users two tokens, and one user a new token at every login', async () => {
    const tokens = [await service.login('ann'), await service.login('bob'), await service.login('ann')]
    expect(new Set(tokens).size).to.equal(3)
  })

  it('refuses a code that was used, is unknown or too old', async () => {
    const { code } = await service.weixin.login()
    await loginWith({ code })
    expectProblem(await loginWith({ code }), 400, 'code_used', 'relogin')
    expectProblem(await loginWith({ code: 'unknown' }), 400, 'code_invalid', 'relogin')
    const old = await service.weixin.login()
    service.time.now += 5 * 60_000
    expectProblem(await loginWith(old), 400, 'code_invalid', 'relogin')
  })

  it('refuses a body without a proper code, and does not bother WeChat with it', async () => {
    for (const code of [undefined, null, 7, '', 'with space', 'é', 'x'.repeat(129), ['a'], {}]) {
      expectProblem(await loginWith({ code }), 400, 'invalid_request', 'fix_request')
    }
    expect((await loginWith({})).json['detail']).to.equal(
      'The field code is missing. See /docs#error-invalid_request.',
    )
    expect((await loginWith({ code: 7 })).json['detail']).to.equal(
      'The field code is not of the right form. See /docs#error-invalid_request.',
    )
    expect(exchanges()).to.equal(0)
  })

  const refusals = [
    { errcode: 40029, status: 400, code: 'code_invalid', action: 'relogin', calls: 1 },
    { errcode: 40163, status: 400, code: 'code_used', action: 'relogin', calls: 1 },
    { errcode: 40226, status: 403, code: 'user_blocked', action: 'none', calls: 1 },
    { errcode: 45011, status: 429, code: 'wechat_rate_limited', action: 'retry', calls: 1 },
    { errcode: -1, status: 503, code: 'wechat_busy', action: 'retry', calls: 2 },
    { errcode: 45009, status: 503, code: 'wechat_quota', action: 'retry', calls: 1 },
    { errcode: 40001, status: 502, code: 'wechat_misconfigured', action: 'contact_operator', calls: 1 },
    { errcode: 40013, status: 502, code: 'wechat_misconfigured', action: 'contact_operator', calls: 1 },
    { errcode: 40125, status: 502, code: 'wechat_misconfigured', action: 'contact_operator', calls: 1 },
    { errcode: 40164, status: 502, code: 'wechat_misconfigured', action: 'contact_operator', calls: 1 },
    { errcode: 85107, status: 502, code: 'wechat_misconfigured', action: 'contact_operator', calls: 1 },
    { errcode: 99999, status: 502, code: 'wechat_invalid_response', action: 'relogin', calls: 1 },
  ]
  for (const { errcode, status, code, action, calls } of refusals) {
    it(`answers ${code} when WeChat says ${errcode}, after ${calls} call${calls > 1 ? 's' : ''}`, async () => {
      service.weixin.fail({ errcode, times: 5 })
      const answer = await loginWith(await service.weixin.login())
      expectProblem(answer, status, code, action)
      expect(exchanges()).to.equal(calls)
      if (errcode === 45011) expect(answer.headers.get('retry-after')).to.equal('60')
    })
  }

  const illnesses = [
    { fault: { hang: true }, status: 504, code: 'wechat_timeout' },
    { fault: { reset: true }, status: 502, code: 'wechat_invalid_response' },
    { fault: { status: 503 }, status: 502, code: 'wechat_invalid_response' },
    { fault: { html: true }, status: 502, code: 'wechat_invalid_response' },
    { fault: { half: true }, status: 502, code: 'wechat_invalid_response' },
    { fault: { redirect: 'http://127.0.0.1:1/' }, status: 502, code: 'wechat_invalid_response' },
    { fault: { oversize: 70_000 }, status: 502, code: 'wechat_invalid_response' },
  ] as const
  for (const { fault, status, code } of illnesses) {
    it(`answers ${code} after one call when WeChat's answer is ill: ${Object.keys(fault)[0]}`, async () => {
      service.weixin.fail({ ...fault, times: 5 })
      expectProblem(await loginWith(await service.weixin.login()), status, code, 'relogin')
      expect(exchanges()).to.equal(1)
      service.weixin.recover()
      await service.login()
    })
  }

  it('gets through when WeChat was busy for a moment', async () => {
    service.weixin.fail({ errcode: -1 })
    expect((await loginWith(await service.weixin.login())).status).to.equal(201)
    expect(exchanges()).to.equal(2)
  })

  it('answers wechat_unreachable when nobody listens', async () => {
    const { code } = await service.weixin.login()
    await service.weixin.close()
    expectProblem(await loginWith({ code }), 503, 'wechat_unreachable', 'retry')
  })

  it('leaves sessions that exist alone when WeChat is down', async () => {
    const token = await service.login()
    await service.weixin.close()
    expect((await service.send('GET', '/v1/session', { token })).status).to.equal(200)
  })
})
