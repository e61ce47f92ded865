import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { createVerifier, VerifyError } from '@r3session/verify'
import { expect } from 'chai'
import { type RunningService, startService } from '../support/service/start-service.js'

const run = promisify(execFile)
const KEY = 'k'.repeat(32)

describe('@r3session/verify', () => {
  it('is loaded by import and by require alike', async () => {
    const names = `.then(m => console.log(Object.keys(m).filter(n => n !== 'default' && n !== 'module.exports').sort().join()))`
    const [byImport, byRequire] = await Promise.all(
      [`import('@r3session/verify')`, `Promise.resolve(require('@r3session/verify'))`].map((load) =>
        run(process.execPath, ['--input-type=commonjs', '-e', load + names]),
      ),
    )
    expect(byImport?.stdout).to.equal('VerifyError,createVerifier,expressAuth,fastifyAuth,honoAuth,koaAuth\n')
    expect(byRequire?.stdout).to.equal(byImport?.stdout)
  })

  it('needs no package, not even for its types', () => {
    const manifest = JSON.parse(readFileSync('verify/package.json', 'utf8'))
    expect(manifest).not.to.have.any.keys('dependencies', 'peerDependencies', 'optionalDependencies')
    const files = readdirSync('verify/dist', { recursive: true, encoding: 'utf8' })
    const names = files
      .filter((name) => /\.(js|d\.ts)$/.test(name))
      .flatMap((name) => [
        ...readFileSync(`verify/dist/${name}`, 'utf8').matchAll(/(?:from|import\(|require\() ?['"]([^'"]+)/g),
      ])
      .map(([, name = '']) => name)
    expect([...new Set(names.filter((name) => !name.startsWith('./')))]).to.deep.equal(['node:crypto'])
  })

  describe('in front of the real service', () => {
    let service: RunningService
    before(async () => {
      service = await startService({ env: { SERVICE_KEYS: `orders:${KEY}` } })
    })
    after(() => service.close())

    it('knows a user who has logged in, until the session ends', async () => {
      const verify = createVerifier({ url: service.url, key: KEY, cacheMaxAge: 0 })
      const token = await service.login('anna')
      const headers = { authorization: `Bearer ${token}` }
      expect(await verify(headers)).to.deep.equal({
        openid: service.weixin.identity('anna').openid,
        appid: service.weixin.apps[0]?.appid,
      })
      await service.send('DELETE', '/v1/session', { token })
      const refusal = await verify(headers).catch((error: unknown) => error)
      expect(refusal).to.be.instanceOf(VerifyError).and.include({ code: 'invalid_session', status: 401 })
    })

    it('says of a wrong key that it is wrong', async () => {
      const told: string[] = []
      const verify = createVerifier({
        url: service.url,
        key: 'w'.repeat(32),
        onUnavailable: ({ message }) => told.push(message),
      })
      await verify({ authorization: `Bearer ${'a'.repeat(128)}` }).catch(() => {})
      expect(told).to.deep.equal(["can't ask r3session: it answers 401: the key is none of its SERVICE_KEYS"])
    })
  })
})
