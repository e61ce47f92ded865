import { join } from 'node:path'
import { expect } from 'chai'
import { type Sandbox, startSandbox } from '#src/sandbox/index.js'
import { patiently } from '../support/patiently.js'
import { skipWithoutRedis, startRedis, startRedisCluster } from '../support/redis/servers.js'
import { type SpawnedService, spawnService, temporaryFolder } from '../support/service/spawn-service.js'

const key = 'orders-key-0123456789abcdef0123456789'

/** How a session may end. */
const ways = ['logout', 'endOne', 'endAll', 'forget', 'makingRoom'] as const

/** Users whose sessions end in each way, and sessions that each user has, which is as many as one may have. */
const [USERS, SESSIONS] = [3, 6]

/** Stores that processes share: how each is opened. */
const stores: Readonly<Record<string, () => Promise<{ url: string; close(): Promise<void> }>>> = {
  'one file': async () => {
    const folder = temporaryFolder()
    return { url: `sqlite:${join(folder.path, 'sessions.db')}`, close: async () => folder.remove() }
  },
  'one Redis': async () => {
    const server = await startRedis()
    return { url: `redis://127.0.0.1:${server.port}`, close: server.close }
  },
  'one Redis Cluster': async () => {
    const { nodes, close } = await startRedisCluster()
    return { url: `redis://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`, close }
  },
}

for (const [name, open] of Object.entries(stores))
  describe(`two processes on ${name}`, () => {
    let store: { url: string; close(): Promise<void> }
    let weixin: Sandbox
    let services: SpawnedService[]
    before(function () {
      if (name.includes('Redis')) skipWithoutRedis(this)
    })
    beforeEach(async () => {
      store = await open()
      services = []
      weixin = await startSandbox()
      const [app] = weixin.apps
      const env = {
        SESSION_STORE: store.url,
        SESSION_SECRET: '0123456789abcdef0123456789abcdef',
        SERVICE_KEYS: `orders:${key}`,
        SESSION_MAX_PER_USER: String(SESSIONS),
        WECHAT_API: weixin.url,
        WECHAT_APPID: app?.appid ?? '',
        WECHAT_SECRET: app?.secret ?? '',
      }
      for (let n = 0; n < 2; n++) services.push(await spawnService(env))
    })
    afterEach(async () => {
      await Promise.all(services.map((service) => service.kill('SIGKILL')))
      await weixin.close()
      await store.close()
    })

    const service = (n: number) => services[n % services.length] as SpawnedService

    async function login(user: string, at: number): Promise<string> {
      const { status, json } = await patiently(async () =>
        service(at).send('POST', '/v1/login', { body: await weixin.login(user) }),
      )
      expect(status).to.equal(201)
      // The next login of the user is a later one, so that it is known which session is the oldest.
      const now = Date.now()
      while (Date.now() === now);
      return String(json['r3session'])
    }

    const statusOf = async (token: string, at: number) =>
      (await patiently(() => service(at).send('GET', '/v1/auth', { token }))).status

    /** Ends sessions of a user in one of the ways; gives the tokens that have ended. */
    async function end(way: (typeof ways)[number], user: string, tokens: readonly string[], at: number) {
      const path = `/v1/users/${weixin.identity(user).openid}`
      const [oldest = '', ...others] = tokens
      const ask = async (method: string, asked: string, token = key) => {
        const { status, json } = await patiently(() => service(at).send(method, asked, { token }))
        expect(status, `${method} ${asked}`).to.be.oneOf([200, 204])
        return json
      }
      if (way === 'makingRoom') await login(user, at)
      if (way === 'logout') await ask('DELETE', '/v1/session', oldest)
      if (way === 'endAll') await ask('DELETE', `${path}/sessions`)
      if (way === 'forget') await ask('DELETE', path)
      if (way === 'endOne') {
        const { sessions } = await ask('GET', `${path}/sessions`)
        await ask('DELETE', `${path}/sessions/${(sessions as { id: string }[]).at(-1)?.id}`)
      }
      return way === 'endAll' || way === 'forget' ? [oldest, ...others] : [oldest]
    }

    it('answer 401 for a session from the moment its ending was confirmed, however busy they are', async () => {
      const users = ways.flatMap((way) =>
        Array.from({ length: USERS }, (_, n) => ({ way, user: `${way}-${n}` })),
      )
      const tokensOf = new Map<string, string[]>()
      for (const [n, { user }] of users.entries()) {
        const tokens: string[] = []
        for (let each = 0; each < SESSIONS; each++) tokens.push(await login(user, n))
        tokensOf.set(user, tokens)
      }
      const all = [...tokensOf.values()].flat()

      /** Sessions that something is about to end, and those whose ending was confirmed. */
      const [ending, ended] = [new Set<string>(), new Set<string>()]
      const wrong: string[] = []
      let [verified, refused] = [0, 0]
      async function verify(token: string, at: number): Promise<void> {
        const [wasOver, wasEnding] = [ended.has(token), ending.has(token)]
        const status = await statusOf(token, at)
        const isSafe = !wasEnding && !ending.has(token) && !ended.has(token)
        if (wasOver && status !== 401) wrong.push(`${status} after the end`)
        if (isSafe && status !== 200) wrong.push(`${status} for a session that nobody has ended`)
        verified++
        if (status === 401) refused++
      }
      // Both know every session before the first one ends.
      for (const at of [0, 1]) await Promise.all(all.map((token) => verify(token, at)))

      let isDone = false
      async function hammer(start: number): Promise<void> {
        for (let n = start; !isDone; n++) await verify(all[n % all.length] as string, start)
      }
      const hammers = Array.from({ length: 8 }, (_, n) => hammer(n * 11))
      for (let n = 0; n < users.length; n++) {
        // Not one way after the other; each is done by either process.
        const { way, user } = users[(n * 7) % users.length] as (typeof users)[number]
        const tokens = tokensOf.get(user) ?? []
        for (const token of tokens) ending.add(token)
        const over = await end(way, user, tokens, n)
        for (const token of tokens) ending.delete(token)
        for (const token of over) ended.add(token)
        await Promise.all(tokens.flatMap((token) => [verify(token, 0), verify(token, 1)]))
      }
      isDone = true
      await Promise.all(hammers)

      for (const at of [0, 1]) await Promise.all(all.map((token) => verify(token, at)))
      expect(wrong).to.deep.equal([])
      expect(ended.size).to.equal(USERS * (3 + 2 * SESSIONS))
      expect(verified).to.be.greaterThan(4 * all.length)
      expect(refused).to.be.greaterThan(2 * ended.size)
    })
  })
