import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import { createHttpWechat } from '#src/adapters/wechat/gateway.js'
import type { ErrorCode } from '#src/domain/errors.js'
import {
  type Behaviour,
  hang,
  json,
  late,
  reset,
  withFaultyServer,
} from '../../support/wechat/faulty-server.js'
import {
  appid,
  apps,
  BRIEF,
  causeOf,
  code,
  deadlineFor,
  expectNoCanary,
  gatewayTo,
  openid,
  sessionKey,
  success,
} from '../../support/wechat/http-exchange.js'
import { failure } from '../wechat-gateway.js'

describe('createHttpWechat', () => {
  const server = withFaultyServer()
  const identity = { openid, sessionKey }

  describe('asks a second time', () => {
    it('when WeChat was busy, and takes that answer', async () => {
      server().meets(json({ errcode: -1, errmsg: 'system error' }), json(success))
      expect(await gatewayTo(server().url).exchangeCode(appid, code)).to.deep.equal(identity)
      expect(server().requests).to.have.length(2)
      expect(server().requests[0]).to.equal(server().requests[1])
    })

    const second: [ErrorCode, string, Behaviour][] = [
      ['wechat_busy', 'busy again', json({ errcode: -1 })],
      ['code_used', 'a code used up by the first', json({ errcode: 40163 })],
      ['wechat_invalid_response', 'a reset', reset()],
      ['wechat_timeout', 'silence', hang()],
    ]
    for (const [expected, name, behaviour] of second) {
      it(`but no third time: ${expected} at ${name}`, async () => {
        server().meets(json({ errcode: -1 }), behaviour, json(success))
        const error = await failure(gatewayTo(server().url, deadlineFor(expected)).exchangeCode(appid, code))
        expect(error.code).to.equal(expected)
        expectNoCanary(error)
        await server().idle()
        expect(server().requests).to.have.length(2)
      })
    }

    it('only within the deadline', async () => {
      server().meets(json({ errcode: -1 }), json(success))
      const gateway = createHttpWechat({ api: server().url, apps, timeout: BRIEF, backoff: 60_000 })
      expect((await failure(gateway.exchangeCode(appid, code))).code).to.equal('wechat_busy')
      expect(server().requests).to.have.length(1)
    })

    it('on the same deadline: no second one begins', async () => {
      server().meets(late(0.6 * BRIEF, json({ errcode: -1 })), late(0.6 * BRIEF, json(success)))
      const error = await failure(gatewayTo(server().url, BRIEF).exchangeCode(appid, code))
      expect(error.code).to.equal('wechat_timeout')
    })

    it('when WeChat was busy in quotes', async () => {
      server().meets(json({ errcode: '-1' }), json(success))
      expect(await gatewayTo(server().url).exchangeCode(appid, code)).to.deep.equal(identity)
    })

    it('when the connection is refused', async () => {
      await server().close()
      const sockets = countClientSockets()
      const error = await failure(gatewayTo(server().url).exchangeCode(appid, code))
      expect(sockets.stop()).to.equal(2)
      expect(error.code).to.equal('wechat_unreachable')
      expect(causeOf(error)).to.equal('ECONNREFUSED')
      expectNoCanary(error)
    })

    it('at an IPv6 address too, which is no name', async () => {
      const error = await failure(gatewayTo(`http://[::1]:${server().port}`).exchangeCode(appid, code))
      expect(error.code).to.equal('wechat_unreachable')
      expect(causeOf(error)).to.match(/^(ECONNREFUSED|EADDRNOTAVAIL)$/)
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
