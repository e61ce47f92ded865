import { copyFileSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { runCommand } from '../support/command/run-command.js'
import { type SpawnedService, spawnService, temporaryFolder } from '../support/service/spawn-service.js'

describe('r3session backup and restore', function () {
  this.timeout(120_000)
  let folder: ReturnType<typeof temporaryFolder>
  let service: SpawnedService | undefined
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(async () => {
    await service?.kill('SIGKILL')
    folder.remove()
  })
  const path = (name: string) => join(folder.path, name)
  const env = () => ({ SESSION_STORE: `sqlite:${path('sessions.db')}` })
  const run = (...args: string[]) => runCommand(args, { env: env() })

  async function start(): Promise<SpawnedService> {
    service = await spawnService(env())
    return service
  }
  async function logIn(at: SpawnedService): Promise<string> {
    const { json } = await at.send('POST', '/sandbox/login', { body: {} })
    return String((await at.send('POST', '/v1/login', { body: json })).json['r3session'])
  }
  const verify = async (at: SpawnedService, token: string) =>
    (await at.send('GET', '/v1/auth', { token })).status

  it('bring back what was there, past the WAL that a killed service has left', async () => {
    const first = await start()
    const kept = await logIn(first)
    const made = await run('backup', path('copy.db'))
    expect(made.status, made.stderr).to.equal(0)
    expect(made.stdout).to.match(/1 sessions, the session keys of 1 users/)
    expect(made.stdout).to.include(`${path('sessions.db')}.secret`)
    expect(statSync(path('copy.db')).mode & 0o777).to.equal(0o600)

    const later = await logIn(first)
    const refused = await run('restore', path('copy.db'))
    expect(refused).to.include({ status: 1, stdout: '' })
    expect(refused.stderr).to.include('stop the service first')
    expect(await verify(first, later)).to.equal(200)

    await first.kill('SIGKILL')
    expect(statSync(path('sessions.db-wal')).size).to.be.greaterThan(0)
    const restored = await run('restore', path('copy.db'))
    expect(restored.status, restored.stderr).to.equal(0)
    expect(restored.stdout).to.include('1 sessions').and.include('sessions.db.replaced')
    expect(existsSync(path('sessions.db-wal'))).to.equal(false)
    expect(readdirSync(path('sessions.db.replaced'))).to.have.members([
      'sessions.db',
      'sessions.db-wal',
      'sessions.db-shm',
    ])

    const second = await start()
    expect(await verify(second, kept)).to.equal(200)
    expect(await verify(second, later)).to.equal(401)
    expect(second.output()).not.to.include('"level":"error"')
    await second.kill()

    const ended = await run('restore', path('copy.db'), '--end-sessions')
    expect(ended.stdout).to.include('0 sessions')
    expect(readdirSync(folder.path).filter((name) => name.startsWith('.'))).to.deep.equal([])
    const third = await start()
    expect(await verify(third, kept)).to.equal(401)
  })

  it('change nothing for what is no backup, and never write over a file', async () => {
    const first = await start()
    await logIn(first)
    await first.kill()
    const taken = await run('backup', path('sessions.db'))
    expect(taken.status).to.equal(1)
    expect(taken.stderr).to.include('is there already')
    writeFileSync(path('text.db'), 'no database, however long it may be '.repeat(100))
    copyFileSync(path('sessions.db'), path('cut.db'))
    writeFileSync(path('cut.db'), 'x'.repeat(5000), { flag: 'r+' })
    const before = statSync(path('sessions.db'))
    for (const name of ['text.db', 'cut.db', 'none.db', 'sessions.db', '.']) {
      const { status, stderr } = await run('restore', path(name))
      expect(status, `${name}: ${stderr}`).to.equal(1)
      expect(stderr, name).not.to.include('node:')
    }
    const { ino, mtimeMs } = statSync(path('sessions.db'))
    expect({ ino, mtimeMs }).to.deep.equal({ ino: before.ino, mtimeMs: before.mtimeMs })
  })

  it('are refused for sessions in Redis and in memory, which say where their backups are made', async () => {
    const redis = { SESSION_STORE: 'redis://127.0.0.1:1', SESSION_SECRET: 'x'.repeat(32) }
    const { status, stderr } = await runCommand(['backup', path('copy.db')], { env: redis })
    expect(status).to.equal(1)
    expect(stderr).to.include('as Redis is backed up')
    const memory = await runCommand(['restore', path('copy.db')], {
      env: { SESSION_STORE: 'sqlite::memory:' },
    })
    expect(memory.stderr).to.include('in memory')
  })
})
