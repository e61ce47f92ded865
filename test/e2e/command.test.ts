import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { runCommand } from '../support/command/run-command.js'
import { read } from '../support/page/pages.js'
import { skipOnRedis } from '../support/redis/test-store.js'
import { spawnService, temporaryFolder } from '../support/service/spawn-service.js'

describe('the command r3session', function () {
  this.timeout(120_000)
  let folder: ReturnType<typeof temporaryFolder>
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => folder.remove())
  const path = (name: string) => join(folder.path, name)
  const env = () => ({ SESSION_STORE: `sqlite:${path('sessions.db')}` })

  it('says its version, and how it is called, in the language of LANG', async () => {
    const { version } = JSON.parse(read('package.json'))
    expect(await runCommand(['--version'])).to.deep.equal({ status: 0, stdout: `${version}\n`, stderr: '' })
    expect((await runCommand(['--help'])).stdout).to.include('r3session restore <file>')
    expect((await runCommand(['-h'], { env: { LANG: 'zh_CN.UTF-8' } })).stdout).to.include('退出状态')
  })

  it('ends with 2 after a wrong call, and with 78 after wrong settings', async () => {
    const wrong = await runCommand(['sesions', 'o1'])
    expect(wrong).to.include({ status: 2, stdout: '' })
    expect(wrong.stderr).to.include('no command sesions').and.include('--help')
    const settings = await runCommand(['sessions', 'o1'], { env: { PORT: 'x' } })
    expect(settings).to.include({ status: 78, stdout: '' })
    expect(settings.stderr).to.include('PORT must be')
    const file = await runCommand(['doctor', '--env-file', path('none')])
    // Node knows this option too, and takes it as its own wherever it stands on a command line without `--`.
    expect([9, 78]).to.include(file.status)
    expect(file.stderr).to.include(path('none'))
  })

  it('reads a .env in the folder for every command, and the environment counts more', async () => {
    writeFileSync(path('.env'), 'SERVICE_KEYS=orders:0123456789abcdef0123456789abcdef\nMETRICS_PORT=x\n')
    const cwd = folder.path
    expect((await runCommand(['openapi'], { cwd })).status).to.equal(78)
    const { status, stdout } = await runCommand(['openapi'], { cwd, env: { METRICS_PORT: '9464' } })
    expect(status).to.equal(0)
    const document = JSON.parse(stdout)
    expect(document.paths).to.include.keys('/v1/login', '/v1/introspect', '/sandbox/login')
    expect(document.paths).not.to.have.property('/metrics')
    expect(readdirSync(folder.path)).to.deep.equal(['.env'])
  })

  /** A busy disk may confirm nothing in time; then it is asked again, as an operator would. */
  async function patiently(args: readonly string[]) {
    for (let tries = 1; ; tries++) {
      const outcome = await runCommand(args, { env: env() })
      if (tries === 10 || !outcome.stderr.includes('WRITE_TOO_SLOW')) return outcome
    }
  }

  it('lists, ends and forgets the sessions of a user while the service runs, which knows it at once', async () => {
    const service = await spawnService(env())
    const login = async () => {
      const { json } = await service.send('POST', '/sandbox/login', { body: { user: 'ann' } })
      return String((await service.send('POST', '/v1/login', { body: json })).json['r3session'])
    }
    try {
      const [first, second] = [await login(), await login()]
      const openid = String((await service.send('GET', '/v1/session', { token: first })).json['openid'])
      const list = await runCommand(['sessions', openid], { env: env() })
      expect(list.status, list.stderr).to.equal(0)
      expect(list.stdout.trim().split('\n')).to.have.length(3)
      expect(list.stdout).to.match(/^[\da-f]{32}\t\d{4}-\d\d-\d\dT\S+\t\S+\t\S+$/m)
      expect(list.stdout).not.to.include(first.slice(0, 16)).and.not.include(second.slice(0, 16))

      const ended = await patiently(['revoke', openid])
      expect(ended.stdout).to.match(/^Sessions ended: \d\.\n$/)
      expect((await runCommand(['sessions', openid], { env: env() })).stdout).to.equal('No sessions.\n')
      expect((await service.send('GET', '/v1/auth', { token: first })).status).to.equal(401)

      const third = await login()
      expect((await patiently(['forget', openid])).status).to.equal(0)
      expect((await service.send('GET', '/v1/auth', { token: third })).status).to.equal(401)
      const none = await runCommand(['sessions', openid], { env: { ...env(), LANG: 'zh_CN' } })
      expect(none.stdout).to.equal('没有会话。\n')
    } finally {
      await service.kill()
    }
  })

  it('makes no database for who only asks, and knows no mini program that is not set', async function () {
    skipOnRedis(this, 'a file that is not there yet')
    const nothing = await runCommand(['sessions', 'o1'], { env: env() })
    expect(nothing.status).to.equal(1)
    expect(nothing.stderr).to.include('does not exist yet')
    expect(existsSync(path('sessions.db'))).to.equal(false)
    const other = await runCommand(['sessions', 'o1', '--appid', 'wx1'], { env: env() })
    expect(other.status).to.equal(2)
    expect(other.stderr).to.include('no mini program wx1')
  })

  it('serves where nothing is said, with as many processes as are set', async () => {
    writeFileSync(path('.env'), 'WORKERS=2\nPORT=0\nHOST=127.0.0.1\n')
    const app = {
      WECHAT_APPID: 'wx0123456789abcdef',
      WECHAT_SECRET: 'secret',
      WECHAT_API: 'http://127.0.0.1:1',
    }
    const service = await spawnService({ ...env(), ...app, WORKERS: '2' }, { program: 'dist/bundle/cli.js' })
    try {
      expect((await service.send('GET', '/healthz')).status).to.equal(200)
      expect(service.lines().find(({ msg }) => msg === 'listening')).to.include({ workers: 2 })
    } finally {
      expect(await service.kill()).to.deep.equal({ status: 0, signal: null })
    }
  })
})
