import { expect } from 'chai'
import {
  bearer,
  describeEachGateway,
  forged,
  unavailable,
  user,
  wechatHeaders,
} from '../../support/service/gateways.js'
import { freePort, type Gateway, type RunningGateway } from '../../support/service/nginx.js'
import {
  type Answer,
  type RawHeader,
  type RecordingServer,
  respond,
  sendRaw,
  startRecordingServer,
} from '../../support/service/recording-server.js'

describeEachGateway('with anything in the place of r3session', withAnything)

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
