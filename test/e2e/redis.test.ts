import { expect } from 'chai'
import { patiently } from '../support/patiently.js'
import { clientOf, type RedisServer, startRedis } from '../support/redis/servers.js'
import { useRedisServices } from '../support/redis/use-redis-services.js'

describe('sessions in Redis', () => {
  const { start, login, verify, ready, until, weixin } = useRedisServices()
  let server: RedisServer
  afterEach(() => server.close())
  const startHere = (url = `redis://127.0.0.1:${server.port}`) => start(url)

  it('live on when the service is started anew, and hold no token and no key in the clear', async () => {
    server = await startRedis()
    const first = await startHere()
    const token = await login(first)
    const { json } = await first.send('POST', '/v1/decrypt', { token, body: await weixin().userInfo('ann') })
    expect(json['data']).to.include({ openId: weixin().identity('ann').openid })
    await first.kill()
    const second = await startHere()
    expect(await verify(second, token)).to.equal(200)

    const redis = clientOf(server.port)
    await redis.connect()
    const kept: unknown[] = []
    for (const name of await redis.keys('*')) {
      kept.push(name, (await redis.type(name)) === 'hash' ? await redis.hgetall(name) : await redis.get(name))
    }
    redis.disconnect()
    const text = JSON.stringify(kept)
    expect(text).to.include(weixin().identity('ann').openid)
    for (const secret of [
      token,
      Buffer.from(token, 'hex').toString('base64'),
      weixin().keyOf({ appid: weixin().apps[0]?.appid ?? '', openid: weixin().identity('ann').openid }),
    ]) {
      expect(text).not.to.include(String(secret))
    }
  })

  it('are refused while Redis is away, also at the start, and served when it is there', async () => {
    server = await startRedis()
    await server.stop()
    const service = await startHere()
    expect(await ready(service)).to.equal(503)
    const response = await fetch(`${service.url}/v1/auth`, {
      headers: { authorization: `Bearer ${'a'.repeat(128)}` },
    })
    expect(response.status).to.equal(503)
    expect(response.headers.get('retry-after')).to.match(/^\d+$/)
    expect(await response.json()).to.include({ code: 'storage_unavailable' })
    await server.restart()
    await until(200, () => ready(service))
    expect(await verify(service, await login(service))).to.equal(200)
    const told = service.lines().filter(({ msg }) => msg === 'the store is out of reach')
    expect(told.map(({ reason }) => reason)).to.deep.equal(['ECONNREFUSED'])
  })

  it('are over where Redis comes back with nothing in it, or is emptied', async () => {
    server = await startRedis()
    const service = await startHere()
    const token = await login(service)
    expect(await verify(service, token)).to.equal(200)
    await server.stop('SIGKILL')
    await server.restart()
    await until(200, () => ready(service))
    expect(await verify(service, token)).to.equal(401)

    const later = await login(service)
    for (let n = 0; n < 2; n++) expect(await verify(service, later)).to.equal(200)
    const redis = clientOf(server.port)
    await redis.connect()
    await redis.flushall()
    redis.disconnect()
    expect(await verify(service, later)).to.equal(401)
    expect(await verify(service, await login(service))).to.equal(200)
  })

  it('can be read but not begun while Redis is full or a replica', async () => {
    server = await startRedis()
    const service = await startHere()
    const token = await login(service)
    const redis = clientOf(server.port)
    await redis.connect()
    const refused = async (reason: RegExp) => {
      const { status, json } = await service.send('POST', '/v1/login', { body: await weixin().login('ben') })
      expect(status).to.equal(503)
      expect(json['code']).to.equal('storage_unavailable')
      await until(503, async () => {
        const line = service.lines().findLast(({ route }) => route === '/v1/login')
        return reason.test(String(line?.['cause'])) ? 503 : 0
      })
    }
    await redis.config('SET', 'maxmemory', '1')
    await refused(/its memory is full/)
    const begun = await startHere()
    for (const each of [service, begun]) {
      expect(await verify(each, token)).to.equal(200)
      expect(await ready(each)).to.equal(503)
    }
    await redis.config('SET', 'maxmemory', '0')
    await until(200, () => ready(service))

    await redis.call('REPLICAOF', '127.0.0.1', '1')
    await refused(/replica|master|connection/)
    await redis.call('REPLICAOF', 'NO', 'ONE')
    redis.disconnect()
    await until(200, () => ready(service))
    expect(await verify(service, token)).to.equal(200)
  })

  it('survive kill -9 of a Redis that writes each of them down', async () => {
    server = await startRedis({ appendonly: 'yes', appendfsync: 'always' })
    const service = await startHere()
    for (let round = 0; round < 5; round++) {
      const [stays, ends] = [await login(service, 'ann'), await login(service, 'ben')]
      const { status } = await patiently(() => service.send('DELETE', '/v1/session', { token: ends }))
      expect(status).to.equal(204)
      await server.stop('SIGKILL')
      await server.restart()
      await until(200, () => ready(service))
      expect([await verify(service, stays), await verify(service, ends)]).to.deep.equal([200, 401])
    }
  })

  it('are not kept in a Redis that would throw them away, or that is one node of a cluster', async () => {
    server = await startRedis({ 'maxmemory-policy': 'allkeys-lru' })
    const evicting = await startHere()
    expect((await evicting.ended).status).to.equal(1)
    expect(evicting.output()).to.match(/maxmemory-policy is allkeys-lru: .*set it to noeviction/)
    await server.close()
    server = await startRedis({ 'cluster-enabled': 'yes', 'cluster-config-file': 'nodes.conf' })
    const alone = await startHere()
    expect((await alone.ended).status).to.equal(1)
    expect(alone.output()).to.match(/it is a node of a cluster: name two or more/)
  })

  it('are behind a password that is named as the reason and never shown', async () => {
    server = await startRedis({ requirepass: 'canary-password' })
    const right = await startHere(`redis://:canary-password@127.0.0.1:${server.port}`)
    expect(await verify(right, await login(right))).to.equal(200)
    const [wrong, none] = await Promise.all([
      startHere(`redis://:canary-other@127.0.0.1:${server.port}`),
      startHere(`redis://127.0.0.1:${server.port}`),
    ])
    expect(await ready(wrong)).to.equal(503)
    expect(wrong.output()).to.match(/user name and password do not fit/)
    expect(await ready(none)).to.equal(503)
    expect(none.output()).to.match(/it wants a password/)
    for (const service of [right, wrong, none]) expect(service.output()).not.to.include('canary')
  })
})
