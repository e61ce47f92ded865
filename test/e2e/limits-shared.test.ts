import { join } from 'node:path'
import { expect } from 'chai'
import { type SpawnedService, spawnService, temporaryFolder } from '../support/service/spawn-service.js'
import { startHoldingWechat } from '../support/wechat/holding-wechat.js'

const client = '203.0.113.7'

describe('limits of two processes on one file', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let wechat: Awaited<ReturnType<typeof startHoldingWechat>>
  let running: SpawnedService[]
  beforeEach(async () => {
    folder = temporaryFolder()
    wechat = await startHoldingWechat()
    running = [await start()]
    running.push(await start())
  })
  afterEach(async () => {
    await Promise.all(running.map((service) => service.kill('SIGKILL')))
    await wechat.close()
    folder.remove()
  })

  const start = () =>
    spawnService({
      SESSION_STORE: `sqlite:${join(folder.path, 'sessions.db')}`,
      WECHAT_API: wechat.url,
      WECHAT_APPID: 'wx0123456789abcdef',
      WECHAT_SECRET: '0123456789abcdef0123456789abcdef',
      TRUST_PROXY: 'loopback',
      LIMIT_LOGINS: '5',
      LIMIT_DECRYPT_FAILURES: '3',
    })

  const post = async (n: number, path: string, body: object, more: Record<string, string> = {}) => {
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': client, ...more }
    const url = running[n]?.url + path
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: response.status, json: (await response.json()) as Record<string, unknown> }
  }
  const login = (n: number, code: string) => post(n, '/v1/login', { code })

  it('are one limit of logins: what one has let through the other knows', async () => {
    for (let n = 0; n < 5; n++) expect((await login(0, `user-${n}`)).status).to.equal(201)
    expect((await login(1, 'user-5')).status).to.equal(429)
  })

  it('let no more logins through than each would alone, when all come at once', async () => {
    const all = await Promise.all(Array.from({ length: 40 }, (_, n) => login(n % 2, `user-${n}`)))
    const statuses = all.map(({ status }) => status)
    expect(statuses.filter((status) => status === 201).length).to.be.within(5, 10)
    expect(statuses.filter((status) => status === 429).length).to.be.within(30, 35)
    expect((await login(0, 'late')).status).to.equal(429)
    expect((await login(1, 'later')).status).to.equal(429)
  })

  it('are one limit of data that does not open, and kill -9 takes nothing of it', async () => {
    const { json } = await login(0, 'ann')
    const authorization = { authorization: `Bearer ${json['r3session']}` }
    const guess = (n: number, text: string) =>
      post(n, '/v1/decrypt', { encryptedData: Buffer.from(text).toString('base64'), iv: '' }, authorization)
    for (const [n, text] of ['one', 'two', 'three'].entries())
      expect((await guess(n % 2, text)).status).to.equal(422)
    expect((await guess(0, 'four')).status).to.equal(429)
    expect((await guess(1, 'five')).status).to.equal(429)
    await Promise.all(running.map((service) => service.kill('SIGKILL')))
    running = [await start()]
    expect((await guess(0, 'six')).status).to.equal(429)
  })
})
