import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { authority, expired, good, key, ofAnother } from '../proofs/faults/wechat/certificates.js'
import { freePort, type RedisServer, startRedis } from '../support/redis/servers.js'
import { useRedisServices } from '../support/redis/use-redis-services.js'
import { temporaryFolder } from '../support/service/spawn-service.js'

describe('Redis by TLS', () => {
  const { start, login, verify, ready, until } = useRedisServices()
  const folder = temporaryFolder()
  const file = (name: string, text: string) => {
    writeFileSync(join(folder.path, name), text, { mode: 0o600 })
    return join(folder.path, name)
  }
  let server: RedisServer
  let tlsPort: number
  before(function () {
    // A Redis that was built without TLS knows no such setting.
    const { stdout, stderr } = spawnSync('redis-server', [
      '--port',
      '0',
      '--tls-port',
      '0',
      '--nonsense',
      'x',
    ])
    if (!`${stdout}${stderr}`.includes('nonsense')) this.skip()
  })
  afterEach(() => server.close())
  after(() => folder.remove())

  async function serve(certificate: string): Promise<void> {
    tlsPort = await freePort()
    server = await startRedis({
      'tls-port': String(tlsPort),
      'tls-cert-file': file('certificate.pem', certificate),
      'tls-key-file': file('key.pem', key),
      'tls-ca-cert-file': file('authority.pem', authority),
      'tls-auth-clients': 'no',
    })
  }
  const trusting = () => ({ NODE_EXTRA_CA_CERTS: join(folder.path, 'authority.pem') })

  /** What the log says of a service that gets no connection. */
  async function refusalOf(url: string, env: Record<string, string>, reason: RegExp): Promise<void> {
    const service = await start(url, env)
    expect(await ready(service)).to.equal(503)
    await until(true, () => service.lines().some((line) => reason.test(String(line['reason']))))
    await service.kill('SIGKILL')
  }

  it('is used where its authority is trusted', async () => {
    await serve(good)
    const service = await start(`rediss://127.0.0.1:${tlsPort}`, trusting())
    expect(await verify(service, await login(service))).to.equal(200)
  })

  it('is refused with the reason where its authority is not trusted, or either side speaks no TLS', async () => {
    await serve(good)
    const url = `rediss://127.0.0.1:${tlsPort}`
    // Together: each start waits for its Redis.
    await Promise.all([
      refusalOf(url, {}, /an authority that is not trusted: see NODE_EXTRA_CA_CERTS/),
      refusalOf(`rediss://127.0.0.1:${server.port}`, trusting(), /TLS|ETIMEDOUT/),
      refusalOf(`redis://127.0.0.1:${tlsPort}`, {}, /the connection was lost|ECONNRESET/),
    ])
  })

  for (const [name, certificate, reason] of [
    ['has expired', expired, /its certificate has expired/],
    ['is for another host', ofAnother, /its certificate is for another host/],
  ] as const) {
    it(`is refused with the reason where its certificate ${name}`, async () => {
      await serve(certificate)
      await refusalOf(`rediss://127.0.0.1:${tlsPort}`, trusting(), reason)
    })
  }
})
