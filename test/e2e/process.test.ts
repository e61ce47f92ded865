import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { startSandbox } from '#src/sandbox/index.js'
import { skipOnRedis } from '../support/redis/test-store.js'
import { openRaw } from '../support/service/raw-socket.js'
import { type SpawnedService, spawnService, temporaryFolder } from '../support/service/spawn-service.js'

describe('the process', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let running: SpawnedService[]
  beforeEach(() => {
    folder = temporaryFolder()
    running = []
  })
  afterEach(async () => {
    await Promise.all(running.map((process) => process.kill('SIGKILL')))
    folder.remove()
  })

  async function start(env: Record<string, string> = {}): Promise<SpawnedService> {
    const process = await spawnService({
      SESSION_STORE: `sqlite:${join(folder.path, 'data/sessions.db')}`,
      ...env,
    })
    running.push(process)
    return process
  }

  async function login({ send }: SpawnedService, user = 'ann'): Promise<string> {
    const { json: phone } = await send('POST', '/sandbox/login', { body: { user } })
    const { status, json } = await send('POST', '/v1/login', { body: phone })
    expect(status).to.equal(201)
    return String(json['r3session'])
  }

  it('starts without any setting, says loudly that WeChat is imitated, and does the main job', async () => {
    const service = await start()
    expect(service.output()).to.match(/"level":"warn".*SANDBOX: no WECHAT_APPID is set/)
    const token = await login(service)
    const { json: sealed } = await service.send('POST', '/sandbox/user-info', { body: { user: 'ann' } })
    const opened = await service.send('POST', '/v1/decrypt', { token, body: sealed })
    expect(opened.json).to.have.nested.property('data.nickName', '微信用户')
  })

  it('ends in order on SIGTERM and has every session at the next start', async () => {
    const first = await start()
    const token = await login(first)
    expect(await first.kill('SIGTERM')).to.deep.equal({ status: 0, signal: null })
    expect(first.lines().at(-1)).to.include({ msg: 'stopped' })
    const second = await start()
    expect((await second.send('GET', '/v1/session', { token })).status).to.equal(200)
  })

  it('has every login and logout that it confirmed after kill -9', async () => {
    const first = await start()
    const [kept, ended] = [await login(first), await login(first)]
    expect((await first.send('DELETE', '/v1/session', { token: ended })).status).to.equal(204)
    const last = await login(first)
    await first.kill('SIGKILL')
    const second = await start()
    expect((await second.send('GET', '/v1/session', { token: kept })).status).to.equal(200)
    expect((await second.send('GET', '/v1/session', { token: last })).status).to.equal(200)
    expect((await second.send('GET', '/v1/session', { token: ended })).status).to.equal(401)
  })

  it('still opens what was sealed before a restart, with the secret it made for itself', async () => {
    const weixin = await startSandbox()
    const [app] = weixin.apps
    const env = { WECHAT_API: weixin.url, WECHAT_APPID: app?.appid ?? '', WECHAT_SECRET: app?.secret ?? '' }
    const first = await start(env)
    const { json } = await first.send('POST', '/v1/login', { body: await weixin.login('ann') })
    const sealed = await weixin.userInfo('ann')
    await first.kill('SIGKILL')
    const second = await start(env)
    const opened = await second.send('POST', '/v1/decrypt', {
      token: String(json['r3session']),
      body: sealed,
    })
    expect(opened.status, opened.text).to.equal(200)
    await weixin.close()
  })

  it('says so when it finds a store without its secret, and when it finds the secret it says nothing', async function () {
    skipOnRedis(this, 'the secret beside the file')
    const store = join(folder.path, 'data/sessions.db')
    const complaint = /"level":"error".*sessions\.db\.secret.*secret is not there/
    const first = await start()
    await login(first)
    await first.kill()
    expect(first.output()).not.to.match(complaint)
    rmSync(`${store}.secret`)
    const second = await start()
    expect(second.output()).to.match(complaint)
    await second.kill()
    const third = await start()
    expect(third.output()).not.to.match(complaint)
  })

  it('finishes what is under way before it ends', async () => {
    const weixin = await startSandbox()
    const [app] = weixin.apps
    const service = await start({
      WECHAT_API: weixin.url,
      WECHAT_APPID: app?.appid ?? '',
      WECHAT_SECRET: app?.secret ?? '',
    })
    weixin.fail({ delay: 400 })
    const answer = service.send('POST', '/v1/login', { body: await weixin.login() })
    while (weixin.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    const ended = service.kill('SIGTERM')
    expect((await answer).status).to.equal(201)
    expect(await ended).to.deep.equal({ status: 0, signal: null })
    await weixin.close()
  })

  it('ends in order on SIGHUP too, whatever connections are held', async () => {
    const service = await start()
    const tunnel = await openRaw(service.port, 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n', {
      allowHalfOpen: true,
    })
    await tunnel.heard()
    const held = await Promise.all(['', 'GET / HT'].map((bytes) => openRaw(service.port, bytes)))
    expect(await service.kill('SIGHUP')).to.deep.equal({ status: 0, signal: null })
    expect(service.lines().at(-1)).to.include({ msg: 'stopped' })
    for (const { socket } of [tunnel, ...held]) socket.destroy()
  })

  it('keeps its files to itself', async function () {
    skipOnRedis(this, 'the modes of files')
    const service = await start()
    await login(service)
    const mode = (name: string) => (statSync(join(folder.path, 'data', name)).mode & 0o777).toString(8)
    for (const name of ['sessions.db', 'sessions.db-wal', 'sessions.db.secret'])
      expect(mode(name), name).to.equal('600')
    expect(mode('.')).to.equal('700')
  })

  it('refuses bad settings with status 78, naming all of them and no value, before anything opens', async () => {
    const service = await start({
      PORT: 'canary',
      SESSION_TTL: '-1',
      WECHAT_APPID: 'wxaaaaaaaaaaaaaaaa',
      WECHAT_API: 'http://canary',
    })
    expect(await service.ended).to.deep.equal({ status: 78, signal: null })
    for (const name of ['PORT', 'SESSION_TTL', 'WECHAT_SECRET', 'WECHAT_API'])
      expect(service.stderr()).to.include(name)
    expect(service.output()).not.to.include('canary')
    expect(existsSync(join(folder.path, 'data'))).to.equal(false)
  })

  it('refuses to imitate WeChat in production', async () => {
    const service = await start({ NODE_ENV: 'production' })
    expect((await service.ended).status).to.equal(78)
    expect(service.stderr()).to.match(/WECHAT_APPID is missing/)
  })

  it('takes its secrets from files', async () => {
    const secret = join(folder.path, 'secret')
    writeFileSync(secret, 'made-by-docker\n')
    const service = await start({
      NODE_ENV: 'production',
      WECHAT_APPID: 'wxaaaaaaaaaaaaaaaa',
      WECHAT_SECRET_FILE: secret,
    })
    expect((await service.send('GET', '/readyz')).status).to.equal(200)
    expect((await service.send('POST', '/sandbox/login')).status).to.equal(404)
  })

  it('says why when its port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const service = await start({ PORT: String((taken.address() as AddressInfo).port) })
    expect((await service.ended).status).to.equal(1)
    expect(service.lines().at(-1)).to.include({ level: 'fatal', cause: 'EADDRINUSE', msg: 'cannot listen' })
    expect(service.lines().at(-1)?.['advice']).to.match(/try PORT=\d+/)
    taken.close()
  })

  it('says why when its store can not be opened', async function () {
    skipOnRedis(this, 'a file that is none')
    mkdirSync(join(folder.path, 'data/sessions.db'), { recursive: true })
    const service = await start({ SESSION_SECRET: 'given'.repeat(8) })
    expect((await service.ended).status).to.equal(1)
    expect(service.lines().at(-1)).to.include({ level: 'fatal', msg: 'cannot open the store' })
  })

  it('refuses a name that is nearly a setting, with the one that was meant, before anything opens', async () => {
    const service = await start({ WECHAT_APP_ID: 'wx0123456789abcdef', WECHAT_APP_SECRET: 'canary' })
    expect(await service.ended).to.deep.equal({ status: 78, signal: null })
    expect(service.stderr()).to.match(/WECHAT_APP_ID is not a setting; did you mean WECHAT_APPID\?/)
    expect(service.stderr()).to.match(/WECHAT_APP_SECRET is not a setting; did you mean WECHAT_SECRET\?/)
    expect(service.output()).not.to.include('canary')
    expect(existsSync(join(folder.path, 'data'))).to.equal(false)
  })

  it('warns of a name that only begins like a setting', async () => {
    const service = await start({
      WECHAT_TOKEN: 'canary',
      WECHAT_PORT: 'tcp://10.0.0.1:80',
    })
    const warnings = service
      .lines()
      .filter(({ level, msg }) => level === 'warn' && !String(msg).startsWith('SANDBOX'))
    expect(warnings.map(({ msg }) => msg)).to.have.members([
      'WECHAT_TOKEN is not a setting and has no effect',
    ])
    expect(service.output()).not.to.include('canary')
  })

  it('listens on this machine alone as a sandbox, unless HOST is set', async () => {
    const service = await start({ HOST: '' })
    expect(service.lines().at(-1)).to.include({ msg: 'listening', host: '127.0.0.1' })
  })

  it('answers and ends while nobody reads its output', async function () {
    this.timeout(120_000)
    const service = await start()
    service.stopReading()
    // The pipe and its reader hold 64 KiB each; these lines are more than both.
    const requests = 900
    const client = connect(service.port, '127.0.0.1')
    client.write('GET /v1/session HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(requests))
    let answered = 0
    client.on('data', (chunk) => {
      answered += String(chunk).split('HTTP/1.1 ').length - 1
      // An answer that two chunks share is not counted.
      if (answered >= requests - 50) client.destroy()
    })
    await once(client, 'close')
    expect((await service.send('GET', '/healthz')).status).to.equal(200)
    expect(await service.kill('SIGTERM')).to.deep.equal({ status: 0, signal: null })
  })

  it('goes on when its output is closed', async () => {
    const service = await start()
    service.closeOutput()
    for (let request = 0; request < 5; request++) await service.send('GET', '/v1/session')
    await login(service)
    expect(await service.kill('SIGTERM')).to.deep.equal({ status: 0, signal: null })
  })
})
