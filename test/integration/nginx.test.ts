import { expect } from 'chai'
import { caddy } from '../support/caddy.js'
import { freePort, type Gateway, nginx, type RunningGateway } from '../support/nginx.js'
import {
  type Answer,
  type RawHeader,
  type RecordingServer,
  respond,
  sendRaw,
  startRecordingServer,
} from '../support/recording-server.js'
import { type RunningService, startService } from '../support/start-service.js'

const SERVICE_KEY = 'k'.repeat(32)
const user = {
  'X-WX-OPENID': 'oUSER',
  'X-WX-APPID': 'wxAPP',
  'X-WX-UNIONID': 'uUSER',
  'X-WX-SOURCE': 'wx_client',
}
const bearer = (token: string): RawHeader => ['Authorization', `Bearer ${token}`]
const unavailable = { status: 503, code: 'overloaded', action: 'retry' }

/** Every way to write X-WX-<name> that some server takes for it (CGI, WSGI, Rack and PHP read `_` where we write `-`). */
const spellings = (name: string) =>
  ['-', '_', '.', '~', '+'].flatMap((mark) => [
    `X${mark}WX${mark}${name}`,
    `x-wx${mark}${name.toLowerCase()}`,
    `X${mark}Wx-${name}`,
  ])
const names =
  'OPENID APPID UNIONID SOURCE ENV FROM-OPENID FROM-APPID FROM-UNIONID CLOUDBASE-ACCESS-TOKEN NOT-INVENTED-YET'
const forged = names
  .split(' ')
  .flatMap((name) => [...spellings(name), `X-WX-${name}`].map((spelling): RawHeader => [spelling, 'forged']))

/** What a service could take for a word of WeChat's, names in upper case with dashes. */
function wechatHeaders(server: RecordingServer): Record<string, string> {
  const { headers = [] } = server.requests.at(-1) ?? {}
  const like = headers.map(([name, value]) => [name.toUpperCase().replace(/[^A-Z0-9]/g, '-'), value] as const)
  const found = like.filter(([name]) => name.includes('WX'))
  expect(new Set(found.map(([name]) => name)), 'each of them once').to.have.lengthOf(found.length)
  return Object.fromEntries(found)
}

for (const gateway of [nginx, caddy]) {
  const missing = gateway.installed ? '' : `, which is not installed here (apt-get install ${gateway.name})`
  describe(`services behind ${gateway.name}${missing}`, () => {
    before(function () {
      if (!gateway.installed) this.skip()
    })
    describe('with r3session', () => withR3session(gateway))
    describe('with anything in the place of r3session', () => withAnything(gateway))
  })
}

