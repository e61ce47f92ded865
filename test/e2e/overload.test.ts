import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { openRaw } from '../support/service/raw-socket.js'
import { type SpawnedService, spawnService, temporaryFolder } from '../support/service/spawn-service.js'
import { startHoldingWechat } from '../support/wechat/holding-wechat.js'

const LOGINS = 450
const DRIPPING = 1100
const VERIFICATIONS = 300
const AT_ONCE = 1100

/** The long form, with times: `npm run prove:overload`. */
describe('a service to which everything happens at once', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let wechat: Awaited<ReturnType<typeof startHoldingWechat>>
  let service: SpawnedService
  let agent: Agent
  let clients: Awaited<ReturnType<typeof openRaw>>[]
  let token: string
  beforeEach(async () => {
    folder = temporaryFolder()
    wechat = await startHoldingWechat()
    agent = new Agent({ keepAlive: true, maxSockets: 4 })
    clients = []
    service = await spawnService({
      SESSION_STORE: `sqlite:${join(folder.path, 'sessions.db')}`,
      WECHAT_API: wechat.url,
      WECHAT_APPID: 'wx0123456789abcdef',
      WECHAT_SECRET: '0123456789abcdef0123456789abcdef',
      WECHAT_TIMEOUT: '5000',
    })
    const { json } = await service.send('POST', '/v1/login', { body: { code: 'ann' } })
    token = String(json['r3session'])
  })
  afterEach(async () => {
    agent.destroy()
    for (const { socket } of clients) socket.destroy()
    await service.kill('SIGKILL')
    await wechat.close()
    folder.remove()
  })

  async function verify(): Promise<number | undefined> {
    const asked = get(`${service.url}/v1/auth`, { agent, headers: { authorization: `Bearer ${token}` } })
    const [answer] = await once(asked, 'response')
    await once(answer.resume(), 'end')
    return answer.statusCode
  }

  /** How many of each status. */
  async function tally(statuses: Iterable<Promise<number | undefined>>): Promise<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const status of await Promise.all(statuses)) counts[`${status}`] = (counts[`${status}`] ?? 0) + 1
    return counts
  }

  /** Clients without a token that announce a body and send one byte of it, and then another now and then. */
  async function drip(): Promise<void> {
    const head =
      'POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{'
    for (let count = 0; count < DRIPPING; count++) clients.push(await openRaw(service.port, head))
  }

  it('answers every verification of a session with 200, and ends in order', async () => {
    // It never answers.
    void wechat.hold(Number.POSITIVE_INFINITY)
    await drip()
    const logins = Array.from({ length: LOGINS }, async (_, n) => {
      const { status, json } = await service.send('POST', '/v1/login', { body: { code: `user-${n}` } })
      return status === 503 ? Number(json['status']) : status
    })
    const verifications = []
    for (let round = 0; round < 10; round++) {
      for (const { socket } of clients) socket.write(' ')
      for (let count = 0; count < VERIFICATIONS / 10; count++) verifications.push(verify())
      await pause(20)
    }
    expect(await tally(verifications)).to.deep.equal({ 200: VERIFICATIONS })
    expect(await tally([service.send('GET', '/readyz').then(({ status }) => status)])).to.deep.equal({
      200: 1,
    })

    const counts = await tally(logins)
    expect(Object.keys(counts)).to.have.members(['503', '504'])
    expect((counts[503] ?? 0) + (counts[504] ?? 0)).to.equal(LOGINS)
    expect(await tally([verify()])).to.deep.equal({ 200: 1 })
    await service.kill('SIGTERM')
    expect(await service.ended).to.deep.equal({ status: 0, signal: null })
  })

  it('answers as many verifications as one turn of the loop can read', async () => {
    const request = `GET /v1/auth HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`
    for (let count = 0; count < AT_ONCE; count++) clients.push(await openRaw(service.port))
    // Later than all others, so when it's answered they have been accepted.
    expect(await tally([verify()])).to.deep.equal({ 200: 1 })
    process.kill(Number(service.pid), 'SIGSTOP')
    await Promise.all(clients.map(({ socket }) => new Promise((sent) => socket.write(request, sent))))
    process.kill(Number(service.pid), 'SIGCONT')
    const statuses = clients.map(async ({ closed }) => Number((await closed).slice(9, 12)))
    expect(await tally(statuses)).to.deep.equal({ 200: AT_ONCE })
  })

  it('has the oldest of too many bodies make room, whichever way they come', async () => {
    // 18 MB, of which 16 may wait for their ends.
    const most = ' '.repeat(60_000)
    const head = (path: string) =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer none\r\nContent-Type: application/json\r\nContent-Length: 65000\r\n\r\n`
    const begin = async (path: string) => {
      const client = await openRaw(service.port, head(path) + most)
      clients.push(client)
      return client
    }
    const [ahead, through] = [await begin('/v1/decrypt'), await begin('/user/getuserunionid')]
    for (let count = 0; count < 300; count++) await begin('/user/getuserunionid')
    for (const { closed } of [ahead, through])
      expect(await closed).to.match(/^HTTP\/1\.1 503 .*Connection: close.*"code":"overloaded"/s)
    expect(await tally([verify()])).to.deep.equal({ 200: 1 })
  })

  it('logs users in again as soon as WeChat answers', async () => {
    const held = wechat.hold(100)
    const logins = Array.from({ length: 100 }, async (_, n) => {
      const { status } = await service.send('POST', '/v1/login', { body: { code: `user-${n}` } })
      return status
    })
    await held
    await wechat.release()
    expect(await tally(logins)).to.deep.equal({ 201: 100 })
    const { status } = await service.send('POST', '/v1/login', { body: { code: 'bob' } })
    expect(status).to.equal(201)
  })
})
