import type { Socket } from 'node:net'
import { expect } from 'chai'
import type { ErrorCode } from '#src/domain/errors.js'
import {
  answer,
  type Behaviour,
  drip,
  hang,
  json,
  kept,
  keptAnswer,
  late,
  raw,
  reset,
} from '../../support/wechat/faulty-server.js'
import {
  BRIEF,
  causeOf,
  deadlineFor,
  expectNoCanary,
  openid,
  sessionKey,
  success,
} from '../../support/wechat/http-exchange.js'
import { withKeptConnection } from '../../support/wechat/kept-connection.js'
import { failure } from '../wechat-gateway.js'

describe('createHttpWechat on a kept connection', () => {
  const { server, gateway, limit, login, traffic, warmUp } = withKeptConnection()
  const identity = { openid, sessionKey }

  describe('asks once', () => {
    const headers = 'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n'
    const faults: [ErrorCode, string, Behaviour][] = [
      ['wechat_invalid_response', 'a byte and a reset', reset('H')],
      ['wechat_invalid_response', 'a byte and an end', raw('H')],
      ['wechat_invalid_response', 'early hints and a reset', reset('HTTP/1.1 103 -\r\n\r\n')],
      ['wechat_invalid_response', 'half an answer', raw(`${headers}{`)],
      ['wechat_invalid_response', 'no HTTP', raw('SSH-2.0-OpenSSH\r\n')],
      ['wechat_invalid_response', 'a 502', answer('', 502)],
      ['wechat_timeout', 'silence', hang()],
      ['wechat_timeout', 'silence after a byte', hang('H')],
      ['wechat_timeout', 'a body that drips', drip(headers, ' ')],
    ]
    for (const [expected, name, behaviour] of faults) {
      it(`and fails with ${expected} at ${name}, and never uses that connection again`, async () => {
        limit({ timeout: deadlineFor(expected) })
        await warmUp(behaviour, kept(success))
        const error = await failure(login())
        expect(error.code).to.equal(expected)
        expectNoCanary(error)
        expect(traffic()).to.deep.equal([2, 1])
        expect(await login()).to.deep.equal(identity)
        expect(traffic()).to.deep.equal([3, 2])
      })
    }
  })

  describe('is not used', () => {
    it('when WeChat has closed it meanwhile', async () => {
      await warmUp(kept(success))
      const gone = server().idle()
      server().hangUp()
      await gone
      expect(await login()).to.deep.equal(identity)
      expect(traffic()).to.deep.equal([2, 2])
    })

    it('when nobody listens any more: the code is unspent', async () => {
      await warmUp()
      await server().close()
      expect((await failure(login())).code).to.equal('wechat_unreachable')
    })

    it('when nobody listens any more, by any of many calls, in whatever phase of the loop they begin', async () => {
      await warmUp(kept(success))
      await Promise.all(Array.from({ length: 5 }, login))
      await server().close()
      const codeOf = async () => (await failure(login())).code
      const calls = [codeOf(), codeOf(), Promise.resolve().then(codeOf)]
      process.nextTick(() => calls.push(codeOf()))
      const phases = [setImmediate, setImmediate, setTimeout]
      for (const begin of phases) calls.push(new Promise((resolve) => begin(() => resolve(codeOf()))))
      await Promise.all(calls)
      expect(await Promise.all(calls)).to.deep.equal(Array.from({ length: 7 }, () => 'wechat_unreachable'))
    })

    it('after the deadline, which may pass before the call gets at it: nothing is sent then', async () => {
      limit({ timeout: BRIEF })
      await warmUp(kept(success))
      const call = failure(login())
      for (const until = performance.now() + BRIEF; performance.now() < until; );
      const error = await call
      expect(error.code).to.equal('wechat_unreachable')
      expect(causeOf(error)).to.equal('deadline passed')
      expect(traffic()).to.deep.equal([1, 1])
    })

    it('when WeChat does not want it kept', async () => {
      server().meets(json(success))
      await login()
      await login()
      expect(traffic()).to.deep.equal([2, 2])
    })

    it('after its rest: then it is closed', async () => {
      limit({ rest: 30 })
      await warmUp(kept(success))
      await server().idle()
      expect(await login()).to.deep.equal(identity)
      expect(traffic()).to.deep.equal([2, 2])
    })

    it('after a rest only: a call that WeChat thinks about is none', async () => {
      limit({ rest: 30 })
      server().meets(late(200, kept(success)))
      expect(await login()).to.deep.equal(identity)
      expect(traffic()).to.deep.equal([1, 1])
    })

    it('beyond a certain age, however busy it is', async () => {
      limit({ maxAge: 30 })
      server().meets(kept(success))
      do await login()
      while (server().connections() === 1)
      expect(await login()).to.deep.equal(identity)
    })

    it('when it brings what nobody has asked for: the next user would get it', async () => {
      let connection: Socket | undefined
      await warmUp((socket) => {
        connection = socket
        socket.write(keptAnswer(success))
      }, kept(success))
      await login()
      connection?.write(keptAnswer({ ...success, openid: 'oFOREIGN_000000000000000001' }))
      await server().idle()
      expect(await login()).to.deep.equal(identity)
      expect(traffic()).to.deep.equal([3, 2])
    })

    it('when it brings two answers to one request', async () => {
      const foreign = keptAnswer({ ...success, openid: 'oFOREIGN_000000000000000001' })
      await warmUp(hang(keptAnswer(success) + foreign), kept(success))
      await login().catch(() => {})
      expect(await login()).to.deep.equal(identity)
      expect(server().connections()).to.equal(2)
    })

    it('after close, which ends it at once', async () => {
      await warmUp(kept(success))
      gateway().close()
      await server().idle()
      expect(await login()).to.deep.equal(identity)
    })
  })
})
