import { expect } from 'chai'
import { createAuthenticate } from '#src/domain/authenticate.js'
import { createDecrypt, REFUSAL_TIME } from '#src/domain/decrypt.js'
import { noLimit } from '#src/domain/limits/limit.js'
import { createLogin } from '#src/domain/login.js'
import type { Decryptor } from '#src/domain/ports.js'
import { createFakeStore } from '../../support/store/fake-store.js'
import { appid, failure, lifetime, me, setUp, transparent } from '../../support/use-cases.js'

describe('decrypt', () => {
  async function loggedIn(...keys: string[]) {
    const all = setUp()
    let token = ''
    for (const [i, sessionKey] of keys.entries()) {
      all.wechat.when(`code-${i}`, { ...me, sessionKey })
      token = (await all.login({ appid, code: `code-${i}` })).r3session
    }
    return { ...all, token }
  }

  it('opens with the newest key and with those before', async () => {
    const { decrypt, sealed, token } = await loggedIn('k1', 'k2', 'k3')
    for (const key of ['k3', 'k2', 'k1']) {
      expect(await decrypt(token, sealed(key, { nickName: key }))).to.include({ nickName: key })
    }
  })

  it('opens with none that fell out of the ring or is too old', async () => {
    const { decrypt, sealed, time, token } = await loggedIn('k0', 'k1', 'k2', 'k3')
    expect(await failure(decrypt(token, sealed('k0')))).to.equal('decrypt_failed')
    time.now += 15 * 60_000
    expect(await failure(decrypt(token, sealed('k2')))).to.equal('decrypt_failed')
    expect(await decrypt(token, sealed('k3', { city: 'g' }))).to.include({ city: 'g' })
  })

  it('goes on to the next key when what a key opens does not count', async () => {
    const { sealed, time, wechat } = setUp()
    const eager: Decryptor = {
      ...transparent,
      open: ({ encryptedData, sessionKey }) =>
        sessionKey === 'k2' ? '{"not":"genuine"}' : transparent.open({ encryptedData, sessionKey, iv: '' }),
    }
    const { sessions, keyRings, loginAttempts: attempts } = createFakeStore()
    const clock = () => time.now
    const deps = {
      wechat,
      sessions,
      attempts,
      timeout: 5000,
      report: () => {},
      lifetime,
      clock,
      newToken: () => '0'.repeat(128),
      newId: () => 'id',
      maxSessions: 10,
      pause: async () => {},
    }
    const login = createLogin(deps)
    const decrypt = createDecrypt({
      authenticate: createAuthenticate(deps),
      keyRings,
      failureLimit: noLimit,
      digest: (text) => text,
      decryptor: eager,
      openDataMaxAge: 0,
      clock,
      monotonic: clock,
      report: () => {},
      pause: async () => {},
    })
    for (const key of ['k1', 'k2']) {
      wechat.when(key, { ...me, sessionKey: key })
      await login({ appid, code: key })
    }
    expect(await decrypt('0'.repeat(128), sealed('k1', { a: 1 }))).to.include({ a: 1 })
  })

  it('lets every refusal end at the same instant, counted from before the work, and no success wait', async () => {
    const { decrypt, sealed, pauses, token, time } = await loggedIn('k1')
    expect(await decrypt(token, sealed('k1'))).to.be.an('object')
    expect(pauses).to.deep.equal([])
    for (const refused of [{ encryptedData: 'x', iv: '' }, sealed('k1', { openId: 'o-other' })]) {
      const began = time.elapsed
      expect(await failure(decrypt(token, refused))).to.equal('decrypt_failed')
      expect(began + 1 + (pauses.pop() ?? 0)).to.equal(began + REFUSAL_TIME)
    }
  })

  it('looks at a signature only where the text that it signs came along', async () => {
    const { decrypt, sealed, token } = await loggedIn('k1')
    expect(await decrypt(token, { ...sealed('k1'), signature: 'wrong' })).to.have.property('watermark')
    expect(await decrypt(token, { ...sealed('k1'), rawData: 'raw' })).to.have.property('watermark')
  })

  it('takes a signature made with any key of the ring', async () => {
    const { decrypt, sealed, token } = await loggedIn('k1', 'k2')
    const signed = { ...sealed('k2'), rawData: 'raw', signature: 'raw+k1' }
    expect(await decrypt(token, signed)).to.have.property('watermark')
    expect(await failure(decrypt(token, { ...signed, signature: 'raw+k0' }))).to.equal('signature_mismatch')
  })
})
