import { once } from 'node:events'
import { Agent, type ClientRequest, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { openRaw } from '../support/service/raw-socket.js'
import { type SpawnedService, spawnService, temporaryFolder } from '../support/service/spawn-service.js'
import { startHoldingWechat } from '../support/wechat/holding-wechat.js'

const WECHAT_TIMEOUT = 3_000

const RESTARTS = 2

/** A machine that does less has fewer logins to lose. */
const MOST_AT_ONCE = 20

describe('the end of the process', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let wechat: Awaited<ReturnType<typeof startHoldingWechat>>
  let agent: Agent
  let running: SpawnedService[]
  beforeEach(async () => {
    folder = temporaryFolder()
    wechat = await startHoldingWechat()
    agent = new Agent({ keepAlive: true, maxSockets: 4 })
    running = []
  })
  afterEach(async () => {
    agent.destroy()
    await Promise.all(
      running.map(async (service) => {
        await service.kill('SIGKILL')
        await service.allEnded
      }),
    )
    await wechat.close()
    folder.remove()
  })

  async function start(env: Record<string, string> = {}): Promise<SpawnedService> {
    const service = await spawnService({
      SESSION_STORE: `sqlite:${join(folder.path, 'sessions.db')}`,
      WECHAT_API: wechat.url,
      WECHAT_APPID: 'wx0123456789abcdef',
      WECHAT_SECRET: '0123456789abcdef0123456789abcdef',
      WECHAT_TIMEOUT: String(WECHAT_TIMEOUT),
      ...env,
    })
    running.push(service)
    return service
  }

  async function answerOf(asked: ClientRequest) {
    const [answer] = await once(asked, 'response').catch((error: Error) => {
      throw Object.assign(error, { kept: asked.reusedSocket })
    })
    let text = ''
    for await (const chunk of answer) text += chunk
    return { status: Number(answer.statusCode), headers: answer.headers, json: JSON.parse(text) }
  }

  let logins = 0
  function login(port: number, connection: Agent | false) {
    const headers = { 'Content-Type': 'application/json' }
    const path = '/v1/login'
    const asked = request({ port, host: '127.0.0.1', method: 'POST', path, agent: connection, headers })
    asked.end(JSON.stringify({ code: `user-${logins++}` }))
    return answerOf(asked)
  }

  const probe = (port: number, path: string, connection: Agent | false = false) =>
    answerOf(request({ port, host: '127.0.0.1', path, agent: connection }).end())

  const isStopping = async ({ lines }: SpawnedService) => {
    while (!lines().some(({ msg }) => msg === 'stopping')) await pause(5)
  }

  for (const workers of ['1', '2']) {
    it(`costs no login on a connection that was taken, in ${workers} process(es) at 100 logins a second`, async function () {
      this.timeout(240_000)
      // However slow the machine: WeChat answers at once, and nobody is cut off for the time that it might have.
      const env = { WORKERS: workers, WECHAT_TIMEOUT: '60000' }
      let service = await start(env)
      const { port } = service
      const outcomes: string[] = []
      const underWay = new Set<Promise<void>>()
      const send = (connection: Agent | false) => {
        if (underWay.size >= MOST_AT_ONCE) return
        const asked = login(port, connection).then(
          ({ status }) => void outcomes.push(String(status)),
          ({ code, kept }) => void outcomes.push(`${kept ? 'kept' : 'new'} ${code}`),
        )
        underWay.add(asked)
        void asked.finally(() => underWay.delete(asked))
      }
      const load = setInterval(() => [agent, false as const].map(send), 20)
      for (let restart = 0; restart < RESTARTS; restart++) {
        await pause(300)
        expect(await service.kill('SIGTERM')).to.deep.equal({ status: 0, signal: null })
        service = await start({ ...env, PORT: String(port) })
      }
      clearInterval(load)
      await Promise.all(underWay)
      expect(outcomes.filter((outcome) => outcome === '201')).to.have.length.above(MOST_AT_ONCE)
      // Who comes while nobody listens was never let in, and whom a late loop refuses has an answer.
      const lost = outcomes.filter((outcome) => !['201', '503', 'new ECONNREFUSED'].includes(outcome))
      expect(lost.filter((outcome) => !/^new /.test(outcome))).to.deep.equal([])
      // Between the last look for who waits and the closing of the port the system may let somebody in, whom it resets
      // then: `listen` with no backlog at all takes one as well. That is 0.2 ms, or for how long the process is interrupted
      // there: it was 1 in 61 restarts on a machine where ten others waited for each core.
      expect(lost).to.have.length.at.most(RESTARTS)
    })
  }

  it('begins with readiness: the service serves on, on connections that are there and on new ones', async () => {
    const service = await start()
    const { port } = service
    expect((await probe(port, '/readyz', agent)).status).to.equal(200)
    const ended = service.kill('SIGTERM')
    await isStopping(service)
    const [ready, alive, kept, fresh] = await Promise.all([
      probe(port, '/readyz'),
      probe(port, '/healthz'),
      login(port, agent),
      login(port, false),
    ])
    expect(ready).to.deep.include({ status: 503 })
    expect(ready.json).to.include({ code: 'overloaded', action: 'retry' })
    expect(Number(ready.headers['retry-after'])).to.be.above(0)
    expect(alive.status).to.equal(200)
    expect([kept.status, fresh.status]).to.deep.equal([201, 201])
    for (const { headers } of [ready, alive, kept, fresh]) expect(headers.connection).to.equal('close')
    expect(await ended).to.deep.equal({ status: 0, signal: null })
  })

  it('comes in time, whatever clients and WeChat do', async function () {
    this.timeout(60_000)
    const service = await start()
    const { port } = service
    const host = 'Host: x\r\n'
    const clients = await Promise.all([
      openRaw(port),
      openRaw(port, 'GET / HT'),
      openRaw(port, `CONNECT x:1 HTTP/1.1\r\n${host}\r\n`, { allowHalfOpen: true }),
      openRaw(port, `GET /healthz HTTP/1.1\r\n${host}\r\n`, { allowHalfOpen: true }),
      openRaw(port, `POST /v1/login HTTP/1.1\r\n${host}Content-Length: 9000\r\n\r\n{`),
    ])
    const drips = setInterval(() => clients[4]?.socket.write(' '), 50)
    const held = wechat.hold(1)
    const hanging = login(port, false)
    await held
    const from = Date.now()
    const ended = await service.kill('SIGTERM')
    const took = Date.now() - from
    clearInterval(drips)
    expect(ended).to.deep.equal({ status: 0, signal: null })
    expect(service.lines().at(-1)).to.include({ msg: 'stopped' })
    // 3 s more than WeChat has; the rest is for a slow machine.
    expect(took).to.be.below(WECHAT_TIMEOUT + 3_000 + 2_000)
    expect((await hanging).json).to.include({ code: 'wechat_timeout' })
    for (const { socket } of clients) socket.destroy()
  })
})
