import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { freePort, skipWithoutRedis, startRedis } from '../support/redis/servers.js'
import { spawnService, temporaryFolder } from '../support/service/spawn-service.js'

describe('npm run doctor', function () {
  this.timeout(120_000)
  let folder: ReturnType<typeof temporaryFolder>
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => folder.remove())
  const path = (name: string) => join(folder.path, name)
  const store = () => ({ SESSION_STORE: `sqlite:${path('sessions.db')}` })

  async function examine(env: Record<string, string> = {}) {
    const { PATH = '', NODE_V8_COVERAGE } = process.env
    const options = {
      env: { PATH, ...(NODE_V8_COVERAGE ? { NODE_V8_COVERAGE } : {}), PORT: '0', ...store(), ...env },
    }
    return new Promise<{ status: number; text: string }>((resolve) => {
      execFile(process.execPath, ['dist/bundle/cli.js', 'doctor'], options, (error, stdout, stderr) =>
        resolve({ status: Number(error?.code ?? 0), text: stdout + stderr }),
      )
    })
  }

  /** A store that has served a login, at rest. */
  async function makeStore(env: Record<string, string> = {}): Promise<void> {
    const service = await spawnService({ ...store(), ...env })
    const { json } = await service.send('POST', '/sandbox/login', { body: {} })
    expect((await service.send('POST', '/v1/login', { body: json })).status).to.equal(201)
    await service.kill()
  }

  /** Names, sizes, times and owners' rights of all files. */
  const everything = () =>
    readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).map((name) => {
      const { size, mtimeMs, mode } = statSync(path(name))
      return { name, size, mtimeMs, mode }
    })

  it('finds all well where nothing is there yet, says what would be, and makes nothing', async () => {
    const { status, text } = await examine()
    expect(status, text).to.equal(0)
    expect(text).to.match(/^ok {3}versions: r3session \d\S*, Node \d+\.\d+\.\d+, SQLite 3\.\d+/)
    expect(text).to.include(`SESSION_STORE=sqlite:${path('sessions.db')}`)
    expect(text).to.match(/ok {3}store: .* does not exist yet and is made at the first start/)
    expect(everything()).to.deep.equal([])
  })

  it('shows the settings in effect without their secrets', async () => {
    const { text } = await examine({
      WECHAT_API: 'http://127.0.0.1:1',
      WECHAT_APPID: 'wx0123456789abcdef',
      WECHAT_SECRET: 'canary-secret',
      SESSION_SECRET: `${'canary'.repeat(6)},canary-old`,
      SERVICE_KEYS: `orders:${'canary'.repeat(6)}`,
      TRUST_PROXY: 'loopback',
      WECHAT_TOKEN: 'canary-token',
    })
    expect(text).not.to.include('canary')
    expect(text).to.include('WECHAT_APPID=wx0123456789abcdef').and.include('WECHAT_SECRET=***')
    expect(text).to.include('SESSION_SECRET=***,***').and.include('SERVICE_KEYS=orders:***')
    expect(text).to.match(/TRUST_PROXY=.*127\.0\.0\.0\/8/)
    expect(text).to.match(/note settings: WECHAT_TOKEN is not a setting/)
  })

  it('changes nothing in a store at rest, in use or left by a crash, and finds it well', async () => {
    await makeStore()
    const before = everything()
    const rest = await examine()
    expect(rest.status, rest.text).to.equal(0)
    expect(rest.text).to.match(/store: .* can be written, and its secret fits/)
    expect(everything()).to.deep.equal(before)

    const service = await spawnService(store())
    const inUse = await examine({ PORT: String(service.port), HOST: '127.0.0.1' })
    expect(inUse.status, inUse.text).to.equal(0)
    expect(inUse.text).to.match(/port: .* is served by a running r3session/)
    await service.kill('SIGKILL')
    const names = everything().map(({ name }) => name)
    expect((await examine()).status).to.equal(0)
    expect(everything().map(({ name }) => name)).to.deep.equal(names)
  })

  it('says in the language of LANG what is wrong with the settings', async () => {
    const env = { WX_APPID: 'x', PORT: '"3000"' }
    const english = await examine(env)
    expect(english.status).to.equal(78)
    expect(english.text).to.match(/FAIL settings: WX_APPID is not a setting; did you mean WECHAT_APPID\?/)
    expect(english.text).to.match(/FAIL settings: PORT has quotes around its value/)
    const chinese = await examine({ ...env, LANG: 'zh_CN.UTF-8' })
    expect(chinese.text).to.match(/FAIL 配置: WX_APPID .*WECHAT_APPID/)
    expect((await examine({ LC_ALL: 'zh_CN.UTF-8' })).text).to.match(/ok {3}会话存储: .*尚不存在/)
  })

  it('finds a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { status, text } = await examine({ HOST: '127.0.0.1', PORT: String(port) })
    other.close()
    expect(status).to.equal(1)
    expect(text).to.match(new RegExp(`FAIL port: .*EADDRINUSE\n.*try PORT=${port + 1}`))
  })

  it('says whether a Redis can be used, what it lacks, and what keeps the service from it', async function () {
    skipWithoutRedis(this)
    const secret = { SESSION_SECRET: 'canary'.repeat(6) }
    const server = await startRedis({ requirepass: 'canary-password' })
    const at = (user: string, port = server.port) =>
      examine({ ...secret, SESSION_STORE: `redis://${user}127.0.0.1:${port}` })
    const [right, wrong, none] = await Promise.all([
      at(':canary-password@'),
      at(':canary-other@'),
      freePort().then((port) => at('', port)),
    ])
    await server.close()
    expect(right.status, right.text).to.equal(0)
    expect(right.text).to.match(/store: redis:\S+ can be used, but keeps nothing on its disk/)
    expect(wrong.status).to.equal(1)
    expect(wrong.text).to.match(/store: redis:\S+ can't be used: user name and password do not fit/)
    expect(none.text).to.match(/store: redis:\S+ can't be used: ECONNREFUSED/)
    for (const { text } of [right, wrong, none]) expect(text).not.to.include('canary')
  })
})
