import { expect } from 'chai'
import { type Answer, expectProblem, type RunningService, startService } from '../support/start-service.js'

const DAY = 86_400_000

describe('POST /v1/login', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService({ env: { WECHAT_TIMEOUT: '300' } })
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
    expect((await loginWith({})).json['detail']).to.equal('The field code is missing.')
    expect((await loginWith({ code: 7 })).json['detail']).to.equal('The field code is not of the right form.')
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

describe('the code that the developer tools give without an appid', () => {
  let service: RunningService
  before(async () => {
    service = await startService()
  })
  after(() => service.close())

  const mock = 'the code is a mock one'
  const json = { 'content-type': 'application/json' }
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const post = (path: string, headers: Record<string, string>, body: string) => () =>
    service.call('POST', path, { headers: { 'accept-language': language, ...headers }, body })
  const get = (query: string) => () =>
    service.call('GET', `/user/getuserinfo?${query}`, { headers: { 'accept-language': language } })
  let language = 'en'

  const shapes: [string, () => Promise<Answer>][] = [
    ['POST /v1/login', post('/v1/login', json, JSON.stringify({ code: mock }))],
    ['POST /v1/login with more', post('/v1/login', json, JSON.stringify({ code: mock, errMsg: 'login:ok' }))],
    ['a bare body of any type', post('/user/getuserinfo', {}, mock)],
    ['a bare body called JSON', post('/user/getuserinfo', json, mock)],
    ['a bare body called a form', post('/user/getuserinfo', form, mock)],
    ['a bare body in form encoding', post('/user/getuserinfo', form, 'the+code+is+a+mock+one=')],
    ['a bare body in URL encoding', post('/user/getuserinfo', form, encodeURIComponent(mock))],
    ['a JSON string', post('/user/getuserinfo', json, JSON.stringify(mock))],
    ['a JSON object', post('/user/getuserinfo', json, JSON.stringify({ code: mock }))],
    ['a form', post('/user/getuserinfo', form, `${new URLSearchParams({ code: mock })}`)],
    ['a POST with a query', post(`/user/getuserinfo?${new URLSearchParams({ code: mock })}`, {}, '')],
    ['a query', get(`${new URLSearchParams({ code: mock })}`)],
    ['a query with %20', get(`code=${encodeURIComponent(mock)}`)],
    ['blanks around it', post('/v1/login', json, JSON.stringify({ code: ` ${mock}\n` }))],
  ]
  for (const [shape, ask] of shapes) {
    it(`is refused with a word on what it is, in both languages, and is not shown to WeChat: ${shape}`, async () => {
      for (const [spoken, detail] of [
        ['en', /developer tools .*without an appid.*project\.config\.json/],
        ['zh-CN', /微信开发者工具.*没有 appid.*project\.config\.json/],
      ] as const) {
        language = spoken
        const answer = await ask()
        expectProblem(answer, 400, 'invalid_request', 'fix_request')
        expect(answer.json['detail']).to.match(detail)
      }
      expect(service.weixin.calls).to.deep.equal([])
    })
  }

  it('is known by its whole text: a code that only looks like it is of a wrong form', async () => {
    for (const code of [`${mock}s`, 'the code', 'the code is a mock one!', 'a mock one']) {
      const answer = await service.send('POST', '/v1/login', { body: { code } })
      expectProblem(answer, 400, 'invalid_request')
      expect(answer.json['detail']).to.equal('The field code is not of the right form.')
    }
  })
})

describe('GET and DELETE /v1/session', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.close())
  const session = (token?: string) => service.send('GET', '/v1/session', token === undefined ? {} : { token })

  it('tells who is logged in and until when', async () => {
    const token = await service.login('ann')
    const answer = await session(token)
    expect(answer.status).to.equal(200)
    expect(answer.json).to.deep.equal({
      appid: service.weixin.apps[0]?.appid,
      ...service.weixin.identity('ann'),
      createdAt: '2026-03-01T04:00:00.000Z',
      expiresAt: '2026-03-04T04:00:00.000Z',
    })
  })

  it('counts as a use, so that a session in use goes on, for 30 days at most', async () => {
    const token = await service.login()
    for (let day = 2; day < 30; day += 2) {
      service.time.now += 2 * DAY
      expect((await session(token)).status, `day ${day}`).to.equal(200)
    }
    expect((await session(token)).json['expiresAt']).to.equal('2026-03-31T04:00:00.000Z')
    service.time.now += 2 * DAY
    expectProblem(await session(token), 401, 'invalid_session', 'relogin')
  })

  it('ends a session that was not used for three days', async () => {
    const token = await service.login()
    service.time.now += 3 * DAY - 1
    expect((await session(token)).status).to.equal(200)
    service.time.now += 3 * DAY
    expectProblem(await session(token), 401, 'invalid_session')
  })

  it('ends a session by DELETE, once and for all, and confirms it for any token', async () => {
    const token = await service.login()
    const logout = (token: string) => service.send('DELETE', '/v1/session', { token })
    const answer = await logout(token)
    expect(answer.status).to.equal(204)
    expect(answer.text).to.equal('')
    expectProblem(await session(token), 401, 'invalid_session')
    expect((await logout(token)).status).to.equal(204)
    expect((await logout('nonsense')).status).to.equal(204)
  })

  it('leaves the other sessions of a user alone when one ends', async () => {
    const [phone, tablet] = [await service.login('ann'), await service.login('ann')]
    await service.send('DELETE', '/v1/session', { token: phone })
    expect((await session(tablet)).status).to.equal(200)
  })

  it('gives the same answer for unknown, malformed, expired and ended tokens', async () => {
    const [ended, expired] = [await service.login(), await service.login()]
    await service.send('DELETE', '/v1/session', { token: ended })
    service.time.now += 3 * DAY
    const tokens = ['0'.repeat(128), 'nonsense', ended, expired, ended.toUpperCase(), `${expired}0`, 'a b']
    const answers = await Promise.all(tokens.map((token) => session(token)))
    const bodies = answers.map(({ text, json }) => text.replaceAll(String(json['requestId']), '<id>'))
    const heads = answers.map(({ headers }) =>
      [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date').join('\n'),
    )
    expect(new Set(bodies).size).to.equal(1)
    expect(new Set(heads).size).to.equal(1)
    expect(answers[0]?.headers.get('www-authenticate')).to.equal('Bearer error="invalid_token"')
  })

  it('asks for credentials where none were sent', async () => {
    for (const authorization of ['', 'Bearer', 'Bearer ', 'Basic dXNlcjpwYXNz']) {
      const answer = await service.call('GET', '/v1/session', { headers: { authorization } })
      expectProblem(answer, 401, 'unauthorized', 'relogin')
      expect(answer.headers.get('www-authenticate')).to.equal('Bearer')
    }
    expectProblem(await session(), 401, 'unauthorized')
    expectProblem(await service.send('DELETE', '/v1/session'), 401, 'unauthorized')
  })
})
