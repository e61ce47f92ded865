import { connect } from 'node:net'
import { expect } from 'chai'
import { openRaw } from '../../support/service/raw-socket.js'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

describe('every request', () => {
  let service: RunningService
  before(async () => {
    service = await startService()
  })
  after(() => service.close())

  const post = (path: string, body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}) =>
    service.call('POST', path, { headers: { 'content-type': 'application/json', ...headers }, body })

  it('to an unknown path is not_found, whatever the path holds', async () => {
    const paths = [
      '/nope',
      '/v1',
      '/v1/login/',
      '/V1/login',
      '/v1//login',
      '/%',
      '/%ff',
      '/v1/login%00',
      '/v1/%6cogin',
      '//',
    ]
    for (const path of paths) expectProblem(await service.call('GET', path), 404, 'not_found', 'fix_request')
  })

  it('to a target that no target may be is an invalid_request', async () => {
    const port = Number(new URL(service.url).port)
    const quotes = '"'.repeat(3000)
    for (const target of [
      '/v1/session#',
      `/v1/session?${quotes}#a`,
      'http://[',
      'x:1',
      `http://x/${quotes}`,
    ]) {
      const { closed } = await openRaw(port, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      expect(await closed, target).to.match(/^HTTP\/1\.1 400 [\s\S]*"code":"invalid_request"/)
    }
  })

  it('may name the whole URL', async () => {
    const port = Number(new URL(service.url).port)
    const to = async (target: string) =>
      (await openRaw(port, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).closed
    expect(await to('http://x:1/healthz?a=b')).to.match(/^HTTP\/1\.1 200 /)
    expect(await to('http://x/v1/auth/../healthz')).to.match(/^HTTP\/1\.1 404 /)
    expect(await to('http://x?a')).to.match(/^HTTP\/1\.1 404 /)
  })

  it('to a path far longer than any of ours is not_found', async () => {
    for (const path of [`/v1/users/${'%41'.repeat(350)}/sessions`, `/${'/'.repeat(15_000)}`]) {
      expectProblem(await service.call('DELETE', path), 404, 'not_found')
    }
  })

  it('with a method the path does not have is told which it has', async () => {
    const allowed = {
      '/v1/login': 'POST',
      '/v1/session': 'DELETE, GET, HEAD',
      '/healthz': 'GET, HEAD',
      '/user/getuserinfo': 'GET, POST',
    }
    for (const [path, allow] of Object.entries(allowed)) {
      for (const method of ['PUT', 'PATCH', 'OPTIONS', 'PROPFIND']) {
        const answer = await service.call(method, path)
        expectProblem(answer, 405, 'method_not_allowed', 'fix_request')
        expect(answer.headers.get('allow')).to.equal(allow)
      }
    }
  })

  it('is answered in the language the client asks for, with the same code', async () => {
    const ask = (language: string) =>
      service
        .call('GET', '/v1/session', { headers: { 'accept-language': language } })
        .then(({ json }) => json['title'])
    expect(await ask('zh-CN,zh;q=0.9,en;q=0.8')).to.equal('未携带登录凭证')
    expect(await ask('zh-TW')).to.equal('未携带登录凭证')
    expect(await ask('en-GB, zh;q=0.1')).to.equal('No credentials were sent')
    expect(await ask('fr')).to.equal('No credentials were sent')
    expect(await ask('\t;;q=x,,')).to.equal('No credentials were sent')
  })

  it('has an id of its own, or the hexadecimal one a proxy gave it', async () => {
    const idFor = async (given: string) =>
      (await service.call('GET', '/healthz', { headers: { 'x-request-id': given } })).headers.get(
        'x-request-id',
      )
    const [one, other] = [await idFor('x'), await idFor('x')]
    expect(one).to.not.equal(other)
    expect(await idFor('0123456789abcdef0123456789abcdef')).to.equal('0123456789abcdef0123456789abcdef')
    for (const foreign of ['short', 'a'.repeat(128), 'not-hexadecimal-at-all', 'deadbeefdeadbeef<script>']) {
      expect(await idFor(foreign)).to.match(/^[0-9a-f-]{36}$/)
    }
  })

  it('leaves one line in the log: what, how long, how it ended', async () => {
    const from = service.lines.length
    // The audit and advice have lines of their own.
    const lines = () => service.lines.slice(from).filter((line) => 'route' in line)
    const answer = await service.send('GET', '/v1/session?token=canary', { token: '0'.repeat(128) })
    await service.call('GET', '/canary')
    await service.login()
    const [session, unknown, login] = lines()
    expect(session).to.include({ method: 'GET', route: '/v1/session', status: 401, code: 'invalid_session' })
    expect(session).to.have.property('requestId', answer.headers.get('x-request-id'))
    expect(session).to.have.property('ms').that.is.a('number')
    expect(unknown).to.include({ route: 'none', status: 404 })
    expect(login).to.include({ method: 'POST', route: '/v1/login', status: 201 })
    expect(lines()).to.have.lengthOf(3)
  })

  it('that is not HTTP gets a short answer and does no harm', async () => {
    const { port } = new URL(service.url)
    const say = (bytes: string) =>
      new Promise<string>((resolve) => {
        let answer = ''
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes))
        socket.on('data', (chunk) => {
          answer += chunk
        })
        socket.on('close', () => resolve(answer))
        socket.on('error', () => resolve(answer))
      })
    const end = 'Connection: close\r\n\r\n'
    const answers = {
      400: [
        await say('nonsense\r\n\r\n'),
        await say(`GET http://[ HTTP/1.1\r\nHost: x\r\n${end}`),
        await say(`GET /x HTTP/1.1\r\n${end}`),
      ],
      404: [await say(`GET /x HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n${end}`)],
      405: [await say('CONNECT example.com:80 HTTP/1.1\r\nHost: x\r\n\r\n')],
      413: [await say(`GET /${'a'.repeat(90_000)} HTTP/1.1\r\nHost: x\r\n\r\n`)],
    }
    for (const [status, texts] of Object.entries(answers)) {
      for (const text of texts) {
        expect(text.slice(0, 12)).to.equal(`HTTP/1.1 ${status}`)
        expect(text).to.match(/\r\nX-Request-Id: [0-9a-f-]{36}\r\n/i)
        expect(text).to.match(/\r\nCache-Control: no-store\r\n/i)
        expect(text).to.match(/\r\nContent-Type: application\/problem\+json/i)
      }
    }
    expect((await service.call('GET', '/healthz')).status).to.equal(200)
  })

  it('has little room for URL and headers, but for the GET that carries sealed data', async () => {
    const long = 'a'.repeat(17_000)
    const large: [string, string, Record<string, string>][] = [
      ['GET', '/v1/session', { 'accept-language': 'a,'.repeat(8_500) }],
      ['GET', '/v1/session', { cookie: long }],
      ['GET', `/v1/session?${long}`, {}],
      ['GET', `/${long}`, {}],
      ['GET', `/user/getuserinfo?code=${long}`, {}],
      ['POST', `/user/getuserunionid?iv=${long}`, {}],
      ['GET', '/user/getuserunionid?iv=x', { cookie: long }],
      ['GET', '/v1/session', Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`x-${n}`, '']))],
    ]
    for (const [method, path, headers] of large) {
      expectProblem(await service.call(method, path, { headers }), 413, 'body_too_large', 'fix_request')
    }
  })

  it('is refused when it has far too many fields, in a query, a form or JSON', async () => {
    const names = (count: number) => Array.from({ length: count }, (_, n) => `n${n}=`).join('&')
    const many = /far too many fields/
    expect((await service.call('GET', `/user/getuserunionid?${names(101)}`)).json['detail']).to.match(many)
    expect((await service.call('GET', `/user/getuserinfo?${names(101)}`)).json['detail']).to.match(many)
    const json = (count: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [n, 1])))
    expect((await post('/v1/login', json(600))).json['detail']).to.match(many)
    expect((await post('/v1/login', json(200))).json['detail']).to.equal(
      'The field code is missing. See /docs#error-invalid_request.',
    )
    const inText = JSON.stringify({ rawData: '"{[,\\'.repeat(1_000) })
    expect((await post('/v1/login', inText)).json['detail']).to.equal(
      'The field code is missing. See /docs#error-invalid_request.',
    )
  })

  it('with no Host, two, or one that is none, is refused', async () => {
    const { port } = new URL(service.url)
    const bad = [
      'Accept: */*',
      'Host: x\r\nHost: x',
      'Host: x\r\nhost: y',
      'Host: a b',
      'Host: x/y',
      'Host: x@y',
      'Host: x:port',
      'Host: [x',
    ]
    for (const fields of bad) {
      const { closed } = await openRaw(
        Number(port),
        `GET /healthz HTTP/1.1\r\n${fields}\r\nConnection: close\r\n\r\n`,
      )
      const answer = await closed
      expect(answer, fields).to.match(/^HTTP\/1\.1 400 .*application\/problem\+json/s)
      expect(answer)
        .to.match(/X-Request-Id: [0-9a-f-]{36}/)
        .and.to.include('Cache-Control: no-store')
    }
    for (const host of ['x', 'my_host:3000', '127.0.0.1:1', '[::1]:3000', '']) {
      const { closed } = await openRaw(
        Number(port),
        `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      )
      expect(await closed, host).to.match(/^HTTP\/1\.1 200 /)
    }
    const { closed } = await openRaw(Number(port), 'GET /healthz HTTP/1.0\r\n\r\n')
    expect(await closed, 'HTTP/1.0').to.match(/^HTTP\/1\.1 200 /)
  })

  it('is read by what its language header says first', async () => {
    const title = async (language: string) =>
      (await service.call('GET', '/v1/session', { headers: { 'accept-language': language } })).json['title']
    expect(await title(`zh,${'fr,'.repeat(200)}`)).to.equal('未携带登录凭证')
    expect(await title(`${'fr,'.repeat(200)}zh`)).to.equal('No credentials were sent')
  })

  it('may have any number of blanks around its token', async () => {
    const authorization = `Bearer   ${await service.login()}  `
    expect((await service.call('GET', '/v1/session', { headers: { authorization } })).status).to.equal(200)
  })

  it('may come with a query of 40 KB, as the sealed data of a GET can be', async () => {
    const answer = await service.call(
      'GET',
      `/user/getuserunionid?r3session=0&iv=x&encryptedData=${'A'.repeat(40_000)}`,
    )
    expectProblem(answer, 401, 'invalid_session')
  })
})
