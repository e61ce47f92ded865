import { expect } from 'chai'
import { createHttpWechat } from '#src/adapters/wechat/gateway.js'
import type { ErrorCode } from '#src/domain/errors.js'
import { StaleAccessToken } from '#src/domain/ports.js'
import {
  answer,
  type Behaviour,
  hang,
  json,
  padded,
  reset,
  withFaultyServer,
} from '../../support/wechat/faulty-server.js'
import {
  accessToken,
  apps,
  BRIEF,
  causeOf,
  deadlineFor,
  expectNoCanary,
  gatewayTo,
  newKey,
  openid,
  phoneCode,
  queryOf,
  secret,
  sessionKey,
  targetOf,
} from '../../support/wechat/http-exchange.js'
import { calls } from '../../support/wechat/wechat-calls.js'
import { failure } from '../wechat-gateway.js'

describe('createHttpWechat', () => {
  const server = withFaultyServer()

  for (const [name, { ask, request, answer: success, result }] of Object.entries(calls)) {
    describe(`in ${name}`, () => {
      it('makes exactly this request, and takes the answer', async () => {
        server().meets(json({ ...success, new: { a: [1] } }))
        expect(await ask(gatewayTo(server().url))).to.deep.equal(result)
        const [head = ''] = server().requests
        expect(head.split(' HTTP')[0]).to.match(request.line)
        expect([...queryOf(head)]).to.have.deep.members(request.query)
        if (request.body === undefined) expect(server().bodies).to.deep.equal([''])
        else expect(JSON.parse(server().bodies[0] ?? '')).to.deep.equal(request.body)
        expect(/^content-type: application\/json\r$/im.test(head)).to.equal(request.body !== undefined)
        expect(head).to.match(/^accept-encoding: identity\r$/im)
        expect(head).to.match(/^connection: keep-alive\r$/im)
        expect(head).not.to.match(/got|cookie|^transfer-encoding/im)
        expect(server().requests).to.have.length(1)
      })

      it('asks below the path of the api', async () => {
        server().meets(json(success))
        await ask(gatewayTo(`${server().url}/base/`))
        expect(targetOf(server().requests[0])).to.match(/^\/base\/(cgi-bin|wxa)\//)
      })

      it('makes the same request again when WeChat was busy, once', async () => {
        server().meets(json({ errcode: -1 }), json(success))
        expect(await ask(gatewayTo(server().url))).to.deep.equal(result)
        expect(server().requests).to.have.length(2)
        expect(server().requests[0]).to.equal(server().requests[1])
        expect(server().bodies[0]).to.equal(server().bodies[1])
        server().meets(json({ errcode: -1 }))
        expect((await failure(ask(gatewayTo(server().url)))).code).to.equal('wechat_busy')
        expect(server().requests).to.have.length(4)
      })

      it('has one deadline for both requests', async () => {
        server().meets(json({ errcode: -1 }), json(success))
        const gateway = createHttpWechat({ api: server().url, apps, timeout: BRIEF, backoff: 60_000 })
        expect((await failure(ask(gateway))).code).to.equal('wechat_busy')
        expect(server().requests).to.have.length(1)
      })

      it('is wechat_unreachable where nobody listens', async () => {
        await server().close()
        const error = await failure(ask(gatewayTo(server().url)))
        expect(error.code).to.equal('wechat_unreachable')
        expectNoCanary(error)
      })

      const text = JSON.stringify(success)
      const quoting = [secret, accessToken, phoneCode, openid, sessionKey, newKey].join(' ')
      const faults: [ErrorCode, string, Behaviour, RegExp][] = [
        ['wechat_timeout', 'silence', hang(), /^deadline passed$/],
        ['wechat_invalid_response', 'a reset', reset(), /^ECONNRESET$/],
        ['wechat_invalid_response', 'a 502', answer(quoting, 502), /^HTTP 502$/],
        ['wechat_invalid_response', 'a redirect', answer('', 307, 'Location: /elsewhere'), /^HTTP 307$/],
        ['wechat_invalid_response', 'HTML', answer(`<html>${quoting}`), /^not JSON$/],
        ['wechat_invalid_response', 'half an answer', answer(text.slice(0, -1)), /^not JSON$/],
        ['wechat_invalid_response', '64 KiB and a byte', padded(success, 65_537), /^larger than 64 KiB$/],
        ['wechat_invalid_response', 'an array', json([success]), /^not a JSON object$/],
        ['wechat_invalid_response', 'an errcode that is no number', json({ errcode: 'x' }), /errcode$/],
        ['wechat_misconfigured', '40013 in quotes', json({ errcode: '40013' }), /^errcode 40013$/],
        ['wechat_invalid_response', 'an empty object', json({}), /^missing/],
        ['wechat_invalid_response', '43002', json({ errcode: 43002 }), /^errcode 43002$/],
        ['wechat_invalid_response', '87008', json({ errcode: 87008 }), /^errcode 87008$/],
        [
          // Of the openid that was sent along, which is always right for the session.
          name === 'phoneNumber' ? 'code_invalid' : 'wechat_invalid_response',
          '40097',
          json({ errcode: 40097 }),
          /^errcode 40097$/,
        ],
        ['wechat_misconfigured', '40013', json({ errcode: 40013, errmsg: quoting }), /^errcode 40013$/],
        ['wechat_rate_limited', '45011', json({ errcode: 45011, errmsg: quoting }), /^errcode 45011$/],
      ]
      for (const [expected, fault, behaviour, cause] of faults) {
        it(`asks once and fails with ${expected} at ${fault}`, async () => {
          server().meets(behaviour)
          const error = await failure(ask(gatewayTo(server().url, deadlineFor(expected))))
          expect(error.code).to.equal(expected)
          expect(causeOf(error)).to.match(cause)
          expectNoCanary(error)
          await server().idle()
          expect(server().requests).to.have.length(1)
        })
      }

      for (const errcode of [40001, 40014, 41001, 42001]) {
        if (name === 'stableToken') continue
        it(`says at ${errcode} that the access_token is stale, and asks no second time`, async () => {
          server().meets(json({ ...success, errcode, errmsg: `invalid ${quoting}` }))
          const error = await ask(gatewayTo(server().url)).catch((error: unknown) => error)
          expect(error).to.be.instanceOf(StaleAccessToken)
          if (error instanceof StaleAccessToken) expectNoCanary(error)
          expect(server().requests).to.have.length(1)
        })
      }
    })
  }

  it('asks nobody for the access_token of an appid that is not served', async () => {
    const error = await failure(gatewayTo(server().url).stableToken('wx9999999999999999'))
    expect(error.code).to.equal('internal')
    expect(server().connections()).to.equal(0)
  })

  it('signs with the base64 text of the key', async () => {
    server().meets(json(calls.honoursKey.answer))
    await gatewayTo(server().url).honoursKey(accessToken, openid, 'o0q0otL8aEzpcZL/FT9WsQ==')
    expect(queryOf(server().requests[0]).get('signature')).to.equal(
      '46e043c5525c2d817c44be603d30837a808a1d930d038f6fdc3e62a201fed128',
    )
  })

  it('lets no value out of its parameter', async () => {
    const odd = 'a+b&openid=c%2Fd/ 你#?="}\r\nHost: evil'
    const gateway = gatewayTo(server().url)
    server().meets(json(calls.honoursKey.answer))
    await gateway.honoursKey(odd, odd, sessionKey)
    const query = queryOf(server().requests[0])
    expect([query.get('access_token'), query.getAll('openid')]).to.deep.equal([odd, [odd]])
    server().meets(json(calls.phoneNumber.answer))
    await gateway.phoneNumber(accessToken, odd, odd)
    expect(JSON.parse(server().bodies[1] ?? '')).to.deep.equal({ code: odd, openid: odd })
  })
})