function withR3session(kind: Gateway): void {
  let r3session: RunningService
  let service: RecordingServer
  let gateway: RunningGateway

  before(async () => {
    r3session = await startService({ env: { SERVICE_KEYS: `test:${SERVICE_KEY}`, SESSION_TTL: '3600' } })
    service = await startRecordingServer(respond(200, {}, 'from the service'))
    gateway = await kind.start(new URL(r3session.url).host, service.host)
  })
  beforeEach(() => {
    service.requests.length = 0
  })
  after(async () => {
    // In this order: Caddy ends when its last request has.
    await r3session?.close()
    await service?.close()
    await gateway?.close()
  })

  const get = (headers: readonly RawHeader[]) => sendRaw(gateway.url, '/api/orders', { headers })

  /** The answer is r3session's own, and the service has heard nothing. */
  async function expectRefusal(headers: readonly RawHeader[], code: string, challenge: string) {
    const answer = await get(headers)
    expect(service.requests).to.deep.equal([])
    expect(answer.status).to.equal(401)
    expect(answer.headers['content-type']).to.match(/^application\/problem\+json/)
    expect(answer.headers['www-authenticate']).to.equal(challenge)
    expect(answer.headers['cache-control']).to.equal('no-store')
    const own = await sendRaw(r3session.url, '/v1/auth', { headers })
    const { requestId, ...problem } = JSON.parse(answer.text)
    const { requestId: _, ...ownProblem } = JSON.parse(own.text)
    expect(problem).to.deep.equal(ownProblem).and.to.include({ status: 401, code })
    expect(requestId)
      .to.match(/^[0-9a-f-]{32,36}$/)
      .and.to.equal(answer.headers['x-request-id'])
  }

  it('learn from the headers who is calling, and get no token', async () => {
    const token = await r3session.login('anna')
    const { openid, unionid } = r3session.weixin.identity('anna')
    const answer = await get([bearer(token)])
    expect(answer).to.include({ status: 200, text: 'from the service' })
    expect(wechatHeaders(service)).to.deep.equal({
      'X-WX-OPENID': openid,
      'X-WX-APPID': r3session.weixin.apps[0]?.appid,
      'X-WX-UNIONID': unionid,
      'X-WX-SOURCE': 'wx_client',
    })
    expect(JSON.stringify(service.requests)).not.to.include(token)
  })

  it('hear nothing from a caller without a session', async () => {
    await expectRefusal([], 'unauthorized', 'Bearer')
    await expectRefusal([['Authorization', 'Basic YTpi']], 'unauthorized', 'Bearer')
    await expectRefusal([bearer('0'.repeat(128))], 'invalid_session', 'Bearer error="invalid_token"')
    await expectRefusal([bearer('x'.repeat(30_000))], 'invalid_session', 'Bearer error="invalid_token"')
  })

  it('hear nothing from a session that has expired', async () => {
    const token = await r3session.login('ben')
    expect((await get([bearer(token)])).status).to.equal(200)
    service.requests.length = 0
    r3session.time.now += 3_600_001
    await expectRefusal([bearer(token)], 'invalid_session', 'Bearer error="invalid_token"')
  })

  it('hear nothing from a session from the moment it has ended', async () => {
    const token = await r3session.login('ben')
    expect((await get([bearer(token)])).status).to.equal(200)
    service.requests.length = 0
    const ended = await sendRaw(gateway.url, '/v1/session', { method: 'DELETE', headers: [bearer(token)] })
    expect(ended.status).to.equal(204)
    await expectRefusal([bearer(token)], 'invalid_session', 'Bearer error="invalid_token"')
  })

  it('hear nothing from a caller who names himself', async () => {
    await expectRefusal(forged, 'unauthorized', 'Bearer')
    await expectRefusal(Object.entries(user), 'unauthorized', 'Bearer')
  })

  it('tell a hundred callers at once apart', async () => {
    service.answer = (response, { headers }) => {
      response.end(headers.find(([name]) => name.toUpperCase() === 'X-WX-OPENID')?.[1])
    }
    const names = Array.from({ length: 10 }, (_, n) => `user ${n}`)
    const callers = await Promise.all(
      names.map(async (name) => ({ name, token: await r3session.login(name) })),
    )
    const calls = Array.from({ length: 10 }, () => callers).flat()
    const answers = await Promise.all(calls.map(({ token }) => get([bearer(token), ...forged.slice(0, 20)])))
    expect(answers.map(({ text }) => text)).to.deep.equal(
      calls.map(({ name }) => r3session.weixin.identity(name).openid),
    )
  })

  it('share the gateway with the login, which it lets through', async () => {
    const json: RawHeader = ['Content-Type', 'application/json']
    const { code } = await r3session.weixin.login('anna')
    const login = await sendRaw(gateway.url, '/v1/login', {
      method: 'POST',
      headers: [json],
      body: JSON.stringify({ code }),
    })
    expect(login.status, login.text).to.equal(201)
    const token = String(JSON.parse(login.text).r3session)
    const session = await sendRaw(gateway.url, '/v1/session', { headers: [bearer(token)] })
    expect(JSON.parse(session.text)).to.include({ openid: r3session.weixin.identity('anna').openid })

    const sealed = JSON.stringify(await r3session.weixin.userInfo('anna'))
    const headers = [json, bearer(token)]
    const opened = await sendRaw(gateway.url, '/v1/decrypt', { method: 'POST', headers, body: sealed })
    expect(opened.status, opened.text).to.equal(200)

    const tutorial = await r3session.weixin.login('anna')
    const bare = await sendRaw(gateway.url, `/user/getuserinfo?code=${tutorial.code}`)
    expect(bare.text).to.match(/^[0-9a-f]{128}$/)
    const chinese = await sendRaw(gateway.url, '/v1/session', { headers: [['Accept-Language', 'zh-CN']] })
    expect(JSON.parse(chinese.text)).to.include({ code: 'unauthorized', title: '未携带登录凭证' })
  })

  it('share the gateway with the tutorial, whose queries are long', async () => {
    const answer = await sendRaw(
      gateway.url,
      `/user/getuserunionid?r3session=a&iv=b&encryptedData=${'c'.repeat(60_000)}`,
    )
    expect(JSON.parse(answer.text)).to.include({ code: 'invalid_session' })
  })

  it('are all that can be reached besides', async () => {
    const session = bearer(await r3session.login('anna'))
    const inner =
      '/v1/introspect /v1/access-token /v1/users/o/sessions /v1/auth /metrics /readyz /healthz /docs /openapi.json /sandbox/login /_auth /'
    const targets = inner
      .split(' ')
      .flatMap((path) => [
        path,
        `/${path}`,
        `${path}/`,
        `${path}?a=/v1/login`,
        `/v1/login/..${path.replace(/^\/v1/, '')}`,
        `/v1/login/../..${path}`,
        `/v1/session/%2e%2e/%2e%2e${path}`,
        `/v1/session%2f..%2f..${path}`,
        `/api/..${path}`,
        `/api/%2e%2e${path}`,
        `${path}/../${'../'.repeat(path.split('/').length - 2)}v1/login`,
        `${path};/v1/login`,
        `${path}%23/../v1/login`,
        `${gateway.url}${path}`,
      ])
    const key = bearer(SERVICE_KEY)
    r3session.lines.length = 0
    for (const target of targets) {
      for (const [method, credentials] of [
        ['GET', key],
        ['GET', session],
        ['POST', key],
      ] as const) {
        const answer = await sendRaw(gateway.url, target, { method, headers: [credentials] })
        // What the gateway takes for a path of the services' they may well get, but as that path.
        if (service.requests.length > 0) {
          expect(service.requests.pop()?.target, target).to.match(/^\/api\//)
          continue
        }
        expect(answer.status, `${method} ${target}`).to.be.within(400, 499)
        const headers = Object.keys(answer.headers).filter((name) => name.startsWith('x-wx'))
        expect(headers, target).to.deep.equal([])
      }
    }
    // Where a path is odd and gets to r3session after all, it finds no route there.
    const routes = r3session.lines.map((line) => ('route' in line ? line.route : undefined))
    expect(routes.filter((route) => route !== 'none' && route !== '/v1/auth')).to.deep.equal([])
  }).timeout(30_000)
}

function withAnything(kind: Gateway): void {
  let r3session: RecordingServer
  let service: RecordingServer
  let gateway: RunningGateway

  before(async () => {
    r3session = await startRecordingServer(respond(200, user))
    service = await startRecordingServer(respond(200))
    gateway = await kind.start(r3session.host, service.host)
  })
  beforeEach(() => {
    r3session.answer = respond(200, user)
    service.answer = respond(200, {}, 'from the service')
    r3session.requests.length = 0
    service.requests.length = 0
  })
  after(async () => {
    await r3session?.close()
    await service?.close()
    await gateway?.close()
  })

  const get = (headers: readonly RawHeader[] = [bearer('token')]) =>
    sendRaw(gateway.url, '/api/orders', { headers })

  it('get the request whole, of which r3session sees neither body nor cookies', async () => {
    const body = JSON.stringify({ note: '你好'.repeat(10_000) })
    const headers: RawHeader[] = [
      bearer('token'),
      ['Content-Type', 'application/json'],
      ['Cookie', 'a=b'],
      ['Accept-Language', 'zh-CN'],
      ['Idempotency-Key', 'once'],
      ['X-Forwarded-For', '192.0.2.1'],
      ['X-Request-Id', 'forged'],
    ]
    const answer = await sendRaw(gateway.url, '/api/orders?a=%2f&b=%20', { method: 'PUT', headers, body })
    expect(answer.text).to.equal('from the service')

    const [asked] = r3session.requests
    expect(asked).to.include({ method: 'GET', target: '/v1/auth', body: '' })
    const names = asked?.headers.map(([name]) => name.toLowerCase())
    expect(names).to.include('authorization').and.not.include('cookie')
    expect(names).not.to.include('content-type').and.not.to.include('transfer-encoding')

    const [got] = service.requests
    expect(got).to.include({ method: 'PUT', target: '/api/orders?a=%2f&b=%20', body })
    const value = (name: string) => got?.headers.find((header) => header[0].toLowerCase() === name)?.[1]
    expect(value('content-type')).to.equal('application/json')
    expect(value('cookie')).to.equal('a=b')
    expect(value('accept-language')).to.equal('zh-CN')
    expect(value('idempotency-key')).to.equal('once')
    expect(value('x-forwarded-for')).to.equal('127.0.0.1')
    expect(value('x-request-id')).to.match(/^[0-9a-f-]{32,36}$/)
    expect(value('authorization')).to.equal(undefined)
  })

  it('get a body of unknown length, too', async () => {
    const headers: RawHeader[] = [bearer('token'), ['Transfer-Encoding', 'chunked']]
    await sendRaw(gateway.url, '/api/orders', { method: 'POST', headers, body: 'in pieces' })
    expect(r3session.requests[0]).to.include({ method: 'GET', body: '' })
    expect(service.requests[0]).to.include({ method: 'POST', body: 'in pieces' })
  })

  it('get large headers', async () => {
    const cookie = 'c'.repeat(30_000)
    service.answer = respond(200, { 'Set-Cookie': 'd'.repeat(12_000) })
    const answer = await get([bearer('token'), ['Cookie', cookie]])
    expect(answer.headers['set-cookie']).to.deep.equal(['d'.repeat(12_000)])
    expect(service.requests[0]?.headers.find(([name]) => name === 'Cookie')?.[1]).to.equal(cookie)
  })

  it('get what r3session says of the caller, and nothing that the caller says', async () => {
    for (const headers of [
      forged,
      [...forged, ...forged],
      Object.keys(user).map((name) => [name, 'forged'] as const),
    ]) {
      expect((await get([...headers, bearer('token'), ...headers])).status).to.equal(200)
      expect(wechatHeaders(service)).to.deep.equal(user)
    }
  })

  it('get no unionid that r3session does not know', async () => {
    const { 'X-WX-UNIONID': _, ...known } = user
    r3session.answer = respond(200, known)
    await get([bearer('token'), ...forged])
    expect(wechatHeaders(service)).to.deep.equal(known)
  })

  it('get what r3session says even when the caller has it dropped on the way', async () => {
    const drops = ['X-WX-UNIONID', 'close, X-WX-OPENID, X-WX-SOURCE', 'Keep-Alive,x-wx-openid']
    for (const drop of drops) {
      expect((await get([bearer('token'), ['Connection', drop], ['Keep-Alive', 'x']])).status).to.equal(200)
      expect(wechatHeaders(service)).to.deep.equal(user)
    }
    expect((await get([bearer('token'), ['Connection', 'Authorization']])).status).to.be.oneOf([200, 401])
  })

  it('answer for themselves', async () => {
    for (const status of [201, 204, 302, 401, 403, 404, 500, 503]) {
      service.answer = respond(status, { 'X-Own': 'yes' })
      const answer = await get()
      expect(answer.status).to.equal(status)
      expect(answer.headers).to.include({ 'x-own': 'yes' })
    }
    service.answer = (response) => response.destroy()
    expect((await get()).status).to.equal(502)
  })

  const doubts: Record<string, Answer> = {
    'with 500': respond(500, user),
    'with 502': respond(502, user),
    'with 503': respond(503, { ...user, 'Retry-After': '1' }),
    'with 404': respond(404, user),
    'with 403': respond(403, user),
    'with 429': respond(429, user),
    'with 302': respond(302, { ...user, location: '/' }),
    'with 304': respond(304, user),
    'with 204': respond(204, user),
    'with 201': respond(201, user),
    'with 206': respond(206, user),
    'with 200 and no user': respond(200),
    'with 200 and half a user': respond(200, { 'X-WX-OPENID': 'oUSER' }),
    'with 200 and another source': respond(200, { ...user, 'X-WX-SOURCE': 'wx_unknown' }),
    'with no HTTP': (response) => response.socket?.end('hello\r\n\r\n'),
    'with half a head': (response) => response.socket?.end('HTTP/1.1 200 OK\r\nX-WX-OPENID: oUS'),
    'by hanging up': (response) => response.destroy(),
    never: () => {},
  }
  for (const [how, answer] of Object.entries(doubts)) {
    it(`hear nothing while r3session answers ${how}`, async () => {
      r3session.answer = answer
      await expectUnavailable(gateway.url)
    })
  }

  it('hear nothing while r3session is down', async () => {
    const alone = await kind.start(`127.0.0.1:${await freePort()}`, service.host)
    await expectUnavailable(alone.url).finally(() => alone.close())
  })

  async function expectUnavailable(url: string) {
    const answer = await sendRaw(url, '/api/orders', {
      method: 'POST',
      headers: [bearer('token'), ...forged, ...Object.entries(user)],
      body: 'body',
    })
    expect(service.requests).to.deep.equal([])
    expect(answer.status, answer.text).to.equal(503)
    expect(JSON.parse(answer.text)).to.include(unavailable)
    expect(JSON.parse(answer.text).requestId).to.equal(answer.headers['x-request-id'])
    expect(answer.headers).to.include({
      'retry-after': '1',
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
    })
    expect(JSON.stringify(answer)).not.to.include('oUSER')
  }
}
