import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import type { Redis } from 'ioredis'
import { type Line, startLine } from '../support/redis/line.js'
import { clientOf, type RedisServer, startRedis } from '../support/redis/servers.js'
import { useRedisServices } from '../support/redis/use-redis-services.js'
import type { SpawnedService } from '../support/service/spawn-service.js'

/** The long form, by hand, also looks at how long answers take. */
const IS_LONG = process.env['REDIS_OUTAGES'] === 'long'

/** Seconds without Redis: as long as it takes to give a connection up, or as the promises say. */
const [CUT_OFF, STOPPED] = IS_LONG ? [60, 10] : [2, 2]

describe('a Redis that fails', () => {
  const { start, login, logout, verify, ready, until, weixin } = useRedisServices()
  let open: { close(): Promise<void> }[]
  let clients: Redis[]
  beforeEach(() => {
    open = []
    clients = []
  })
  afterEach(async () => {
    for (const client of clients) client.disconnect()
    await Promise.all(open.map((each) => each.close()))
  })

  async function redis(settings: Record<string, string> = {}): Promise<RedisServer> {
    const server = await startRedis(settings)
    open.push(server)
    return server
  }
  async function lineTo({ port }: RedisServer): Promise<Line> {
    const line = await startLine(port)
    open.push(line)
    return line
  }
  async function clientTo({ port }: RedisServer): Promise<Redis> {
    const client = clientOf(port)
    clients.push(client)
    await client.connect()
    return client
  }
  /** A replica that has all that its master has. */
  async function replicaOf(master: RedisServer): Promise<RedisServer> {
    const replica = await redis({ replicaof: `127.0.0.1 ${master.port}` })
    const client = await clientTo(replica)
    await until(true, async () => /master_link_status:up/.test(await client.info('replication')))
    return replica
  }
  /** Resolves when the log names this as the reason why Redis was lost, or why a request failed. */
  const told = (service: SpawnedService, reason: RegExp) =>
    until(true, () =>
      service.lines().some((line) => reason.test(`${String(line['reason'])} ${String(line['cause'])}`)),
    )

  it('leaves to its replica what was confirmed with replicas=1, and comes back as one', async () => {
    const master = await redis()
    const replica = await replicaOf(master)
    const line = await lineTo(master)
    const service = await start(`redis://127.0.0.1:${line.port}?replicas=1&timeout=2000`)
    const [stays, ends] = [await login(service, 'ann'), await login(service, 'ben')]
    expect(await logout(service, ends)).to.equal(204)
    await master.stop('SIGKILL')
    line.leadTo(replica.port)
    const second = await clientTo(replica)
    await second.call('REPLICAOF', 'NO', 'ONE')
    await until(200, () => verify(service, stays))
    expect(await verify(service, ends)).to.equal(401)
    // It has no replica of its own yet, so it can say yes to nothing new.
    await until(true, async () => {
      expect(await ready(service)).to.equal(503)
      return service.lines().some(({ cause }) => /0 of 1 replicas have it/.test(String(cause)))
    })

    await master.restart()
    const first = await clientTo(master)
    await first.call('REPLICAOF', '127.0.0.1', String(replica.port))
    await until(200, () => ready(service))
    const later = await login(service, 'ben')

    // Handed over in peace: the service holds on to a server that has become a replica, until it is told so.
    await until(true, async () => /master_link_status:up/.test(await first.info('replication')))
    line.leadTo(master.port)
    await first.call('REPLICAOF', 'NO', 'ONE')
    await second.call('REPLICAOF', '127.0.0.1', String(master.port))
    await until(200, () => ready(service))
    for (const token of [stays, later]) expect(await verify(service, token)).to.equal(200)
    expect(await verify(service, ends)).to.equal(401)
  })

  it('answers while a slow script keeps it busy, with 503, and serves after it', async () => {
    const server = await redis({ 'busy-reply-threshold': '50' })
    const service = await start(`redis://127.0.0.1:${server.port}`)
    const token = await login(service)
    const [blocking, other] = [await clientTo(server), await clientTo(server)]
    const ended = blocking.call('EVAL', 'while true do end', '0').catch((error: Error) => error.message)
    await until(503, async () => (await service.send('GET', '/v1/auth', { token })).status)
    await told(service, /a slow script keeps it busy/)
    expect((await service.send('POST', '/v1/login', { body: await weixin().login('ben') })).status).to.equal(
      503,
    )
    await other.script('KILL')
    await ended
    await until(200, () => ready(service))
    expect(await verify(service, token)).to.equal(200)
  })

  it('is waited for while it loads what it has kept', async () => {
    const slow = { 'key-load-delay': '500', 'loading-process-events-interval-bytes': '1024' }
    const server = await redis({ dbfilename: 'kept.rdb', ...slow })
    const service = await start(`redis://127.0.0.1:${server.port}`)
    const token = await login(service)
    const client = await clientTo(server)
    await client.eval("for n = 1, 2000 do redis.call('SET', 'other:' .. n, n) end", 0)
    await client.save()
    await server.stop('SIGKILL')
    const restarted = server.restart()
    await told(service, /it is still loading its data/)
    expect((await service.send('GET', '/v1/auth', { token })).status).to.equal(503)
    await restarted
    await until(200, () => ready(service))
    expect(await verify(service, token)).to.equal(200)
  })

  for (const [how, seconds] of [
    ['cut off', CUT_OFF],
    ['stopped', STOPPED],
  ] as const)
    it(`is not missed for longer than it is ${how}, for ${seconds} s`, async () => {
      const server = await redis()
      const line = await lineTo(server)
      const service = await start(`redis://127.0.0.1:${line.port}`)
      const token = await login(service)
      const times: number[] = []
      async function ask(): Promise<number> {
        const began = performance.now()
        const { status } = await service.send('GET', '/v1/auth', { token })
        times.push(performance.now() - began)
        return status
      }
      if (how === 'cut off') line.cut()
      else server.signal('SIGSTOP')
      const until = performance.now() + seconds * 1000
      while (performance.now() < until) {
        expect(await ask()).to.equal(503)
        await pause(20)
      }
      expect(await ready(service)).to.equal(503)
      const slowest = Math.max(...times)
      if (how === 'cut off') line.mend()
      else server.signal('SIGCONT')
      const mended = performance.now()
      let tries = 0
      while ((await ask()) !== 200) {
        expect(++tries, 'refused since it is mended').to.be.below(400)
        await pause(20)
      }
      const back = performance.now() - mended
      if (!IS_LONG) return
      process.stdout.write(`${times.length} answers, the slowest after ${slowest.toFixed(0)} ms; `)
      process.stdout.write(`right again after ${back.toFixed(0)} ms\n`)
      expect(slowest).to.be.below(300)
      expect(back).to.be.below(1000)
    }).timeout(60_000 + seconds * 1000)
})
