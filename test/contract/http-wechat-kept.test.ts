import type { Socket } from 'node:net'
import { expect } from 'chai'
import { createHttpWechat } from '#src/adapters/wechat/gateway.js'
import type { ErrorCode } from '#src/domain/errors.js'
import type { WechatGateway } from '#src/domain/ports.js'
import {
  appid,
  apps,
  causeOf,
  code,
  expectNoCanary,
  openid,
  phone,
  sessionKey,
  success,
} from '../support/http-exchange.js'
import {
  answer,
  type Behaviour,
  drip,
  hang,
  json,
  kept,
  keptAnswer,
  raw,
  reset,
  type SickServer,
  startSickServer,
} from '../support/sick-server.js'
import { calls } from '../support/wechat-calls.js'
import { failure } from './wechat-gateway.js'

type Limits = Partial<Parameters<typeof createHttpWechat>[0]>

describe('createHttpWechat on a kept connection', () => {
  let server: SickServer
  let gateway: ReturnType<typeof createHttpWechat>

  beforeEach(async () => {
    server = await startSickServer()
    gateway = open()
  })

  afterEach(async () => {
    gateway.close()
    await server.close()
  })

  function open(limits: Limits = {}) {
    return createHttpWechat({ api: server.url, apps, timeout: 2_000, backoff: 1, ...limits })
  }

  const identity = { openid, sessionKey }
  const login = () => gateway.exchangeCode(appid, code)
  const traffic = () => [server.requests.length, server.connections()]

  /** Has a first call leave its connection behind; what is said after that meets the next calls. */
  async function warmUp(...next: Behaviour[]): Promise<void> {
    server.meets(kept(success), ...next)
    await login()
    expect(traffic()).to.deep.equal([1, 1])
  }

  it('makes all calls, one after the other', async () => {
    const everything = Object.values(calls)
    server.meets(kept(success), ...everything.map(({ answer }) => kept(answer)))
    await login()
    for (const { ask, result } of everything) expect(await ask(gateway)).to.deep.equal(result)
    expect(traffic()).to.deep.equal([1 + everything.length, 1])
  })

  it('goes on after answers that are errors, or no JSON at all', async () => {
    await warmUp(
      kept({ errcode: 40029 }),
      hang('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n<'),
      kept(success),
    )
    expect((await failure(login())).code).to.equal('code_invalid')
    expect((await failure(login())).code).to.equal('wechat_invalid_response')
    expect(await login()).to.deep.equal(identity)
    expect(traffic()).to.deep.equal([4, 1])
  })

  it('repeats a call when WeChat was busy, without a new connection', async () => {
    await warmUp(kept({ errcode: -1 }), kept(success))
    expect(await login()).to.deep.equal(identity)
    expect(traffic()).to.deep.equal([3, 1])
  })

  it('opens a connection for each call at the same time, and no more than it may', async () => {
    gateway.close()
    gateway = open({ atMost: 3 })
    server.meets(kept(success))
    const answers = await Promise.all(Array.from({ length: 20 }, login))
    expect(answers).to.deep.equal(Array.from({ length: 20 }, () => identity))
    expect(traffic()).to.deep.equal([20, 3])
  })

  it('is wechat_unreachable, with the code unspent, when all connections are taken until the deadline', async () => {
    gateway.close()
    gateway = open({ atMost: 1, timeout: 600 })
    server.meets(hang())
    const errors = await Promise.all([login(), login()].map(failure))
    expect(errors.map((error) => error.code)).to.deep.equal(['wechat_timeout', 'wechat_unreachable'])
    expect(traffic()).to.deep.equal([1, 1])
    server.meets(kept(success))
    expect(await login()).to.deep.equal(identity)
  })

  describe('that dies before a byte of the answer', () => {
    const deaths: [string, Behaviour][] = [
      ['a reset', reset()],
      ['an end', raw('')],
    ]
    for (const [name, death] of deaths) {
      for (const [call, { ask, answer, result }] of Object.entries(calls)) {
        it(`repeats ${call} once, on a new connection: ${name}`, async () => {
          await warmUp(death, kept(answer))
          expect(await ask(gateway)).to.deep.equal(result)
          expect(traffic()).to.deep.equal([3, 2])
          expect(server.requests[2]?.split('\r\n')[0]).to.equal(server.requests[1]?.split('\r\n')[0])
          expect(server.bodies[2]).to.equal(server.bodies[1])
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
        gateway.close()
        gateway = open({ timeout: expected === 'wechat_timeout' ? 600 : 2_000 })
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
      const error = await failure(calls.phoneNumber.ask(gateway))
      expect(error.code).to.equal('wechat_invalid_response')
      server.meets(json({ errcode: 40029 }))
      expect((await failure(calls.phoneNumber.ask(gateway))).code).to.equal('code_invalid')
    })

    it('does not say that nothing was sent when nobody listens any more', async () => {
      await warmUp((socket) => {
        server.close()
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
      gateway.close()
      gateway = open({ timeout: 600 })
      const late = (behaviour: Behaviour): Behaviour => {
        return (socket, ...request) => {
          const timer = setTimeout(() => behaviour(socket, ...request), 400)
          socket.on('close', () => clearTimeout(timer))
        }
      }
      await warmUp(late(reset()), late(kept(success)))
      expect((await failure(login())).code).to.equal('wechat_timeout')
    })
  })

  describe('asks once', () => {
    const headers = 'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n'
    const illnesses: [ErrorCode, string, Behaviour][] = [
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
    for (const [expected, name, behaviour] of illnesses) {
      it(`and fails with ${expected} at ${name}, and never uses that connection again`, async () => {
        gateway.close()
        gateway = open({ timeout: expected === 'wechat_timeout' ? 600 : 2_000 })
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
      const gone = server.idle()
      server.hangUp()
      await gone
      expect(await login()).to.deep.equal(identity)
      expect(traffic()).to.deep.equal([2, 2])
    })

    it('when nobody listens any more: the code is unspent', async () => {
      await warmUp()
      await server.close()
      expect((await failure(login())).code).to.equal('wechat_unreachable')
    })

    it('when WeChat does not want it kept', async () => {
      server.meets(json(success))
      await login()
      await login()
      expect(traffic()).to.deep.equal([2, 2])
    })

    it('after its rest: then it is closed', async () => {
      gateway.close()
      gateway = open({ rest: 30 })
      await warmUp(kept(success))
      await server.idle()
      expect(await login()).to.deep.equal(identity)
      expect(traffic()).to.deep.equal([2, 2])
    })

    it('after a rest only: a call that WeChat thinks about is none', async () => {
      gateway.close()
      gateway = open({ rest: 30, timeout: 10_000 })
      const late: Behaviour = (socket, ...request) => {
        setTimeout(() => kept(success)(socket, ...request), 200)
      }
      server.meets(late)
      expect(await login()).to.deep.equal(identity)
      expect(traffic()).to.deep.equal([1, 1])
    })

    it('beyond a certain age, however busy it is', async () => {
      gateway.close()
      gateway = open({ maxAge: 30 })
      server.meets(kept(success))
      do await login()
      while (server.connections() === 1)
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
      await server.idle()
      expect(await login()).to.deep.equal(identity)
      expect(traffic()).to.deep.equal([3, 2])
    })

    it('when it brings two answers to one request', async () => {
      const foreign = keptAnswer({ ...success, openid: 'oFOREIGN_000000000000000001' })
      await warmUp(hang(keptAnswer(success) + foreign), kept(success))
      await login().catch(() => {})
      expect(await login()).to.deep.equal(identity)
      expect(server.connections()).to.equal(2)
    })

    it('after close, which ends it at once', async () => {
      await warmUp(kept(success))
      gateway.close()
      await server.idle()
      expect(await login()).to.deep.equal(identity)
    })
  })

  it('gives each of many users the answer to their own code, whatever dies in between', async () => {
    let turn = 0
    const own: Behaviour = (socket, head, body) => {
      const asked = new URL(head.split(' ')[1] ?? '', server.url).searchParams.get('js_code')
      const answers = [kept, kept, json, kept]
      const make = answers[turn++ % answers.length] ?? kept
      if (turn % 7 === 0) reset()(socket, head, body)
      else make({ ...success, openid: `o${asked}` })(socket, head, body)
    }
    server.meets(own)
    const ask = async (code: string) => ({ code, openid: await openidOf(gateway, code) })
    for (let round = 0; round < 5; round++) {
      const codes = Array.from({ length: 20 }, (_, n) => `${round}-${n}`)
      for (const { code, openid } of await Promise.all(codes.map(ask))) {
        expect(openid).to.be.oneOf([`o${code}`, 'wechat_invalid_response'])
      }
    }
  })

  it('still reads a phone number whole', async () => {
    await warmUp(kept(calls.phoneNumber.answer))
    expect(await calls.phoneNumber.ask(gateway)).to.deep.equal(phone)
  })
})

async function openidOf(gateway: WechatGateway, code: string): Promise<string> {
  return gateway.exchangeCode(appid, code).then(
    ({ openid }) => openid,
    (error) => error.code,
  )
}
