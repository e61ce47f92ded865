import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import { createHttpWechat } from '#src/adapters/wechat/gateway.js'
import type { ErrorCode } from '#src/domain/errors.js'
import { demoApp, type Fault, type Sandbox, startSandbox } from '#src/sandbox/index.js'
import {
  appid,
  apps,
  causeOf,
  code,
  expectNoCanary,
  gatewayTo,
  openid,
  queryOf,
  secret,
  sessionKey,
  success,
  targetOf,
  unionid,
} from '../support/http-exchange.js'
import {
  answer,
  type Behaviour,
  hang,
  json,
  padded,
  raw,
  reset,
  type SickServer,
  startSickServer,
} from '../support/sick-server.js'
import { failure } from './wechat-gateway.js'

describe('createHttpWechat', () => {
  let server: SickServer

  beforeEach(async () => {
    server = await startSickServer()
  })

  afterEach(() => server.close())

  describe('asks', () => {
    it('with exactly the four parameters, whatever the code holds', async () => {
      const odd = 'a+b&secret=c%2Fd/ 你#?=\r\nHost: evil'
      server.meets(json(success))
      await gatewayTo(server.url).exchangeCode(appid, odd)
      const target = new URL(targetOf(server.requests[0]), server.url)
      expect(target.pathname).to.equal('/sns/jscode2session')
      expect([...target.searchParams]).to.have.deep.members([
        ['appid', appid],
        ['secret', secret],
        ['js_code', odd],
        ['grant_type', 'authorization_code'],
      ])
    })

    it('with GET, for plain bytes, and under no name of a library', async () => {
      server.meets(json(success))
      await gatewayTo(server.url).exchangeCode(appid, code)
      expect(server.requests[0]).to.match(/^GET /)
      expect(server.requests[0]).to.match(/^accept-encoding: identity\r$/im)
      expect(server.requests[0]).not.to.match(/got/i)
    })

    for (const ending of ['', '/']) {
      it(`below the path of an api that ends in "base${ending}"`, async () => {
        server.meets(json(success))
        await gatewayTo(`${server.url}/base${ending}`).exchangeCode(appid, code)
        expect(targetOf(server.requests[0])).to.match(/^\/base\/sns\/jscode2session\?/)
      })
    }

    it('with the secret of the appid in question', async () => {
      const secrets = new Map([...apps, ['wx0000000000000002', 'the other secret']])
      server.meets(json(success))
      const gateway = createHttpWechat({ api: server.url, apps: secrets, timeout: 2_000 })
      await gateway.exchangeCode('wx0000000000000002', code)
      expect(queryOf(server.requests[0]).get('secret')).to.equal('the other secret')
    })

    it('nobody about an appid that is not served', async () => {
      const error = await failure(gatewayTo(server.url).exchangeCode('wx9999999999999999', code))
      expect(error.code).to.equal('internal')
      expect(server.connections()).to.equal(0)
    })

    it('without the cookies of an earlier answer', async () => {
      server.meets(answer('{"errcode":-1}', 200, 'Set-Cookie: a=b'), json(success))
      await gatewayTo(server.url).exchangeCode(appid, code)
      expect(server.requests[1]).not.to.match(/cookie/i)
    })
  })

  describe('accepts', () => {
    const identity = { openid, sessionKey }
    const slashed = 'o0q0otL8aEzpcZL/FT9WsQ=='
    const accepted: [string, Behaviour, object][] = [
      ['an answer without errcode', json(success), identity],
      ['errcode 0', json({ errcode: 0, errmsg: 'ok', ...success }), identity],
      ['a quoted errcode 0', json({ errcode: '0', ...success }), identity],
      ['fields it does not know', json({ ...success, expires_in: 7200, new: { a: [1] } }), identity],
      ['a unionid', json({ ...success, unionid }), { ...identity, unionid }],
      ['an empty unionid as none', json({ ...success, unionid: '' }), identity],
      ['a unionid of null as none', json({ ...success, unionid: null }), identity],
      [
        'a slash that WeChat escaped',
        answer(JSON.stringify({ openid, session_key: slashed }).replace('/', '\\/')),
        { openid, sessionKey: slashed },
      ],
      ['any content type', answer(JSON.stringify(success), 200, 'Content-Type: image/png'), identity],
      [
        'an answer that ends with the connection',
        raw(`HTTP/1.0 200 OK\r\n\r\n${JSON.stringify(success)}`),
        identity,
      ],
      ['64 KiB to the byte', padded(success, 64 * 1024), identity],
    ]
    for (const [name, behaviour, expected] of accepted) {
      it(name, async () => {
        server.meets(behaviour)
        expect(await gatewayTo(server.url).exchangeCode(appid, code)).to.deep.equal(expected)
        expect(server.requests).to.have.length(1)
      })
    }
  })

  describe('asks a second time', () => {
    it('when WeChat was busy, and takes that answer', async () => {
      server.meets(json({ errcode: -1, errmsg: 'system error' }), json(success))
      expect(await gatewayTo(server.url).exchangeCode(appid, code)).to.deep.equal({ openid, sessionKey })
      expect(server.requests).to.have.length(2)
      expect(server.requests[0]).to.equal(server.requests[1])
    })

    const second: [ErrorCode, string, Behaviour][] = [
      ['wechat_busy', 'busy again', json({ errcode: -1 })],
      ['code_used', 'a code used up by the first', json({ errcode: 40163 })],
      ['wechat_invalid_response', 'a reset', reset()],
      ['wechat_timeout', 'silence', hang()],
    ]
    for (const [expected, name, behaviour] of second) {
      it(`but no third time: ${expected} at ${name}`, async () => {
        server.meets(json({ errcode: -1 }), behaviour, json(success))
        const timeout = expected === 'wechat_timeout' ? 300 : 2_000
        const error = await failure(gatewayTo(server.url, timeout).exchangeCode(appid, code))
        expect(error.code).to.equal(expected)
        expectNoCanary(error)
        await server.idle()
        expect(server.requests).to.have.length(2)
      })
    }

    it('only within the deadline', async () => {
      server.meets(json({ errcode: -1 }), json(success))
      const gateway = createHttpWechat({ api: server.url, apps, timeout: 500, backoff: 60_000 })
      expect((await failure(gateway.exchangeCode(appid, code))).code).to.equal('wechat_busy')
      expect(server.requests).to.have.length(1)
    })

    it('on the same deadline: no second one begins', async () => {
      const late = (behaviour: Behaviour): Behaviour => {
        return (socket, ...request) => {
          const timer = setTimeout(() => behaviour(socket, ...request), 200)
          socket.on('close', () => clearTimeout(timer))
        }
      }
      server.meets(late(json({ errcode: -1 })), late(json(success)))
      const error = await failure(gatewayTo(server.url, 300).exchangeCode(appid, code))
      expect(error.code).to.equal('wechat_timeout')
    })

    it('when WeChat was busy in quotes', async () => {
      server.meets(json({ errcode: '-1' }), json(success))
      expect(await gatewayTo(server.url).exchangeCode(appid, code)).to.deep.equal({ openid, sessionKey })
    })

    it('when the connection is refused', async () => {
      await server.close()
      const sockets = countClientSockets()
      const error = await failure(gatewayTo(server.url).exchangeCode(appid, code))
      expect(sockets.stop()).to.equal(2)
      expect(error.code).to.equal('wechat_unreachable')
      expect(causeOf(error)).to.equal('ECONNREFUSED')
      expectNoCanary(error)
    })

    it('when the name does not resolve', async () => {
      // A label of 64 characters fits no DNS query, so this fails without one.
      const error = await failure(gatewayTo(`http://${'x'.repeat(64)}.invalid`).exchangeCode(appid, code))
      expect(error.code).to.equal('wechat_unreachable')
      expect(causeOf(error)).to.match(/^(ENOTFOUND|EAI_[A-Z]+)$/)
      expectNoCanary(error)
    })
  })
})

