import { METHODS } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

describe('a gateway that asks /v1/auth', () => {
  let service: RunningService
  let token: string
  let openid: string
  before(async () => {
    service = await startService({ env: { SERVICE_KEYS: `orders:${'k'.repeat(32)}` } })
    token = await service.login('ann')
    openid = service.weixin.identity('ann').openid
  })
  after(() => service.close())

  /** What comes back for these very bytes. */
  async function raw(request: string): Promise<string> {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1')
    socket.write(request)
    return text(socket)
  }
  const head = (method: string, path: string, more = '') =>
    `${method} ${path} HTTP/1.1\r\nHost: r3session\r\nConnection: close\r\n${more}`
  const bearer = (value = token) => `Authorization: Bearer ${value}\r\n`

  // CONNECT never becomes a request.
  const methods = METHODS.filter((method) => method !== 'CONNECT')

  it('with the method of the request is answered as by GET, also where there is no such route', async () => {
    for (const method of methods) {
      const known = await raw(`${head(method, '/v1/auth', bearer())}\r\n`)
      expect(known, method).to.match(/^HTTP\/1\.1 200 OK\r\n/)
      expect(known, method).to.include(`\r\nX-WX-OPENID: ${openid}\r\n`)
      expect(known, method)
        .to.include('\r\nX-WX-SOURCE: wx_client\r\n')
        .and.match(/\r\n\r\n$/)
      for (const credentials of ['', bearer('0'.repeat(128)), 'Authorization: Basic YTpi\r\n']) {
        const unknown = await raw(`${head(method, '/v1/auth', credentials)}\r\n`)
        expect(unknown, method).to.match(/^HTTP\/1\.1 401 /)
        expect(unknown, method).not.to.match(/x-wx-/i)
      }
    }
  })

  it('with the path of the request appended is answered alike', async () => {
    for (const path of [
      '/v1/auth/',
      '/v1/auth/api/orders',
      '/v1/auth/api/orders?user=1&x=%zz',
      '/v1/auth//',
      '/v1/auth/..hidden/a..b/...',
      '/v1/auth/%00%ff%zz',
      '/v1/auth/v1/auth',
      '/v1/auth?x',
      `/v1/auth/${'a/'.repeat(2000)}`,
    ]) {
      for (const method of ['GET', 'POST', 'DELETE', 'HEAD', 'OPTIONS']) {
        const known = await raw(`${head(method, path, bearer())}\r\n`)
        expect(known, `${method} ${path}`).to.match(/^HTTP\/1\.1 200 /)
        expect(known).to.include(`\r\nX-WX-OPENID: ${openid}\r\n`)
        const unknown = await raw(`${head(method, path)}\r\n`)
        expect(unknown, `${method} ${path}`).to.match(/^HTTP\/1\.1 401 /)
      }
    }
  })

  it('finds nothing at paths that only look like it', async () => {
    for (const path of [
      '/v1/authx',
      '/v1/auth.',
      '/v1/Auth',
      '/v1/Auth/',
      '/v1/auth%2F',
      '/v1/auth;x',
      '//v1/auth',
    ]) {
      for (const method of ['GET', 'POST', 'HEAD']) {
        const { status } = await service.call(method, path, { headers: { authorization: `Bearer ${token}` } })
        expect(status, `${method} ${path}`).to.equal(404)
      }
    }
  })

  it('finds nothing at paths that a proxy may have taken for others', async () => {
    for (const path of [
      '/v1/auth/../login',
      '/v1/auth/..',
      '/v1/auth/.',
      '/v1/auth/./x',
      '/v1/auth/x/../../login',
      '/v1/auth/%2e%2E/login',
      '/v1/auth/.%2e/login',
      '/v1/auth/..%2flogin',
      '/v1/auth/x%2F..%2F..%2Flogin',
      '/v1/auth/..\\login',
      '/v1/auth/..%5Clogin',
      '/v1/auth/..;/login',
    ]) {
      for (const method of ['GET', 'POST', 'HEAD']) {
        const answer = await raw(`${head(method, path, bearer())}\r\n`)
        expect(answer, `${method} ${path}`).to.match(/^HTTP\/1\.1 404 /)
        expect(answer, `${method} ${path}`).not.to.match(/x-wx-/i)
      }
    }
  })

  it('may send any body along: it is not read, and the connection goes on', async () => {
    const bodies = [
      ['Content-Length: 5\r\nContent-Type: application/json\r\n', '{"a":'],
      ['Content-Length: 4\r\nContent-Encoding: gzip\r\n', 'nope'],
      ['Transfer-Encoding: chunked\r\n', '3\r\nabc\r\n0\r\n\r\n'],
      ['Content-Length: 3000000\r\n', 'x'.repeat(3_000_000)],
    ] as const
    for (const [headers, body] of bodies) {
      const first = `POST /v1/auth/x HTTP/1.1\r\nHost: r3session\r\n${bearer()}${headers}\r\n${body}`
      const answers = await raw(`${first}${head('GET', '/v1/auth', bearer('x'))}\r\n`)
      const statuses = [...answers.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status)
      expect(statuses, headers).to.deep.equal(['200', '401'])
    }
  })

  it('is answered before a body that never comes', async () => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1')
    socket.write(`${head('PUT', '/v1/auth', `${bearer()}Content-Length: 100\r\n`)}\r\n`)
    const [first] = await new Promise<Buffer[]>((resolve) => socket.once('data', (...data) => resolve(data)))
    socket.destroy()
    expect(String(first)).to.match(/^HTTP\/1\.1 200 /)
  })

  it('appears in the log under one route, without the path of the request', async () => {
    const from = service.lines.length
    await service.call('PATCH', '/v1/auth/api/private?code=abc', {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(service.lines.slice(from)).to.have.lengthOf(1)
    expect(service.lines.at(-1)).to.include({ method: 'PATCH', route: '/v1/auth', status: 200 })
    expect(JSON.stringify(service.lines.at(-1))).not.to.match(/private|abc/)
  })

  it('is the only route that takes every method: others say which they have', async () => {
    const wrong = [
      ['GET', '/v1/login', 'POST'],
      ['PUT', '/v1/session', 'DELETE, GET, HEAD'],
      ['GET', '/v1/introspect', 'POST'],
      ['OPTIONS', '/v1/users/o/sessions', 'DELETE, GET, HEAD'],
    ] as const
    for (const [method, path, allow] of wrong) {
      const answer = await service.call(method, path)
      expectProblem(answer, 405, 'method_not_allowed')
      expect(answer.headers.get('allow')).to.equal(allow)
    }
    expectProblem(await service.call('GET', '/v1/session/x'), 404, 'not_found')
  })

  it('is documented as one GET that says so', async () => {
    const { json } = await service.call('GET', '/openapi.json')
    const paths = Object.entries(json['paths'] as Record<string, Record<string, { description?: string }>>)
    const auth = paths.filter(([path]) => path.startsWith('/v1/auth'))
    expect(auth.map(([path, byMethod]) => [path, Object.keys(byMethod)])).to.deep.equal([
      ['/v1/auth', ['get']],
    ])
    expect(auth[0]?.[1]['get']?.description).to.match(/Every method/)
    expect((await service.call('GET', '/docs')).text).to.match(/Every method and every path/)
  })
})
