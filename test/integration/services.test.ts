import { expect } from 'chai'
import { expectProblem, type RunningService, startService } from '../support/start-service.js'

const key = 'orders-key-0123456789abcdef0123456789'
const other = 'billing-key-0123456789abcdef012345678'
const DAY = 86_400_000

describe('for the services behind it', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService({
      env: { SERVICE_KEYS: `orders:${key},billing:${other}`, WECHAT_TIMEOUT: '300' },
    })
  })
  afterEach(() => service.close())
  const withKey = (method: string, path: string, token = key, body?: unknown) =>
    service.send(method, path, { token, ...(body === undefined ? {} : { body }) })
  const sessionsOf = (user: string) =>
    `/v1/users/${encodeURIComponent(service.weixin.identity(user).openid)}/sessions`

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

  describe('the sessions of a user', () => {
    it('are listed, the latest first, without a token among them', async () => {
      const tokens = [await service.login('ann')]
      service.time.now += 1000
      tokens.push(await service.login('ann'))
      await service.login('bob')
      const answer = await withKey('GET', sessionsOf('ann'))
      const sessions = answer.json['sessions'] as Record<string, string>[]
      expect(sessions.map(({ createdAt }) => createdAt)).to.deep.equal([
        '2026-03-01T04:00:01.000Z',
        '2026-03-01T04:00:00.000Z',
      ])
      for (const session of sessions)
        expect(session).to.have.all.keys('id', 'createdAt', 'lastSeenAt', 'expiresAt')
      for (const token of tokens) expect(answer.text).not.to.include(token)
    })

    it('are none for a user that nobody knows', async () => {
      const answer = await withKey('GET', '/v1/users/%E4%B8%AD%2F..%2F/sessions')
      expect(answer.json).to.deep.equal({ sessions: [] })
    })

    it('end all at once, and are 401 on the very next request', async () => {
      const tokens = [await service.login('ann'), await service.login('ann')]
      const bob = await service.login('bob')
      expect((await withKey('DELETE', sessionsOf('ann'))).json).to.deep.equal({ revoked: 2 })
      for (const token of tokens)
        expectProblem(await service.send('GET', '/v1/session', { token }), 401, 'invalid_session')
      expect((await service.send('GET', '/v1/session', { token: bob })).status).to.equal(200)
      expect((await withKey('DELETE', sessionsOf('ann'))).json).to.deep.equal({ revoked: 0 })
      await service.login('ann')
    })

    it('end for a login that was under way, too', async () => {
      const { weixin, send } = service
      weixin.fail({ delay: 100 })
      const login = send('POST', '/v1/login', { body: await weixin.login('ann') })
      while (weixin.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
      await withKey('DELETE', sessionsOf('ann'))
      expectProblem(await login, 401, 'invalid_session', 'relogin')
      expect((await withKey('GET', sessionsOf('ann'))).json).to.deep.equal({ sessions: [] })
    })

    it('are ten at most, the oldest making room', async () => {
      const tokens = []
      for (let i = 0; i < 12; i++) {
        service.time.now += 1000
        tokens.push(await service.login('ann'))
      }
      const status = async (token = '') => (await service.send('GET', '/v1/session', { token })).status
      expect(await status(tokens[0])).to.equal(401)
      expect(await status(tokens[1])).to.equal(401)
      expect(await status(tokens[2])).to.equal(200)
      expect((await withKey('GET', sessionsOf('ann'))).json['sessions']).to.have.lengthOf(10)
    })
  })

  it('asks for a service key', async () => {
    const token = await service.login()
    const paths = [
      ['POST', '/v1/introspect'],
      ['GET', '/v1/access-token'],
      ['GET', '/v1/users/o/sessions'],
      ['DELETE', '/v1/users/o/sessions'],
    ] as const
    for (const [method, path] of paths) {
      for (const credentials of [undefined, token, 'wrong', `${key}x`, key.slice(1)]) {
        const answer = await service.send(
          method,
          path,
          credentials === undefined ? {} : { token: credentials },
        )
        expectProblem(answer, 401, 'invalid_client', 'fix_request')
        const schemes = credentials === undefined ? /^Bearer, Basic realm="r3session"/ : /^Bearer$/
        expect(answer.headers.get('www-authenticate')).to.match(schemes)
      }
    }
  })

  it('does not exist without service keys, but for forward auth', async () => {
    const keyless = await startService()
    expectProblem(await keyless.send('POST', '/v1/introspect', { token: key }), 404, 'not_found')
    expectProblem(await keyless.send('GET', '/v1/access-token', { token: key }), 404, 'not_found')
    expectProblem(await keyless.send('DELETE', '/v1/users/o/sessions', { token: key }), 404, 'not_found')
    expectProblem(await keyless.send('GET', '/v1/auth'), 401, 'unauthorized')
    await keyless.close()
  })
})

