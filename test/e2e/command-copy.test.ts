import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { runCommand } from '../support/command/run-command.js'
import { patiently } from '../support/patiently.js'
import { type RedisServer, skipWithoutRedis, startRedis } from '../support/redis/servers.js'
import { type SpawnedService, spawnService, temporaryFolder } from '../support/service/spawn-service.js'

describe('r3session copy', function () {
  this.timeout(120_000)
  let folder: ReturnType<typeof temporaryFolder>
  let redis: RedisServer
  let service: SpawnedService | undefined
  before(async function () {
    skipWithoutRedis(this)
    redis = await startRedis()
  })
  after(() => redis?.close())
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(async () => {
    await service?.kill('SIGKILL')
    folder.remove()
  })
  const path = (name: string) => join(folder.path, name)
  const file = (name = 'sessions.db') => `sqlite:${path(name)}`
  const address = (prefix: string) => `redis://127.0.0.1:${redis.port}?prefix=${prefix}`

  async function start(env: Record<string, string>): Promise<SpawnedService> {
    service = await spawnService(env)
    return service
  }
  const send = (at: SpawnedService, method: string, way: string, options = {}) =>
    patiently(() => at.send(method, way, options))
  async function logIn(at: SpawnedService, user: string): Promise<string> {
    const { json } = await patiently(async () => {
      const { json: code } = await at.send('POST', '/sandbox/login', { body: { user } })
      return at.send('POST', '/v1/login', { body: code })
    })
    return String(json['r3session'])
  }

  it('moves sessions into Redis and back, where they live on with their keys', async () => {
    const first = await start({ SESSION_STORE: file() })
    const tokens = [await logIn(first, 'ann'), await logIn(first, 'ann'), await logIn(first, 'bob')]
    const openid = (await first.send('GET', '/v1/session', { token: tokens[0] ?? '' })).json['openid']

    const busy = await runCommand(['copy', '--to', address('a:')], { env: { SESSION_STORE: file() } })
    expect(busy.status).to.equal(1)
    expect(busy.stderr).to.include('stop the service first')
    await first.kill()

    const secretFile = `${path('sessions.db')}.secret`
    const there = await runCommand(['copy', '--to', address('a:')], { env: { SESSION_STORE: file() } })
    expect(there.status, there.stderr).to.equal(0)
    // More, where a login on a slow disk was done after all.
    expect(there.stdout)
      .to.match(/^[3-9] sessions/)
      .and.include(`SESSION_SECRET_FILE=${secretFile}`)
    expect(there.stdout).not.to.include(readFileSync(secretFile, 'utf8').trim())
    const again = await runCommand(['copy', '--to', address('a:')], { env: { SESSION_STORE: file() } })
    expect(again.stderr).to.include('sessions in').and.include('already')

    const inRedis = { SESSION_STORE: address('a:'), SESSION_SECRET_FILE: secretFile }
    const second = await start(inRedis)
    for (const token of tokens)
      expect((await send(second, 'GET', '/v1/auth', { token })).status).to.equal(200)
    const view = await send(second, 'GET', '/sandbox/session', { token: tokens[2] ?? '' })
    expect(view.text).to.include('"ring":[{')
    await second.send('DELETE', '/v1/session', { token: tokens[1] ?? '' })
    await second.kill()

    const back = await runCommand(['copy', '--to', file('back.db')], { env: inRedis })
    expect(back.status, back.stderr).to.equal(0)
    expect(back.stdout).to.match(/^[2-9] sessions/)
    const third = await start({ SESSION_STORE: file('back.db'), SESSION_SECRET_FILE: secretFile })
    expect((await third.send('GET', '/v1/session', { token: tokens[0] ?? '' })).json).to.include({ openid })
    expect((await third.send('GET', '/v1/auth', { token: tokens[1] ?? '' })).status).to.equal(401)
    expect((await third.send('GET', '/v1/auth', { token: tokens[2] ?? '' })).status).to.equal(200)
  })

  it('is refused with another secret, without a second store, and from a store that is not there', async () => {
    const first = await start({ SESSION_STORE: file() })
    await logIn(first, 'ann')
    await first.kill()
    const env = { SESSION_STORE: file(), SESSION_SECRET: 'x'.repeat(32) }
    const other = await runCommand(['copy', '--to', address('b:')], { env })
    expect(other.status).to.equal(1)
    expect(other.stderr).to.include('SESSION_SECRET_FILE')
    for (const args of [[], ['--to', file()], ['--from', 'redis:/x']])
      expect((await runCommand(['copy', ...args], { env: { SESSION_STORE: file() } })).status).to.equal(2)
    const none = await runCommand(['copy', '--from', file('none.db')], {
      env: { SESSION_STORE: file('new.db') },
    })
    expect(none.status).to.equal(1)
    expect(existsSync(path('new.db'))).to.equal(false)
  })
})