describe('createHttpWechat at the sandbox', () => {
  let weixin: Sandbox

  beforeEach(async () => {
    weixin = await startSandbox()
  })

  afterEach(() => weixin.close())

  const exchange = (code: string, timeout = 2_000) => {
    const secrets = new Map([[demoApp.appid, demoApp.secret]])
    const gateway = createHttpWechat({ api: weixin.url, apps: secrets, timeout, backoff: 1 })
    return gateway.exchangeCode(demoApp.appid, code)
  }

  it('logs in the very user, also when WeChat was busy at first', async () => {
    weixin.fail({ errcode: -1 })
    const { code } = await weixin.login('ann')
    const identity = await exchange(code)
    expect(identity).to.include(weixin.identity('ann'))
    expect(weixin.calls).to.have.length(2)
  })

  const faults: [ErrorCode, Fault][] = [
    ['wechat_invalid_response', { status: 502 }],
    ['wechat_invalid_response', { html: true }],
    ['wechat_invalid_response', { redirect: 'http://127.0.0.1:9/' }],
    ['wechat_invalid_response', { reset: true }],
    ['wechat_invalid_response', { half: true }],
    ['wechat_invalid_response', { oversize: 1e6 }],
    ['wechat_timeout', { delay: 60_000 }],
  ]
  for (const [expected, fault] of faults) {
    it(`asks once and fails with ${expected} at ${JSON.stringify(fault)}`, async () => {
      weixin.fail(fault)
      const { code } = await weixin.login()
      const error = await failure(exchange(code, expected === 'wechat_timeout' ? 300 : 2_000))
      expect(error.code).to.equal(expected)
      expect(weixin.calls).to.have.length(1)
    })
  }

  it('tells the operator which address WeChat refused', async () => {
    weixin.refuseAddress()
    const { code } = await weixin.login()
    const error = await failure(exchange(code))
    expect(causeOf(error)).to.match(/^errcode 40164, rid [0-9a-f-]{26}, our address [0-9a-f.:]+$/)
  })
})

/** Counts the TCP sockets this process opens as a client, also those that nobody accepts. */
function countClientSockets() {
  let count = 0
  const onSocket = () => {
    count++
  }
  subscribe('net.client.socket', onSocket)
  return {
    stop(): number {
      unsubscribe('net.client.socket', onSocket)
      return count
    },
  }
}
