import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { patiently } from '../support/patiently.js'
import { type SpawnedService, spawnService, temporaryFolder } from '../support/service/spawn-service.js'
import { callsDuring, type SystemCall } from '../support/service/strace.js'
import { startHoldingWechat } from '../support/wechat/holding-wechat.js'

const REQUESTS = 200

/** Calls more than the work needs that are no failure: a sweep or another timer may fall into any moment. */
const FEW = REQUESTS / 10

/** Milliseconds in which touches are gathered. */
const TOUCH_WINDOW = 250

/** Milliseconds in which what limits count is gathered. */
const COUNT_WINDOW = 250

/** In calls, which are as many on every machine. */
describe('what a request costs', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let wechat: Awaited<ReturnType<typeof startHoldingWechat>>
  let running: SpawnedService[]
  let agent: Agent
  beforeEach(async () => {
    folder = temporaryFolder()
    running = []
    agent = new Agent({ keepAlive: true, maxSockets: 1 })
    wechat = await startHoldingWechat()
  })
  afterEach(async () => {
    agent.destroy()
    await Promise.all(running.map((service) => service.kill('SIGKILL')))
    await wechat.close()
    folder.remove()
  })

  async function start(env: Record<string, string> = {}): Promise<SpawnedService> {
    const service = await spawnService({
      SESSION_STORE: `sqlite:${join(folder.path, 'sessions.db')}`,
      WECHAT_API: wechat.url,
      WECHAT_APPID: 'wx0123456789abcdef',
      WECHAT_SECRET: '0123456789abcdef0123456789abcdef',
      ...env,
    })
    running.push(service)
    return service
  }

  /** Logs in with this code, which is the user's name. */
  async function login({ send }: SpawnedService, code: string): Promise<string> {
    const { status, json } = await patiently(() => send('POST', '/v1/login', { body: { code } }))
    expect(status).to.equal(201)
    return String(json['r3session'])
  }
  /** A few at a time: many more at once would be too much for a machine that is slow. */
  async function logins(service: SpawnedService, howMany: number): Promise<string[]> {
    const tokens: string[] = []
    while (tokens.length < howMany) {
      const next = Array.from({ length: Math.min(64, howMany - tokens.length) }, (_, n) => tokens.length + n)
      tokens.push(...(await Promise.all(next.map((n) => login(service, `user-${n}`)))))
    }
    return tokens
  }

  async function verify({ url }: SpawnedService, token: string): Promise<void> {
    const asked = get(`${url}/v1/auth`, { agent, headers: { authorization: `Bearer ${token}` } })
    const [answer] = await once(asked, 'response')
    await once(answer.resume(), 'end')
    expect(answer.statusCode).to.equal(200)
  }

  const count = (calls: SystemCall[], name: RegExp, args = /^/) =>
    calls.filter((call) => name.test(call.name) && args.test(call.args)).length
  const ofThread = (calls: SystemCall[], pid?: number) => calls.filter(({ thread }) => thread === pid)
  const answers = (calls: SystemCall[]) => count(calls, /^(write|send)/, /^(?!1<)\d+<socket/)
  const logged = (calls: SystemCall[]) => count(calls, /^write/, /^1</)
  const stats = (calls: SystemCall[]) => count(calls, /stat/)
  const fsyncs = (calls: SystemCall[], args?: RegExp) => count(calls, /^f(data)?sync$/, args)
  /** SQLite takes this lock of a WAL's index once for each transaction that writes. */
  const commits = (calls: SystemCall[]) => count(calls, /^fcntl$/, /sessions\.db-shm>.*F_WRLCK.*l_start=120,/)
  /** Wakes another thread: the one that writes. */
  const messages = (calls: SystemCall[], { pid }: SpawnedService) =>
    count(ofThread(calls, pid), /^write$/, /^\d+<anon_inode:\[eventfd\]>/)

  it('is one write for a session that was in use just now, and a look whether others have committed', async function () {
    const service = await start()
    const token = await login(service, 'ann')
    await verify(service, token)
    const calls = await callsDuring(this, service.pid, async () => {
      for (let n = 0; n < REQUESTS; n++) await verify(service, token)
    })
    expect(answers(calls), 'answers').to.equal(REQUESTS)
    // The lock that SQLite takes to read what another process would have changed, and gives back.
    const looks = count(calls, /^fcntl$/, /sessions\.db/)
    expect(looks, 'looks').to.be.below(2 * REQUESTS + FEW)
    expect(count(calls, /^/, /sessions\.db/) - looks, 'other calls for the file').to.be.below(FEW)
    expect(stats(calls), 'stats').to.be.below(FEW)
    expect(fsyncs(calls), 'fsyncs').to.be.below(FEW)
    expect(logged(calls), 'log writes').to.be.below(FEW)
    expect(messages(calls, service), 'messages').to.be.below(FEW)
  })

  it('is one fsync for a login that comes alone', async function () {
    const service = await start()
    await login(service, 'ann')
    const calls = await callsDuring(this, service.pid, async () => {
      for (let n = 0; n < 10; n++) await login(service, `user-${n}`)
    })
    expect(fsyncs(calls), 'fsyncs').to.be.within(10, 14)
    expect(commits(calls), 'commits').to.be.within(10, 14)
    expect(messages(calls, service), 'messages').to.be.within(10, 14)
  })

  it('is no more for a login that is counted by its address: the count shares its commit', async function () {
    const service = await start({ TRUST_PROXY: 'loopback' })
    const counted = async (code: string) => {
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.7' }
      const body = JSON.stringify({ code })
      const answer = await fetch(`${service.url}/v1/login`, { method: 'POST', headers, body })
      expect([answer.status, await answer.text()]).to.include(201)
    }
    await counted('ann')
    const calls = await callsDuring(this, service.pid, async () => {
      for (let n = 0; n < 10; n++) await counted(`user-${n}`)
      await pause(2 * COUNT_WINDOW)
    })
    expect(fsyncs(calls), 'fsyncs').to.be.within(10, 14)
    expect(commits(calls), 'commits').to.be.within(10, 14)
    expect(messages(calls, service), 'messages').to.be.within(10, 14)
  })

  it('is shared by logins that come at once', async function () {
    const service = await start()
    await login(service, 'ann')
    // How many find the writer at work is up to the machine: the best of a few rounds says whether they can share.
    const rounds: { fsyncs: number; commits: number; messages: number }[] = []
    const shares = (round: (typeof rounds)[number]) =>
      Object.values(round).every((calls) => calls >= 1 && calls <= 16)
    while (rounds.length < 5 && !rounds.some(shares)) {
      const calls = await callsDuring(this, service.pid, async () => {
        const held = wechat.hold(64)
        const all = logins(service, 64)
        await held
        // It stands still until everything is there, however slowly this process comes along.
        process.kill(Number(service.pid), 'SIGSTOP')
        await wechat.release()
        process.kill(Number(service.pid), 'SIGCONT')
        await all
      })
      rounds.push({ fsyncs: fsyncs(calls), commits: commits(calls), messages: messages(calls, service) })
    }
    expect(rounds).to.satisfy(() => rounds.some(shares), 'one round with at most 16 of each')
  })

  it('is no fsync for the first use of a session in a while, and a commit for those of a window', async function () {
    // A use is written when the one before is a hundredth of that ago.
    const env = { SESSION_TTL: '100' }
    const first = await start(env)
    const tokens = await logins(first, 300)
    const from = Date.now()
    await first.kill()
    const service = await start(env)
    // Begins the WAL anew, which does take an fsync.
    await login(service, 'ann')
    await pause(Math.max(0, from + 1001 - Date.now()))
    let took = 0
    const calls = await callsDuring(this, service.pid, async () => {
      const begun = Date.now()
      for (const token of tokens) await verify(service, token)
      await pause(2 * TOUCH_WINDOW)
      took = Date.now() - begun
    })
    const most = 3 + Math.ceil(took / TOUCH_WINDOW)
    expect(commits(calls), 'commits').to.be.within(2, most)
    expect(messages(calls, service), 'messages').to.be.within(2, most + FEW)
    // One would be a checkpoint's, not a commit's.
    expect(fsyncs(calls, /-wal>/), 'fsyncs').to.be.at.most(1)
  })
})
