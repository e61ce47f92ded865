import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import type { ErrorCode } from '#src/domain/errors.js'
import {
  answer,
  type Behaviour,
  drip,
  hang,
  json,
  padded,
  raw,
  reset,
  withFaultyServer,
} from '../../support/wechat/faulty-server.js'
import {
  appid,
  causeOf,
  code,
  deadlineFor,
  expectNoCanary,
  gatewayTo,
  openid,
  secret,
  sessionKey,
  success,
} from '../../support/wechat/http-exchange.js'
import { failure } from '../wechat-gateway.js'

describe('createHttpWechat asks once and then fails with', () => {
  const server = withFaultyServer()

  /** One fault: its name, what the server does, and what the log gets to see of it. */
  type Fault = [name: string, behaviour: Behaviour, cause: RegExp]

  function failsWith(expected: ErrorCode, faults: Fault[]): void {
    for (const [name, behaviour, cause] of faults) {
      it(`${expected} at ${name}`, async () => {
        server().meets(behaviour)
        const error = await failure(gatewayTo(server().url, deadlineFor(expected)).exchangeCode(appid, code))
        expect(error.code).to.equal(expected)
        expect(causeOf(error)).to.match(cause)
        expectNoCanary(error)
        await server().idle()
        expect(server().requests).to.have.length(1)
        expect(server().connections()).to.equal(1)
      })
    }
  }

  const text = JSON.stringify(success)
  const html = `<html>${code} ${secret} ${sessionKey}</html>`
  const sized = 'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n'
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
  const upgrade = 'HTTP/1.1 101 -\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
  const longHeader = `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(1e6)}\r\n\r\n`

  const silent: Fault[] = [
    ['silence', hang(), /^deadline passed$/],
    ['silence after the headers', hang(sized), /^deadline passed$/],
    ['headers that never end', drip('HTTP/1.1 200 OK\r\n', 'X-Y: z\r\n'), /^deadline passed$/],
    ['a body that drips', drip(sized, text), /^deadline passed$/],
    ['early hints without end', drip('', 'HTTP/1.1 103 -\r\n\r\n'), /^deadline passed$/],
    ['another protocol', hang(upgrade), /^deadline passed$/],
  ]
  failsWith('wechat_timeout', silent)

  failsWith('wechat_invalid_response', [
    ['a reset', reset(), /^ECONNRESET$/],
    ['a reset within the headers', reset('HTTP/1.1 200 OK\r\nX-'), /^ECONNRESET$/],
    ['a reset after the headers', reset(sized), /^ECONNRESET$/],
    ['an end without an answer', raw(''), /^ECONNRESET$/],
    ['half a body', raw(`${sized}{"openid":`), /^ECONNRESET$/],
    ['chunks without a last one', raw(`${chunked}2\r\n{}\r\n`), /^ECONNRESET$/],
    ['a broken chunk', raw(`${chunked}zz\r\n${html}`), /^HPE_[A-Z_]+$/],
    ['no HTTP at all', raw(`SSH-2.0-OpenSSH ${html}\r\n`), /^HPE_[A-Z_]+$/],
    ['headers of 1 MB', raw(longHeader), /^HPE_HEADER_OVERFLOW$/],
    ['a redirect', answer('', 302, 'Location: /elsewhere'), /^HTTP 302$/],
    ['a success with status 201', answer(text, 201), /^HTTP 201$/],
    ['no content', raw('HTTP/1.1 204 -\r\n\r\n'), /^HTTP 204$/],
    ['404', answer(html, 404), /^HTTP 404$/],
    ['429', answer('{"errcode":-1}', 429, 'Retry-After: 1'), /^HTTP 429$/],
    ['502', answer(html, 502), /^HTTP 502$/],
    ['503 and a body that never comes', hang(sized.replace('200', '503')), /^HTTP 503$/],
    ['HTML', answer(html), /^not JSON$/],
    ['nothing', answer(''), /^not JSON$/],
    ['half a JSON', answer(`{"openid":"${openid}","session_key":"${sessionKey}`), /^not JSON$/],
    ['two JSONs', answer(text.repeat(2)), /^not JSON$/],
    ['a JSON of mere depth', answer('['.repeat(60_000)), /^not JSON$/],
    ['gzip', answer(gzipSync(text), 200, 'Content-Encoding: gzip'), /^not UTF-8$/],
    ['bad UTF-8', answer(Buffer.from(JSON.stringify({ ...success, x: 'é' }), 'latin1')), /^not UTF-8$/],
    ['a byte more than 64 KiB', padded(success, 64 * 1024 + 1), /^larger than 64 KiB$/],
    ['an array', json([success]), /^not a JSON object$/],
    ['a string', json('openid'), /^not a JSON object$/],
    ['null', json(null), /^not a JSON object$/],

    ['an empty object', json({}), /openid$/],
    ['errcode 0 and no payload', json({ errcode: 0, errmsg: 'ok' }), /openid$/],
    ['a number as openid', json({ ...success, openid: 1 }), /openid$/],
    ['an empty openid', json({ ...success, openid: '' }), /openid$/],
    ['an openid of 65 characters', json({ ...success, openid: 'o'.repeat(65) }), /openid$/],
    ['a space in the openid', json({ ...success, openid: 'o o' }), /openid$/],
    ['a line break after the openid', json({ ...success, openid: 'o\n' }), /openid$/],
    ['no session_key', json({ openid }), /session_key$/],
    ['a session_key of 15 bytes', json({ openid, session_key: 'AQEBAQEBAQEBAQEBAQEB' }), /session_key$/],
    ['a session_key of 19 bytes', json({ openid, session_key: `AQEB${sessionKey}` }), /session_key$/],
    ['a line break after the session_key', json({ openid, session_key: `${sessionKey}\n` }), /session_key$/],
    ['a session_key in hex', json({ openid, session_key: '00'.repeat(16) }), /session_key$/],
    ['a malformed unionid', json({ ...success, unionid: 'ü' }), /unionid$/],
    ['unionid false', json({ ...success, unionid: false }), /unionid$/],
    ['an errcode of words', json({ errcode: 'ok', ...success }), /errcode$/],
    ['an empty errcode', json({ errcode: '', ...success }), /errcode$/],
    ['errcode false', json({ errcode: false, ...success }), /errcode$/],
    ['errcode null', json({ errcode: null, ...success }), /errcode$/],
    ['an errcode nobody knows', json({ errcode: 99999, ...success }), /^errcode 99999$/],
  ])

  failsWith('code_invalid', [
    ['40029', json({ errcode: 40029, errmsg: `invalid ${code}` }), /^errcode 40029$/],
    ['40029 in quotes', json({ errcode: '40029', ...success }), /^errcode 40029$/],
  ])
  failsWith('code_used', [['40163', json({ errcode: 40163, errmsg: `used ${code}` }), /^errcode 40163$/]])
  failsWith('user_blocked', [
    ['40226 and a payload', json({ errcode: 40226, ...success }), /^errcode 40226$/],
  ])
  failsWith('wechat_misconfigured', [
    ['40125', json({ errcode: 40125, errmsg: secret }), /^errcode 40125$/],
    ['85107', json({ errcode: 85107 }), /^errcode 85107$/],
  ])

  it('wechat_invalid_response at 200 MB, and hangs up before they are sent', async () => {
    server().meets(padded(success, 200e6))
    const error = await failure(gatewayTo(server().url).exchangeCode(appid, code))
    expect(causeOf(error)).to.equal('larger than 64 KiB')
    await server().idle()
    // What the two kernels' buffers swallow, not what we asked for.
    expect(server().bytesSent()).to.be.below(20e6)
    expect(server().requests).to.have.length(1)
  })

  it('an error of ours at any bytes', async () => {
    const gateway = gatewayTo(server().url)
    const bodies = fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from))
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        server().meets(answer(Buffer.from(body)))
        expect((await failure(gateway.exchangeCode(appid, code))).code).to.equal('wechat_invalid_response')
      }),
    )
  })
})
