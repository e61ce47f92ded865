import { gzipSync } from 'node:zlib'
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

  it('is refused when its content type is longer than any honest one', async () => {
    const body = '{"code":"a"}'
    const type = (length: number) => `application/json; a=${'b'.repeat(length - 20)}`
    expect((await post('/v1/login', body, { 'content-type': type(256) })).json['code']).to.equal(
      'code_invalid',
    )
    expectProblem(
      await post('/v1/login', body, { 'content-type': type(257) }),
      415,
      'unsupported_media_type',
      'fix_request',
    )
  })

  it('is refused when its body is too deep to be honest', async () => {
    const deep = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`
    const answer = await post('/v1/login', deep(7_000))
    expectProblem(answer, 400, 'invalid_request')
    expect(answer.json['detail']).to.match(/deeper than 32/)
    expect((await post('/v1/login', deep(31))).json['detail']).to.equal(
      'The field code is missing. See /docs#error-invalid_request.',
    )
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
    expect(answer.json['detail']).to.equal('The field code is missing. See /docs#error-invalid_request.')
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
})
