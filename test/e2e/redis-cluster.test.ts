import { expect } from 'chai'
import type { Redis } from 'ioredis'
import { clientOf, startRedisCluster } from '../support/redis/servers.js'
import { useRedisServices } from '../support/redis/use-redis-services.js'

describe('a Redis Cluster whose slots move', () => {
  const { start, login, logout, verify, ready } = useRedisServices()
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>
  let clients: Redis[]
  beforeEach(async () => {
    cluster = await startRedisCluster()
    clients = await Promise.all(
      cluster.nodes.map(async ({ port }) => {
        const client = clientOf(port)
        await client.connect()
        return client
      }),
    )
  })
  afterEach(async () => {
    for (const client of clients) client.disconnect()
    await cluster.close()
  })

  it('keeps what was confirmed, and serves before, while and after each of them has moved', async () => {
    const service = await start(`redis://${cluster.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`)
    const tokens = new Map<string, number>()
    async function use(user: string): Promise<void> {
      const [stays, ends] = [await login(service, user), await login(service, user)]
      expect(await logout(service, ends)).to.equal(204)
      tokens.set(stays, 200).set(ends, 401)
      for (const [token, status] of tokens) expect(await verify(service, token), user).to.equal(status)
    }
    await use('ann')

    const ids = await Promise.all(clients.map((client) => client.cluster('MYID')))
    let moved = 0
    for (const [at, source] of clients.entries()) {
      const [to, id] = [(at + 1) % clients.length, ids[at]]
      const target = clients[to] as Redis
      const slots = new Set<number>()
      for (const key of await source.keys('*')) slots.add(Number(await source.cluster('KEYSLOT', key)))
      for (const slot of slots) {
        await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(id))
        await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(ids[to]))
        for (const key of (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, 100)) as string[]) {
          await source.call('MIGRATE', '127.0.0.1', String(cluster.nodes[to]?.port), key, 0, 5000)
        }
      }
      // The keys are there, the slots still here: it is asked there (ASK).
      for (const [token, status] of tokens) expect(await verify(service, token), 'ASK').to.equal(status)
      await use(`user ${at}`)
      for (const slot of slots) {
        for (const client of [target, source])
          await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', String(ids[to]))
        moved++
      }
      // The slots have gone there (MOVED).
      await use('ann')
    }
    expect(moved).to.be.above(6)
    expect(await ready(service)).to.equal(200)
  }).timeout(120_000)
})
