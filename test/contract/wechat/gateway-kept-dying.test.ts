import { expect } from 'chai'
import type { ErrorCode } from '#src/domain/errors.js'
import {
  answer,
  type Behaviour,
  hang,
  json,
  kept,
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
import { calls } from '../../support/wechat/wechat-calls.js'
import { failure } from '../wechat-gateway.js'

describe('createHttpWechat on a kept connection', () => {
  const { server, gateway, limit, login, traffic, warmUp } = withKeptConnection()
  const identity = { openid, sessionKey }

  describe('that dies before a byte of the answer', () => {
    const deaths: [string, Behaviour][] = [
      ['a reset', reset()],
      ['an end', raw('')],
    ]
    for (const [name, death] of deaths) {
      for (const [call, { ask, answer, result }] of Object.entries(calls)) {
        it(`repeats ${call} once, on a new connection: ${name}`, async () => {
          await warmUp(death, kept(answer))
          expect(await ask(gateway())).to.deep.equal(result)
          expect(traffic()).to.deep.equal([3, 2])
          expect(server().requests[2]?.split('\r\n')[0]).to.equal(server().requests[1]?.split('\r\n')[0])
          expect(server().bodies[2]).to.equal(server().bodies[1])
        })
      }

      it(`repeats a login once, on a new connection: ${name}`, async () => {
        await warmUp(death, kept(success))
        expect(await login()).to.deep.equal(identity)
        expect(traffic()).to.deep.equal([3, 2])
      })

      it(`repeats nothing when the new connection dies as well: ${name}`, async () => {
        await warmUp(death, death, kept(success))
        const error = await failure(login())
        expect(error.code).to.equal('wechat_invalid_response')
        expect(causeOf(error)).to.equal('ECONNRESET')
        expect(traffic()).to.deep.equal([3, 2])
      })
    }

    /** What the repeat meets, and what becomes of the call. */
    const repeats: [ErrorCode, string, Behaviour, RegExp][] = [
      [
        'wechat_invalid_response',
        '40163: the first had arrived',
        json({ errcode: 40163 }),
        /^ECONNRESET on a kept connection, then errcode 40163$/,
      ],
      ['code_invalid', '40029', json({ errcode: 40029 }), /^errcode 40029$/],
      ['user_blocked', '40226', json({ errcode: 40226 }), /^errcode 40226$/],
      ['wechat_misconfigured', '40125', json({ errcode: 40125 }), /^errcode 40125$/],
      ['wechat_invalid_response', 'a 502', answer('', 502), /^HTTP 502$/],
      ['wechat_timeout', 'silence', hang(), /^deadline passed$/],
    ]
    for (const [expected, name, behaviour, cause] of repeats) {
      it(`fails with ${expected} when the repeat meets ${name}`, async () => {
        limit({ timeout: deadlineFor(expected) })
        await warmUp(reset(), behaviour, kept(success))
        const error = await failure(login())
        expect(error.code).to.equal(expected)
        expect(causeOf(error)).to.match(cause)
        expectNoCanary(error)
        expect(traffic()).to.deep.equal([3, 2])
      })
    }

    it('does not say of a phone code that it was wrong when the first request may have spent it', async () => {
      await warmUp(reset(), json({ errcode: 40029 }))
      const error = await failure(calls.phoneNumber.ask(gateway()))
      expect(error.code).to.equal('wechat_invalid_response')
      server().meets(json({ errcode: 40029 }))
      expect((await failure(calls.phoneNumber.ask(gateway()))).code).to.equal('code_invalid')
    })

    it('does not say that nothing was sent when nobody listens any more', async () => {
      await warmUp((socket) => {
        server().close()
        socket.resetAndDestroy()
      })
      const error = await failure(login())
      expect(error.code).to.equal('wechat_invalid_response')
      expect(causeOf(error)).to.equal('ECONNRESET on a kept connection, then ECONNREFUSED')
      expectNoCanary(error)
    })

    it('repeats what met a busy WeChat as well, on new connections only', async () => {
      await warmUp(reset(), kept({ errcode: -1 }), kept(success))
      expect(await login()).to.deep.equal(identity)
      expect(traffic()).to.deep.equal([4, 3])
    })

    it('repeats a busy answer and then the death, and no more', async () => {
      await warmUp(kept({ errcode: -1 }), reset(), reset(), kept(success))
      expect((await failure(login())).code).to.equal('wechat_invalid_response')
      expect(traffic()).to.deep.equal([4, 2])
    })

    it('has one deadline for the repeat and what was before it', async () => {
      limit({ timeout: BRIEF })
      await warmUp(late(0.6 * BRIEF, reset()), late(0.6 * BRIEF, kept(success)))
      expect((await failure(login())).code).to.equal('wechat_timeout')
    })
  })
})
