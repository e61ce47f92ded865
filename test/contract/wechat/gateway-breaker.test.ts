import { expect } from 'chai'
import { createBreaker } from '#src/adapters/wechat/breaker.js'
import { createHttpWechat } from '#src/adapters/wechat/gateway.js'
import {
  answer,
  type Behaviour,
  hang,
  json,
  kept,
  raw,
  reset,
  withFaultyServer,
} from '../../support/wechat/faulty-server.js'
import {
  AMPLE,
  accessToken,
  appid,
  apps,
  BRIEF,
  causeOf,
  code,
  expectNoCanary,
  openid,
  phoneCode,
  sessionKey,
  success,
} from '../../support/wechat/http-exchange.js'
import { failure } from '../wechat-gateway.js'

describe('createHttpWechat with a circuit breaker', () => {
  const server = withFaultyServer()
  const identity = { openid, sessionKey }
  const closing: (() => void)[] = []

  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })

  function setUp({ timeout = AMPLE, ...limits }: Partial<Parameters<typeof createHttpWechat>[0]> = {}) {
    const time = { now: 0 }
    const breaker = createBreaker({ now: () => time.now })
    const gateway = createHttpWechat({
      api: server().url,
      apps,
      backoff: 1,
      breaker,
      timeout,
      ...limits,
    })
    closing.push(gateway.close)
    return { time, breaker, gateway, login: () => gateway.exchangeCode(appid, code) }
  }

  const failures: [name: string, behaviour: Behaviour, timeout?: number][] = [
    ['resets', reset()],
    ['ends without an answer', raw('')],
    ['half an answer', raw('HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{')],
    ['502', answer('<html>', 502)],
    ['503', answer('{"errcode":0}', 503)],
    ['silence', hang(), BRIEF],
    ['silence in the middle of an answer', hang('HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{'), BRIEF],
  ]
  for (const [name, behaviour, timeout] of failures) {
    it(`asks WeChat no sixth time after ${name}, five calls long`, async () => {
      const { login } = setUp(timeout === undefined ? {} : { timeout })
      server().meets(behaviour)
      await Promise.all(Array.from({ length: 5 }, () => failure(login())))
      expect(server().requests).to.have.length(5)
      const error = await failure(login())
      expect(error.code).to.equal('wechat_unreachable')
      expect(causeOf(error)).to.equal('circuit open')
      expectNoCanary(error)
      expect(server().requests).to.have.length(5)
    })
  }

  const answers: [name: string, behaviour: Behaviour][] = [
    ['40029', json({ errcode: 40029 })],
    ['-1', json({ errcode: -1 })],
    ['40125', json({ errcode: 40125 })],
    ['45011', json({ errcode: 45011 })],
    ['404', answer('<html>', 404)],
    ['a redirect', answer('', 302, 'Location: /elsewhere')],
    ['HTML', answer('<html>')],
    ['a success without an openid', json({ session_key: sessionKey })],
    ['more than 64 KiB', answer(' '.repeat(64 * 1024 + 1))],
  ]
  for (const [name, behaviour] of answers) {
    it(`goes on asking after ${name}, however often`, async () => {
      const { login, breaker } = setUp()
      server().meets(behaviour)
      for (let n = 0; n < 6; n++) await failure(login())
      expect(breaker.state()).to.equal('closed')
      server().meets(json(success))
      expect(await login()).to.deep.equal(identity)
    })
  }

  it('makes no connection after a refused one, repeats included, five calls long', async () => {
    const { login } = setUp()
    await server().close()
    for (let n = 0; n < 5; n++) expect(causeOf(await failure(login()))).to.equal('ECONNREFUSED')
    expect(causeOf(await failure(login()))).to.equal('circuit open')
  })

  it('counts calls of every kind together, and refuses them alike', async () => {
    const { gateway, breaker } = setUp()
    server().meets(reset())
    const calls = [
      () => gateway.exchangeCode(appid, code),
      () => gateway.stableToken(appid),
      () => gateway.phoneNumber(accessToken, phoneCode, openid),
      () => gateway.honoursKey(accessToken, openid, sessionKey),
      () => gateway.resetKey(accessToken, openid, sessionKey),
      () => gateway.encryptKeys(accessToken, openid, sessionKey),
    ]
    for (const call of calls) await failure(call())
    expect(breaker.state()).to.equal('open')
    for (const call of calls) expect(causeOf(await failure(call()))).to.equal('circuit open')
    expect(server().requests).to.have.length(5)
  })

  it('tries with one call after 5 s, and serves all once that one had an answer', async () => {
    const { login, time } = setUp()
    server().meets(reset())
    for (let n = 0; n < 5; n++) await failure(login())
    const held: Parameters<Behaviour>[0][] = []
    server().meets((socket) => held.push(socket), kept(success))
    time.now = 5_000
    const trial = login()
    for (let n = 0; n < 3; n++) expect(causeOf(await failure(login()))).to.equal('circuit open')
    while (held.length === 0) await new Promise(setImmediate)
    for (const socket of held) json(success)(socket, '', '')
    expect(await trial).to.deep.equal(identity)
    expect(await Promise.all([login(), login()])).to.deep.equal([identity, identity])
    expect(server().requests).to.have.length(8)
  })

  it('counts a kept connection that died, and the refused one after it, as one failure', async () => {
    const { login, breaker } = setUp()
    server().meets(kept(success))
    await login()
    await server().close()
    for (let n = 0; n < 4; n++) await failure(login())
    expect(breaker.state()).to.equal('closed')
    await failure(login())
    expect(breaker.state()).to.equal('open')
  })

  it('does not count a call that waited in vain for a connection of its own', async () => {
    const { login, breaker } = setUp({ atMost: 1, timeout: BRIEF })
    server().meets(hang())
    const errors = await Promise.all(Array.from({ length: 7 }, () => failure(login())))
    expect(errors.map(({ code }) => code)).to.have.members([
      'wechat_timeout',
      ...Array.from({ length: 6 }, () => 'wechat_unreachable'),
    ])
    expect(breaker.state()).to.equal('closed')
  })
})

