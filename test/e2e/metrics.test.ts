import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { startSandbox } from '#src/sandbox/index.js'
import { type Samples, samplesIn } from '../support/metrics/scrape.js'
import { type SpawnedService, spawnService, temporaryFolder } from '../support/service/spawn-service.js'

const key = 'metrics-key-0123456789abcdef0123456789'
const authorization = `Bearer ${key}`

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

describe('metrics of the process', () => {
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

  async function start(env: Record<string, string>): Promise<SpawnedService> {
    const [app] = weixin.apps
    const service = await spawnService({
      SESSION_STORE: `sqlite:${join(folder.path, 'sessions.db')}`,
      WECHAT_API: weixin.url,
      WECHAT_APPID: app?.appid ?? '',
      WECHAT_SECRET: app?.secret ?? '',
      ...env,
    })
    running.push(service)
    return service
  }

  /** Each on a connection of its own, so that it may reach any worker. */
  const get = (url: string, headers: Record<string, string> = {}) =>
    fetch(url, { headers: { ...headers, connection: 'close' } })
  async function scrape(url: string): Promise<Samples> {
    const response = await get(`${url}/metrics`, { authorization })
    expect(response.status).to.equal(200)
    return samplesIn(await response.text())
  }
  const loggedIn = (samples: Samples) => samples.get('r3session_logins_total{outcome="ok"}')
  async function logIn({ url }: SpawnedService, times: number): Promise<void> {
    for (let n = 0; n < times; n++) {
      const response = await fetch(`${url}/v1/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close' },
        body: JSON.stringify(await weixin.login(`user-${n}`)),
      })
      expect(response.status).to.equal(201)
      await response.text()
    }
  }

  it('have a port of their own, without a key, and nothing else on it', async () => {
    const port = await freePort()
    const service = await start({ METRICS_PORT: String(port), SERVICE_KEYS: `prometheus:${key}` })
    const own = `http://127.0.0.1:${port}`
    await logIn(service, 1)
    const response = await get(`${own}/metrics`)
    expect(response.headers.get('content-type')).to.equal('text/plain; version=0.0.4; charset=utf-8')
    expect(loggedIn(samplesIn(await response.text()))).to.equal(1)
    expect(service.lines().find(({ msg }) => msg === 'listening')).to.include({ metricsPort: port })
    for (const path of ['/', '/healthz', '/v1/auth', '/metrics/'])
      expect((await get(own + path)).status, path).to.equal(404)
    const posted = await fetch(`${own}/metrics`, { method: 'POST' })
    expect([posted.status, posted.headers.get('allow')]).to.deep.equal([405, 'GET, HEAD'])
    expect((await get(`${service.url}/metrics`, { authorization })).status).to.equal(404)
    // A scraper keeps its connection; the end does not wait for it.
    await (await fetch(`${own}/metrics`)).text()
    expect(await service.kill()).to.deep.equal({ status: 0, signal: null })
  })

  it('keep the service from starting where their port is taken, and say so', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const service = await start({ METRICS_PORT: String(port) })
    expect(await service.ended).to.deep.equal({ status: 1, signal: null })
    const line = service.lines().find(({ msg }) => msg === 'cannot listen')
    expect(line).to.include({ port, cause: 'EADDRINUSE' })
    expect(line?.['advice']).to.match(new RegExp(`try METRICS_PORT=${port + 1}`))
    other.close()
  })

  for (const where of ['the port of the service', 'their own port'])
    it(`are those of all workers, whichever of them is asked on ${where}`, async () => {
      const port = await freePort()
      const own = where === 'their own port'
      const service = await start({
        WORKERS: '2',
        SERVICE_KEYS: `prometheus:${key}`,
        ...(own && { METRICS_PORT: String(port) }),
      })
      const url = own ? `http://127.0.0.1:${port}` : service.url
      await logIn(service, 12)
      for (let n = 0; n < 6; n++) {
        const samples = await scrape(url)
        expect(loggedIn(samples)).to.equal(12)
        // The store is the same for all.
        expect(samples.get('r3session_sessions')).to.equal(12)
      }
    })

  it('do not fall when a worker dies, which would look like as many new ones', async () => {
    const service = await start({ WORKERS: '2', SERVICE_KEYS: `prometheus:${key}` })
    await logIn(service, 10)
    expect(loggedIn(await scrape(service.url))).to.equal(10)
    const workers = service.lines().flatMap(({ msg, worker }) => (msg === 'request' ? [Number(worker)] : []))
    process.kill(workers[0] ?? 0, 'SIGKILL')
    while (!service.output().includes('a worker has taken its place')) await scrape(service.url)
    await logIn(service, 1)
    expect(loggedIn(await scrape(service.url))).to.equal(11)
  })
})
