import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { type SpawnedService, spawnService, temporaryFolder } from '../support/service/spawn-service.js'
import { callsDuring, type SystemCall } from '../support/service/strace.js'
import { startHoldingWechat } from '../support/wechat/holding-wechat.js'

/** What SQLite calls to have something on the disk. */
const SYNCS = 'fsync,fdatasync'

describe('a disk that is slow or fails', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let wechat: Awaited<ReturnType<typeof startHoldingWechat>>
  let running: SpawnedService[]
  beforeEach(async () => {
    folder = temporaryFolder()
    wechat = await startHoldingWechat()
    running = []
  })
  afterEach(async () => {
    await Promise.all(running.map((service) => service.kill('SIGKILL')))
    await wechat.close()
    folder.remove()
  })

  async function start(env: Record<string, string> = {}): Promise<SpawnedService> {
    const service = await spawnService({
      SESSION_STORE: `sqlite:${join(folder.path, 'sessions.db')}`,
      WECHAT_API: wechat.url,
      WECHAT_APPID: 'wx0123456789abcdef',
      WECHAT_SECRET: '0123456789abcdef0123456789abcdef',
      ...env,
    })
    running.push(service)
    return service
  }

  const login = ({ send }: SpawnedService, code: string) => send('POST', '/v1/login', { body: { code } })

  /** Whatever a busy machine makes of the first tries. */
  async function tokenOf(service: SpawnedService, code: string): Promise<string> {
    for (;;) {
      const { status, json } = await login(service, code)
      if (status === 201) return String(json['r3session'])
      expect(status).to.equal(503)
      await pause(100)
    }
  }

  const isSync = ({ name }: SystemCall) => /^f(data)?sync$/.test(name)

  it('has logins that come at once wait for few of its confirmations', async function () {
    this.timeout(120_000)
    const service = await start()
    await tokenOf(service, 'first')
    const calls = await callsDuring(
      this,
      service.pid,
      async () => {
        await Promise.all(Array.from({ length: 30 }, (_, n) => tokenOf(service, `user-${n}`)))
      },
      `${SYNCS}:delay_exit=200000`,
    )
    // Those of the first turn, those that came meanwhile, and a checkpoint at most.
    expect(calls.filter(isSync)).to.have.length.within(1, 15)
  })

  it('has a login refused when it hangs, while sessions go on, and is used again when it works', async function () {
    this.timeout(120_000)
    const service = await start()
    const token = await tokenOf(service, 'ann')
    await callsDuring(
      this,
      service.pid,
      async () => {
        const refused = login(service, 'bob')
        const began = Date.now()
        expect((await service.send('GET', '/v1/auth', { token })).status).to.equal(200)
        const { status, json } = await refused
        expect([status, json['code'], json['action']]).to.deep.equal([503, 'storage_unavailable', 'retry'])
        // The answer came before the disk's.
        expect(Date.now() - began).to.be.below(20_000)
      },
      `${SYNCS}:delay_exit=20000000:when=1`,
    )
    await tokenOf(service, 'cid')
  })

  it('does not keep the process from its end when it hangs at the last moment', async function () {
    this.timeout(120_000)
    const first = await start({ WECHAT_TIMEOUT: '1000' })
    const token = await tokenOf(first, 'ann')
    const end = async () =>
      expect(await first.kill('SIGTERM')).to.deep.equal({ status: null, signal: 'SIGKILL' })
    // Twice as long as the end may take. Until then strace keeps what is left of the killed process.
    await callsDuring(this, first.pid, end, `${SYNCS}:delay_enter=8000000`)
    expect(first.lines().at(-1)).to.include({ msg: 'the end takes too long' })
    const second = await start()
    expect((await second.send('GET', '/v1/session', { token })).status).to.equal(200)
  })

  it('confirms nothing on top of what it failed to keep: the database is written anew before', async function () {
    this.timeout(120_000)
    const first = await start()
    const tokens = [await tokenOf(first, 'ann')]
    const calls = await callsDuring(
      this,
      first.pid,
      async () => {
        const refused = await login(first, 'bob')
        expect(refused.json).to.include({ status: 503, code: 'storage_unavailable' })
        // Writing it anew fails as well, so there is a second refusal before this.
        tokens.push(await tokenOf(first, 'bob'))
      },
      `${SYNCS}:error=EIO:when=1..2`,
    )
    const failed = calls.findLastIndex(({ args }) => args.includes('EIO'))
    const later = calls.slice(failed + 1)
    const emptied = later.findIndex(
      ({ name, args }) => name === 'ftruncate' && /sessions\.db-wal>, 0/.test(args),
    )
    expect(emptied, 'the WAL begins anew').to.be.at.least(0)
    const isWritten = ({ name, args }: SystemCall) =>
      isSync({ name, args, thread: 0 }) && /sessions\.db>/.test(args)
    expect(later.slice(0, emptied).some(isWritten), 'the database is on the disk before').to.equal(true)
    expect(later.slice(emptied).some(isSync), 'the login after').to.equal(true)
    await first.kill('SIGKILL')
    const second = await start()
    for (const token of tokens)
      expect((await second.send('GET', '/v1/session', { token })).status).to.equal(200)
  })
})