describe('createHttpWechat gives a new connection less time than the call', () => {
  const server = withFaultyServer()

  it('when DNS does not answer: nothing is sent, and a second try gets the same time', async () => {
    let asked = 0
    const gateway = createHttpWechat({
      api: 'http://api.example',
      apps,
      timeout: AMPLE,
      backoff: 1,
      connectTimeout: 50,
      lookup: () => asked++,
    })
    const error = await failure(gateway.exchangeCode(appid, code))
    expect(error.code).to.equal('wechat_unreachable')
    expect(causeOf(error)).to.equal('ETIMEDOUT')
    expectNoCanary(error)
    expect(asked).to.equal(2)
  })

  it('when TLS does not come about', async () => {
    const api = `https://127.0.0.1:${server().port}`
    const gateway = createHttpWechat({ api, apps, timeout: AMPLE, backoff: 1, connectTimeout: 300 })
    const error = await failure(gateway.exchangeCode(appid, code))
    expect(error.code).to.equal('wechat_unreachable')
    expect(causeOf(error)).to.equal('ETIMEDOUT')
    await server().idle()
    expect(server().connections()).to.equal(2)
  })

  it('of half the call at most', async () => {
    const gateway = createHttpWechat({
      api: 'http://api.example',
      apps,
      timeout: BRIEF,
      backoff: AMPLE,
      lookup: () => {},
    })
    expect(causeOf(await failure(gateway.exchangeCode(appid, code)))).to.equal('ETIMEDOUT')
  })

  it('and an answer all the time that is left', async () => {
    const late: Behaviour = (socket, ...request) => {
      setTimeout(() => json(success)(socket, ...request), 700)
    }
    server().meets(late)
    const gateway = createHttpWechat({ api: server().url, apps, timeout: AMPLE, connectTimeout: 500 })
    expect(await gateway.exchangeCode(appid, code)).to.deep.equal({ openid, sessionKey })
  })
})
