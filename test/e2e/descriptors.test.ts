import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { skipOnRedis } from '../support/redis/test-store.js'
import { type SpawnedService, spawnService, temporaryFolder } from '../support/service/spawn-service.js'

/** Some 25 are in use at rest. */
const DESCRIPTORS = 64

describe('a service with fewer descriptors than clients', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let service: SpawnedService
  let agent: Agent
  let others: Socket[]
  beforeEach(async () => {
    folder = temporaryFolder()
    const env = { SESSION_STORE: `sqlite:${join(folder.path, 'sessions.db')}` }
    service = await spawnService(env, { descriptors: DESCRIPTORS })
    agent = new Agent({ keepAlive: true, maxSockets: 1 })
    others = []
  })
  afterEach(async () => {
    agent.destroy()
    for (const socket of others) socket.destroy()
    await service.kill('SIGKILL')
    folder.remove()
  })

  /** Over a connection that is there already, but for the first time. */
  async function ask(method: string, path: string, body?: object) {
    const headers = { 'Content-Type': 'application/json' }
    const asked = request(service.url + path, { method, agent, headers })
    asked.end(body && JSON.stringify(body))
    const [response] = await once(asked, 'response')
    let text = ''
    for await (const chunk of response) text += chunk
    return { status: Number(response.statusCode), json: JSON.parse(text) }
  }

  /** Opens connections that are kept after their request, until one is hung up on for want of a descriptor. */
  async function takeAll(): Promise<void> {
    await new Promise<void>((full) => {
      for (let n = 0; n < 2 * DESCRIPTORS; n++) {
        const socket = connect(service.port, '127.0.0.1', () => {
          socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
        })
        socket.resume()
        socket.on('error', () => {})
        socket.on('close', full)
        others.push(socket)
      }
    })
  }

  async function giveBack(): Promise<void> {
    await Promise.all(
      others.map((socket) => !socket.destroyed && Promise.all([once(socket, 'close'), socket.destroy()])),
    )
  }

  async function until(status: number, path: string): Promise<void> {
    while ((await ask('GET', path)).status !== status);
  }

  it('lives, fails its first login in a way that may be repeated, and serves all when some are free', async () => {
    const { json: phone } = await ask('POST', '/sandbox/login')
    await takeAll()
    // The first login: no connection to WeChat and no thread that writes was ever opened.
    const refused = await ask('POST', '/v1/login', phone)
    expect(refused.status).to.equal(503)
    expect(refused.json).to.include({ action: 'retry' })
    expect((await ask('GET', '/healthz')).status).to.equal(200)
    await giveBack()
    await until(200, '/readyz')
    expect((await ask('POST', '/v1/login', phone)).status).to.equal(201)
    expect(await service.kill('SIGTERM')).to.deep.equal({ status: 0, signal: null })
  })

  it('says that it is not ready while no thread can be started to write, and starts one later', async function () {
    skipOnRedis(this, 'the thread that writes the file')
    await ask('GET', '/healthz')
    await takeAll()
    const { status, json } = await ask('GET', '/readyz')
    expect(status).to.equal(503)
    expect(json).to.include({ code: 'storage_unavailable' })
    // The line may come a moment after the answer.
    while (!service.output().includes('ERR_WORKER_INIT_FAILED')) await pause(5)
    await giveBack()
    await until(200, '/readyz')
  })
})
