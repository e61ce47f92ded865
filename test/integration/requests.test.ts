import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { openRaw } from '../support/raw-socket.js'
import { expectProblem, type RunningService, startService } from '../support/start-service.js'

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

  it('is refused when its body is no JSON object', async () => {
    for (const body of [
      '{',
      '[]',
      '["code"]',
      '"code"',
      '1',
      'null',
      'true',
      'code',
      '{"code":"a"}}',
      '\u0000',
    ]) {
      expectProblem(await post('/v1/login', body), 400, 'invalid_request', 'fix_request')
    }
  })

  it('is refused when its body is too deep to be honest', async () => {
    const deep = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`
    const answer = await post('/v1/login', deep(7_000))
    expectProblem(answer, 400, 'invalid_request')
    expect(answer.json['detail']).to.match(/deeper than 32/)
    expect((await post('/v1/login', deep(31))).json['detail']).to.equal('The field code is missing.')
    expectProblem(
      await post('/v1/login', `${'{"a":'.repeat(2_500)}1${'}'.repeat(2_500)}`),
      400,
      'invalid_request',
    )
  })

  it('is refused when its body is not UTF-8', async () => {
    const answer = await post('/v1/login', new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]))
    expectProblem(answer, 400, 'invalid_request')
    expect(answer.json['detail']).to.match(/UTF-8/)
    expectProblem(await post('/user/getuserinfo', new Uint8Array([0x61, 0xc3])), 400, 'invalid_request')
  })

  it('may have 16 KiB of body, or 64 KiB where encryptedData goes', async () => {
    const token = await service.login()
    const sized = (size: number) => JSON.stringify({ x: 'a'.repeat(size - 8) })
    expect(sized(16_384)).to.have.lengthOf(16_384)
    expectProblem(await post('/v1/login', sized(16_384)), 400, 'invalid_request')
    expectProblem(await post('/v1/login', sized(16_385)), 413, 'body_too_large', 'fix_request')
    expectProblem(await post('/user/getuserinfo', sized(16_385)), 413, 'body_too_large')
    const authorization = `Bearer ${token}`
    expectProblem(await post('/v1/decrypt', sized(65_536), { authorization }), 400, 'invalid_request')
    expectProblem(await post('/v1/decrypt', sized(65_537), { authorization }), 413, 'body_too_large')
    expectProblem(await post('/user/getuserunionid', sized(65_537)), 413, 'body_too_large')
  })

  it('is measured by what arrives, not by what it announces', async () => {
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(`{"x":"${'a'.repeat(20_000)}"}`))
        controller.close()
      },
    })
    const init: RequestInit & { duplex: 'half' } = {
      headers: { 'content-type': 'application/json' },
      body: stream,
      duplex: 'half',
    }
    expectProblem(await service.call('POST', '/v1/login', init), 413, 'body_too_large')
  })

  it('is plain JSON in UTF-8: other types, charsets and encodings are unsupported', async () => {
    const body = '{"code":"x"}'
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/xml',
      'application/jsonx',
      'x',
    ]) {
      expectProblem(
        await post('/v1/login', body, { 'content-type': type }),
        415,
        'unsupported_media_type',
        'fix_request',
      )
    }
    expectProblem(
      await service.call('POST', '/v1/login', { body: Buffer.from(body) }),
      415,
      'unsupported_media_type',
    )
    expectProblem(
      await post('/v1/login', body, { 'content-type': 'application/json; charset=gbk' }),
      415,
      'unsupported_media_type',
    )
    expectProblem(
      await post('/v1/login', gzipSync(body), { 'content-encoding': 'gzip' }),
      415,
      'unsupported_media_type',
    )
    expectProblem(
      await post('/user/getuserinfo', gzipSync('code'), { 'content-encoding': 'gzip' }),
      415,
      'unsupported_media_type',
    )
    for (const type of ['application/json; charset=UTF-8', 'application/vnd.api+json', 'APPLICATION/JSON']) {
      expectProblem(await post('/v1/login', body, { 'content-type': type }), 400, 'code_invalid')
    }
  })

  it('without a body lacks its fields', async () => {
    const answer = await service.call('POST', '/v1/login')
    expectProblem(answer, 400, 'invalid_request')
    expect(answer.json['detail']).to.equal('The field code is missing.')
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
    const answer = await service.send('GET', '/v1/session?token=canary', { token: '0'.repeat(128) })
    await service.call('GET', '/canary')
    await service.login()
    const [session, unknown, login] = service.lines.slice(from)
    expect(session).to.include({ method: 'GET', route: '/v1/session', status: 401, code: 'invalid_session' })
    expect(session).to.have.property('requestId', answer.headers.get('x-request-id'))
    expect(session).to.have.property('ms').that.is.a('number')
    expect(unknown).to.include({ route: 'none', status: 404 })
    expect(login).to.include({ method: 'POST', route: '/v1/login', status: 201 })
    expect(service.lines.slice(from)).to.have.lengthOf(3)
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
      400: [await say('nonsense\r\n\r\n'), await say(`GET http://[ HTTP/1.1\r\nHost: x\r\n${end}`)],
      404: [
        await say(`GET /x HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n${end}`),
        await say(`GET /x HTTP/1.1\r\n${end}`),
      ],
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
    expect((await post('/v1/login', json(200))).json['detail']).to.equal('The field code is missing.')
    const inText = JSON.stringify({ rawData: '"{[,\\'.repeat(1_000) })
    expect((await post('/v1/login', inText)).json['detail']).to.equal('The field code is missing.')
  })

  it('is refused when its body comes in thousands of crumbs, and not for being cut in pieces', async () => {
    const { port } = new URL(service.url)
    const head =
      'POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n'
    const crumbs = await openRaw(Number(port), `${head}\r\n${'1\r\n \r\n'.repeat(5_000)}`)
    const answer = await crumbs.closed
    expect(answer)
      .to.match(/^HTTP\/1\.1 400 /)
      .and.to.include('invalid_request')
    const pieces = `${`64\r\n${' '.repeat(100)}\r\n`.repeat(100)}2\r\n{}\r\n0\r\n\r\n`
    const cut = await openRaw(Number(port), `${head}Connection: close\r\n\r\n${pieces}`)
    expect(await cut.closed).to.include('The field code is missing.')
  })

  it('with two Hosts, or one that is none, is refused', async () => {
    const { port } = new URL(service.url)
    const bad = [
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

describe('the probes', () => {
  it('say that the process is alive and ready', async () => {
    const service = await startService()
    expect((await service.call('GET', '/healthz')).json).to.deep.equal({ status: 'ok' })
    expect((await service.call('GET', '/readyz')).json).to.deep.equal({ status: 'ready' })
    expect((await service.call('HEAD', '/readyz')).status).to.equal(200)
    await service.close()
  })

  it('say what is missing when the store is gone, while the process stays alive', async () => {
    const service = await startService()
    await service.service.close()
    expectProblem(await service.call('GET', '/readyz'), 503, 'storage_unavailable', 'retry')
    expect((await service.call('GET', '/healthz')).status).to.equal(200)
    await service.close()
  })
})

describe('the log of the probes', () => {
  it('has their successes at debug only, and every failure', async () => {
    const levels: string[] = []
    const level = (name: string) => (fields: object) => {
      if ('route' in fields) levels.push(`${name} ${fields.route}`)
    }
    const log = { debug: level('debug'), info: level('info'), error: level('error') }
    const service = await startService({ log })
    for (const path of ['/healthz', '/readyz', '/openapi.json']) await service.call('GET', path)
    await service.call('POST', '/healthz')
    await service.service.close()
    await service.call('GET', '/readyz')
    expect(levels).to.deep.equal([
      'debug /healthz',
      'debug /readyz',
      'info /openapi.json',
      'info none',
      'error /readyz',
    ])
    await service.close()
  })
})

describe('a service without its store', () => {
  it('never says yes and never says 204', async () => {
    const service = await startService()
    const token = await service.login()
    await service.service.close()
    const { send } = service
    expectProblem(await send('GET', '/v1/session', { token }), 503, 'storage_unavailable', 'retry')
    expectProblem(await send('DELETE', '/v1/session', { token }), 503, 'storage_unavailable')
    expectProblem(
      await send('POST', '/v1/login', { body: await service.weixin.login() }),
      503,
      'storage_unavailable',
    )
    expectProblem(
      await send('POST', '/v1/decrypt', { token, body: await service.weixin.userInfo() }),
      503,
      'storage_unavailable',
    )
    await service.close()
  })
})

describe('a service that is stopping', () => {
  it('refuses new work and closes the connection', async () => {
    const service = await startService()
    service.service.stop()
    const answer = await service.call('GET', '/v1/session')
    expectProblem(answer, 503, 'overloaded', 'retry')
    expect(answer.headers.get('connection')).to.equal('close')
    await service.close()
  })
})