describe('POST /v1/phone-number', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService({ env: { WECHAT_TIMEOUT: '300' } })
  })
  afterEach(() => service.close())
  const ask = (token: string, body: unknown) => service.send('POST', '/v1/phone-number', { token, body })
  const phonePath = '/wxa/business/getuserphonenumber'

  it("gives the number, having sent the session's openid along", async () => {
    const token = await service.login('ann')
    const answer = await ask(token, await service.weixin.phoneCode('ann'))
    expect(answer.status, answer.text).to.equal(200)
    expect(answer.json).to.have.all.keys('phoneNumber', 'purePhoneNumber', 'countryCode')
    expect(service.weixin.calls.at(-1)?.body).to.include({ openid: service.weixin.identity('ann').openid })
  })

  it('pays once for a code that is sent twice, and refuses it in the session of another', async () => {
    const [ann, bob] = [await service.login('ann'), await service.login('bob')]
    const body = await service.weixin.phoneCode('ann')
    const both = await Promise.all([ask(ann, body), ask(ann, body)])
    expect(both.map(({ status }) => status)).to.deep.equal([200, 200])
    expect((await ask(ann, body)).json).to.deep.equal(both[0]?.json)
    expectProblem(await ask(bob, body), 400, 'code_invalid', 'relogin')
    expect(service.weixin.paidCalls).to.equal(1)
  })

  it('says so when a login code is sent by mistake, and the login does the reverse', async () => {
    const token = await service.login('ann')
    const wrong = await ask(token, await service.weixin.login('ann'))
    expectProblem(wrong, 400, 'code_invalid')
    expect(wrong.json['detail']).to.match(/A code of wx\.login does not work here/)
    const reverse = await service.send('POST', '/v1/login', { body: await service.weixin.phoneCode('ann') })
    expectProblem(reverse, 400, 'code_invalid')
    expect(reverse.json['detail']).to.match(/A code of the phone button does not work here/)
  })

  it('refreshes an access_token that WeChat does not take, once, and repeats the call', async () => {
    const token = await service.login('ann')
    service.weixin.fail({ errcode: 42001, path: phonePath })
    expect((await ask(token, await service.weixin.phoneCode('ann'))).status).to.equal(200)
    service.weixin.fail({ errcode: 40001, path: phonePath, times: 2 })
    expectProblem(await ask(token, await service.weixin.phoneCode('ann')), 502, 'wechat_invalid_response')
  })

  it('fails as the contract says when there is no access_token, while logins go on', async () => {
    const token = await service.login('ann')
    service.weixin.fail({ errcode: 40164, path: '/cgi-bin/stable_token', times: 100 })
    expectProblem(await ask(token, await service.weixin.phoneCode('ann')), 502, 'wechat_misconfigured')
    expectProblem(await service.send('POST', '/v1/session/check', { token }), 502, 'wechat_misconfigured')
    await service.login('bob')
  })

  it('wants a session and a code', async () => {
    expectProblem(
      await service.send('POST', '/v1/phone-number', { body: { code: 'x' } }),
      401,
      'unauthorized',
    )
    expectProblem(await ask('0'.repeat(128), { code: 'x' }), 401, 'invalid_session')
    expectProblem(await ask(await service.login(), {}), 400, 'invalid_request')
  })
})

