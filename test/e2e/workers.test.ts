import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { startSandbox } from '#src/sandbox/index.js'
import { type SpawnedService, spawnService, temporaryFolder } from '../support/service/spawn-service.js'

describe('several workers on one port', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let weixin: Awaited<ReturnType<typeof startSandbox>>
  let running: SpawnedService[]
  beforeEach(async () => {
    folder = temporaryFolder()
    weixin = await startSandbox()
    running = []
  })
  afterEach(async () => {
    await Promise.all(
      running.map(async (service) => {
        await service.kill('SIGKILL')
        await service.allEnded
      }),
    )
    await weixin.close()
    folder.remove()
  })

  async function start(env: Record<string, string> = {}): Promise<SpawnedService> {
    const [app] = weixin.apps
    const service = await spawnService({
      SESSION_STORE: `sqlite:${join(folder.path, 'data/sessions.db')}`,
      WECHAT_API: weixin.url,
      WECHAT_APPID: app?.appid ?? '',
      WECHAT_SECRET: app?.secret ?? '',
      WORKERS: '2',
      ...env,
    })
    running.push(service)
    return service
  }

  /** Asks on a connection of its own, so that each request may reach another worker. */
  async function ask(
    { url }: SpawnedService,
    method: string,
    path: string,
    { token, body, key }: { token?: string; body?: unknown; key?: string } = {},
  ) {
    const asked = request(url + path, {
      method,
      agent: false,
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(key !== undefined && { 'Idempotency-Key': key }),
      },
    })
    asked.end(body && JSON.stringify(body))
    const [response] = await once(asked, 'response')
    let text = ''
    for await (const chunk of response) text += chunk
    return { status: Number(response.statusCode), json: text.startsWith('{') ? JSON.parse(text) : {} }
  }

  async function login(service: SpawnedService, user = 'ann'): Promise<string> {
    const { status, json } = await ask(service, 'POST', '/v1/login', { body: await weixin.login(user) })
    expect(status).to.equal(201)
    return json.r3session
  }

  /** The workers that answered requests so far. */
  const workersOf = (service: SpawnedService) => [
    ...new Set(
      service
        .lines()
        .filter(({ msg }) => msg === 'request')
        .map(({ worker }) => Number(worker)),
    ),
  ]

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await pause(5)
  }
  const hasSaid = (service: SpawnedService, msg: string) =>
    service.lines().some((line) => line['msg'] === msg)

  /** Both workers, by their pids: each has answered something. */
  async function bothOf(service: SpawnedService): Promise<number[]> {
    while (workersOf(service).length < 2) await ask(service, 'GET', '/v1/session')
    return workersOf(service)
  }

  it('are announced once, share what they keep, and are all ready', async () => {
    const service = await start()
    expect(service.lines().filter(({ msg }) => msg === 'listening')).to.have.length(1)
    expect(service.lines().at(-1)).to.include({ msg: 'listening', workers: 2 })
    const tokens = await Promise.all(Array.from({ length: 8 }, (_, n) => login(service, `user ${n}`)))
    expect(await bothOf(service)).to.have.length(2)
    for (const token of tokens) {
      for (let n = 0; n < 4; n++)
        expect((await ask(service, 'GET', '/v1/session', { token })).status).to.equal(200)
    }
    for (let n = 0; n < 4; n++) expect((await ask(service, 'GET', '/readyz')).status).to.equal(200)
  })

  it('know a session no more, each of them, from the moment that its end is confirmed', async () => {
    const service = await start()
    await bothOf(service)
    for (let round = 0; round < 10; round++) {
      const token = await login(service)
      const look = () =>
        Promise.all(Array.from({ length: 6 }, () => ask(service, 'GET', '/v1/auth', { token })))
      expect((await look()).map(({ status }) => status)).to.deep.equal(Array(6).fill(200))
      expect((await ask(service, 'DELETE', '/v1/session', { token })).status).to.equal(204)
      expect((await look()).map(({ status }) => status)).to.deep.equal(Array(6).fill(401))
    }
  })

  it('give one session for one code and Idempotency-Key, whichever is asked, and ask WeChat once', async () => {
    const service = await start()
    await bothOf(service)
    const body = await weixin.login('ann')
    const before = weixin.calls.length
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => ask(service, 'POST', '/v1/login', { body, key: 'again' })),
    )
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(8).fill(201))
    expect(new Set(answers.map(({ json }) => json.r3session)).size).to.equal(1)
    expect(weixin.calls.length - before).to.equal(1)
    for (let n = 0; n < 4; n++) {
      const other = await ask(service, 'POST', '/v1/login', { body, key: 'other' })
      expect(other.json).to.include({ code: 'code_used' })
    }
  })

  it('give a code without a key to whoever brought it first, and code_used to all others', async () => {
    const service = await start()
    await bothOf(service)
    const body = await weixin.login('ann')
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => ask(service, 'POST', '/v1/login', { body })),
    )
    expect(answers.filter(({ status }) => status === 201)).to.have.length(1)
    expect(answers.filter(({ json }) => json.code === 'code_used')).to.have.length(7)
  })

  it('are replaced when they die, while the others go on', async () => {
    const service = await start()
    const token = await login(service)
    const [victim = 0] = await bothOf(service)
    process.kill(victim, 'SIGKILL')
    await until(() => hasSaid(service, 'a worker has taken its place'))
    expect(service.lines().find(({ msg }) => String(msg).startsWith('a worker died'))).to.include({
      worker: victim,
      signal: 'SIGKILL',
    })
    for (let n = 0; n < 6; n++)
      expect((await ask(service, 'GET', '/v1/session', { token })).status).to.equal(200)
    while (workersOf(service).length < 3) await ask(service, 'GET', '/v1/session')
    expect(await service.kill('SIGTERM')).to.deep.equal({ status: 0, signal: null })
  })

  it('finish what is under way when the service is told to end, in whatever way a terminal does that', async () => {
    const service = await start()
    const workers = await bothOf(service)
    weixin.fail({ delay: 400, times: 6 })
    const before = weixin.calls.length
    const users = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay']
    const logins = Promise.all(users.map((user) => login(service, user)))
    await until(() => weixin.calls.length === before + users.length)
    const ended = service.kill('SIGINT')
    // Ctrl-C goes to all processes, and systemd may send a SIGHUP or a SIGTERM along.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      for (const worker of workers) process.kill(worker, signal)
    }
    const tokens = await logins
    expect(await ended).to.deep.equal({ status: 0, signal: null })
    expect(service.lines().at(-1)).to.deep.include({ msg: 'stopped' })
    const next = await start()
    for (const token of tokens) {
      expect((await ask(next, 'GET', '/v1/session', { token })).status).to.equal(200)
    }
  })

  it('end at once at a second signal', async () => {
    const service = await start()
    weixin.fail({ hang: true })
    const before = weixin.calls.length
    const lost = login(service).catch(() => undefined)
    await until(() => weixin.calls.length > before)
    service.kill('SIGINT')
    await until(() => hasSaid(service, 'stopping'))
    expect(await service.kill('SIGINT')).to.deep.equal({ status: 1, signal: null })
    await service.allEnded
    await lost
  })

  it('finish what is under way and end when the first process is killed', async () => {
    const service = await start()
    await bothOf(service)
    weixin.fail({ delay: 400 })
    const before = weixin.calls.length
    const answer = login(service)
    await until(() => weixin.calls.length > before)
    expect(await service.kill('SIGKILL')).to.deep.equal({ status: null, signal: 'SIGKILL' })
    const token = await answer
    await service.allEnded
    const next = await start()
    expect((await ask(next, 'GET', '/v1/session', { token })).status).to.equal(200)
  })

  it('say once what keeps them from starting, and end with its status', async () => {
    const first = await start()
    const taken = await start({ PORT: String(first.port) })
    expect(await taken.ended).to.deep.equal({ status: 1, signal: null })
    const fatal = taken.lines().filter(({ level }) => level === 'fatal')
    expect(fatal).to.have.length(1)
    expect(fatal[0]).to.include({ msg: 'cannot listen', cause: 'EADDRINUSE' })
    const wrong = await start({ PORT: 'canary' })
    expect((await wrong.ended).status).to.equal(78)
    expect(wrong.stderr().match(/PORT must be/g)).to.have.length(1)
  })

  it('are one process where WeChat is imitated, and the log says so', async () => {
    const service = await start({ WECHAT_APPID: '', WECHAT_SECRET: '' })
    expect(service.output()).to.include('WORKERS has no effect in the sandbox')
    expect((await service.send('POST', '/sandbox/login')).status).to.equal(200)
  })
})
