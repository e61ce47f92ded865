import { expect } from 'chai'
import {
  bearer,
  describeEachGateway,
  forged,
  SERVICE_KEY,
  user,
  wechatHeaders,
} from '../../support/service/gateways.js'
import type { Gateway, RunningGateway } from '../../support/service/nginx.js'
import {
  type RawHeader,
  type RecordingServer,
  respond,
  sendRaw,
  startRecordingServer,
} from '../../support/service/recording-server.js'
import { type RunningService, startService } from '../../support/service/start-service.js'

describeEachGateway('with r3session', withR3session)

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
  }).timeout(120_000)
}
