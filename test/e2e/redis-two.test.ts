import { expect } from 'chai'
import { freePort, type RedisServer, startRedis } from '../support/redis/servers.js'
import { serviceKey, useRedisServices } from '../support/redis/use-redis-services.js'
import type { SpawnedService } from '../support/service/spawn-service.js'

// Endings on every node are in endings-elsewhere.test.ts, limits in limits-shared.test.ts with TEST_STORE=redis.
describe('two services on one Redis', () => {
  const { start, login, logout, verify, until, weixin } = useRedisServices()
  let server: RedisServer
  let one: SpawnedService
  let other: SpawnedService
  beforeEach(async () => {
    server = await startRedis()
    // A machine that is held up is no Redis that is gone.
    const url = `redis://127.0.0.1:${server.port}?timeout=5000`
    one = await start(url)
    other = await start(url)
  })
  afterEach(() => server.close())

  const callsOf = (path: string) => weixin().calls.filter((call) => call.path === path).length

  it('give one session for one code and Idempotency-Key, and ask WeChat once', async () => {
    const body = JSON.stringify(await weixin().login('ann'))
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'attempt' }
    weixin().fail({ delay: 200 })
    const answers = await Promise.all(
      [one, other, one, other].map(({ url }) => fetch(`${url}/v1/login`, { method: 'POST', headers, body })),
    )
    expect(answers.map(({ status }) => status)).to.deep.equal([201, 201, 201, 201])
    const tokens = await Promise.all(
      answers.map(async (answer) => ((await answer.json()) as { r3session: string }).r3session),
    )
    expect(new Set(tokens).size).to.equal(1)
    expect(callsOf('/sns/jscode2session')).to.equal(1)
  })

  it('fetch one access_token between them, however many ask at once', async () => {
    const headers = { authorization: `Bearer ${serviceKey}` }
    const answers = await Promise.all(
      [one, other, one, other, one, other].map(({ url }) => fetch(`${url}/v1/access-token`, { headers })),
    )
    const given = await Promise.all(answers.map(async (answer) => (await answer.json()) as object))
    expect(new Set(given.map((each) => Reflect.get(each, 'accessToken'))).size).to.equal(1)
    expect(callsOf('/cgi-bin/stable_token')).to.equal(1)
  })

  it('find out each for themselves that WeChat is out of reach', async () => {
    const cut = await start(`redis://127.0.0.1:${server.port}?timeout=5000`, {
      WECHAT_API: `http://127.0.0.1:${await freePort()}`,
    })
    const circuitOf = ({ lines }: SpawnedService) => lines().filter(({ msg }) => /WeChat/.test(String(msg)))
    for (let n = 0; n < 5; n++) {
      const { json } = await cut.send('POST', '/v1/login', { body: { code: `code-${n}` } })
      expect(json['code']).to.equal('wechat_unreachable')
    }
    await until(true, () => circuitOf(cut).length > 0)
    for (const service of [one, other]) {
      expect(await verify(cut, await login(service))).to.equal(200)
      expect(circuitOf(service)).to.deep.equal([])
    }
  })

  it('live on when the other is killed with a login under way', async () => {
    const [stays, ends] = [await login(one, 'ann'), await login(one, 'ben')]
    weixin().fail({ delay: 2000 })
    const before = weixin().calls.length
    const lost = login(one, 'carl').catch(() => 'lost')
    await until(true, () => weixin().calls.length > before)
    await one.kill('SIGKILL')
    expect(await lost).to.equal('lost')
    expect(await verify(other, stays)).to.equal(200)
    expect(await logout(other, ends)).to.equal(204)
    expect(await verify(other, ends)).to.equal(401)
    expect(await verify(other, await login(other, 'carl'))).to.equal(200)
  })
})
