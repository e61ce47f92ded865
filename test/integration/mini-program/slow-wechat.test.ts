import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { startSandbox } from '#src/sandbox/index.js'
import { temporaryFolder } from '../../support/service/spawn-service.js'
import { startService } from '../../support/service/start-service.js'
import { type Behaviour, keptAnswer, startFaultyServer } from '../../support/wechat/faulty-server.js'
import { success } from '../../support/wechat/http-exchange.js'
import { startSlowProxy } from '../../support/wechat/slow-proxy.js'

describe('a login while WeChat is far away', () => {
  it('costs one round trip to WeChat, but for the first', async () => {
    const weixin = await startSandbox()
    const proxy = await startSlowProxy(Number(new URL(weixin.url).port), 30)
    const service = await startService({ env: { WECHAT_API: `http://127.0.0.1:${proxy.port}` } })
    const login = async (path: string) => {
      const { status } = await service.send('POST', path, { body: await weixin.login() })
      expect(status).to.be.oneOf([200, 201])
      return proxy.newTurns()
    }
    try {
      expect(await login('/v1/login')).to.deep.equal(['connection', 'client', 'server'])
      for (const path of ['/v1/login', '/user/getuserinfo', '/v1/login'])
        expect(await login(path)).to.deep.equal(['client', 'server'])
    } finally {
      await service.close()
      await proxy.close()
      await weixin.close()
    }
  })

  it('leaves no connection behind when the service is closed', async () => {
    const weixin = await startFaultyServer()
    weixin.meets((socket) => socket.write(keptAnswer(success)))
    const service = await startService({ env: { WECHAT_API: weixin.url } })
    try {
      expect((await service.send('POST', '/v1/login', { body: { code: 'code' } })).status).to.equal(201)
    } finally {
      await service.close()
    }
    await weixin.idle()
    await weixin.close()
  })
})

describe('a login that WeChat thinks 15 seconds about', () => {
  it('is sent once by two instances on one store, and both clients get its session', async () => {
    const folder = temporaryFolder()
    const held: Parameters<Behaviour>[0][] = []
    const weixin = await startFaultyServer()
    weixin.meets((socket) => held.push(socket))
    const env = {
      WECHAT_API: weixin.url,
      WECHAT_TIMEOUT: '30000',
      SESSION_STORE: `sqlite:${join(folder.path, 'sessions.db')}`,
    }
    const one = await startService({ env })
    const other = await startService({ env })
    let looks = 0
    let now = one.time.now
    for (const { time } of [one, other]) {
      Object.defineProperty(time, 'now', {
        get() {
          if (time === other.time) looks++
          return now
        },
      })
    }
    const login = (service: typeof one) =>
      service.call('POST', '/v1/login', {
        headers: { 'content-type': 'application/json', 'idempotency-key': 'attempt' },
        body: JSON.stringify({ code: 'slow' }),
      })
    const until = async (done: () => boolean) => {
      while (!done()) await turn()
    }
    try {
      const first = login(one)
      await until(() => held.length === 1)
      const second = login(other)
      const began = now
      for (const seconds of [1, 10, 15, 29]) {
        now = began + seconds * 1000
        const before = looks
        // Each look at the claim is a look at the clock.
        await until(() => looks >= before + 3 || held.length > 1)
        expect(held, `after ${seconds} seconds`).to.have.length(1)
      }
      for (const socket of held) socket.write(keptAnswer(success))
      const answers = await Promise.all([first, second])
      for (const answer of answers) expect(answer.status, answer.text).to.equal(201)
      expect(answers[1]?.json['r3session']).to.equal(answers[0]?.json['r3session'])
      expect(weixin.requests).to.have.length(1)
    } finally {
      await one.close()
      await other.close()
      await weixin.close()
      folder.remove()
    }
  })
})