describe('the session_key over HTTP', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.close())
  const check = (token: string) => service.send('POST', '/v1/session/check', { token })
  const reset = (token: string) => service.send('POST', '/v1/session/reset-key', { token })

  it('is checked at WeChat', async () => {
    const token = await service.login('ann')
    expect((await check(token)).json).to.deep.equal({ valid: true })
    service.weixin.rotateKey('ann')
    expect((await check(token)).json).to.deep.equal({ valid: false })
    expect((await check(await service.login('ann'))).json).to.deep.equal({ valid: true })
  })

  it('is replaced, and data sealed with the new one opens', async () => {
    const token = await service.login('ann')
    const before = await service.weixin.userInfo('ann')
    const answer = await reset(token)
    expect(answer.status, answer.text).to.equal(204)
    expect((await check(token)).json).to.deep.equal({ valid: true })
    for (const body of [before, await service.weixin.userInfo('ann')]) {
      expect((await service.send('POST', '/v1/decrypt', { token, body })).status).to.equal(200)
    }
  })

  it('asks for a new login when it is dead', async () => {
    const token = await service.login('ann')
    service.weixin.rotateKey('ann')
    expectProblem(await reset(token), 401, 'invalid_session', 'relogin')
  })
})

describe('an Idempotency-Key', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.close())
  const login = (body: object, key?: string) =>
    service.call('POST', '/v1/login', {
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
    })

  it('makes a retry get its session, and costs one exchange', async () => {
    const body = await service.weixin.login('ann')
    const first = await login(body, 'attempt-1')
    const retry = await login(body, 'attempt-1')
    expect(retry.status).to.equal(201)
    expect(retry.json).to.deep.equal(first.json)
    expect(service.weixin.calls).to.have.lengthOf(1)
    expectProblem(await login(body, 'attempt-2'), 400, 'code_used', 'relogin')
    expectProblem(await login(body), 400, 'code_used')
  })

  it('of a hundred parallel logins with one code lets its owner in, once', async () => {
    const body = await service.weixin.login('ann')
    const keys = Array.from({ length: 100 }, (_, i) => ['mine', 'other', undefined][i % 3])
    const answers = await Promise.all(keys.map(async (key) => ({ key, answer: await login(body, key) })))
    const winners = answers.filter(({ answer }) => answer.status === 201)
    expect(new Set(winners.map(({ key }) => key)).size).to.equal(1)
    expect(new Set(winners.map(({ answer }) => answer.json['r3session'])).size).to.equal(1)
    for (const { answer } of answers) if (answer.status !== 201) expectProblem(answer, 400, 'code_used')
    expect(service.weixin.calls).to.have.lengthOf(1)
  })

  it('is visible ASCII', async () => {
    for (const key of ['with space', 'x'.repeat(256)]) {
      expectProblem(await login({ code: 'x' }, key), 400, 'invalid_request')
    }
  })
})

describe('several apps', () => {
  const [WXA, WXB] = ['wxaaaaaaaaaaaaaaaa', 'wxbbbbbbbbbbbbbbbb']
  const apps = [
    { appid: WXA, secret: 'secret-a' },
    { appid: WXB, secret: 'secret-b' },
  ]
  let service: RunningService
  beforeEach(async () => {
    service = await startService({ apps })
  })
  afterEach(() => service.close())
  const login = async (appid: string) => {
    const { json } = await service.send('POST', '/v1/login', {
      body: { ...(await service.weixin.login('ann', { appid })), appid },
    })
    return String(json['r3session'])
  }

  it('have users, sessions and keys of their own', async () => {
    const [a, b] = [await login(WXA), await login(WXB)]
    const session = async (token: string) => (await service.send('GET', '/v1/session', { token })).json
    expect(await session(a)).to.include({
      appid: WXA,
      openid: service.weixin.identity('ann', { appid: WXA }).openid,
    })
    expect(await session(b)).to.include({
      appid: WXB,
      openid: service.weixin.identity('ann', { appid: WXB }).openid,
    })
    const forB = await service.weixin.phone('ann', { appid: WXB })
    expectProblem(await service.send('POST', '/v1/decrypt', { token: a, body: forB }), 422, 'decrypt_failed')
    expect((await service.send('POST', '/v1/decrypt', { token: b, body: forB })).status).to.equal(200)
  })

  it('take no code of each other', async () => {
    const { code } = await service.weixin.login('ann', { appid: WXB })
    expectProblem(await service.send('POST', '/v1/login', { body: { code } }), 400, 'code_invalid')
    expectProblem(
      await service.send('POST', '/v1/login', { body: { code, appid: 'wxc' } }),
      400,
      'invalid_request',
    )
  })
})
