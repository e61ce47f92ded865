import { join } from 'node:path'
import { expect } from 'chai'
import { temporaryFolder } from '../../support/service/spawn-service.js'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

const MINUTE = 60_000

describe('the limit of data that does not open', () => {
  let service: RunningService
  let token: string
  afterEach(() => service.close())
  async function start(env: Record<string, string> = {}) {
    service = await startService({ env: { LIMIT_DECRYPT_FAILURES: '3', ...env } })
    token = await service.login('ann')
  }

  const decrypt = (body: object, who = token) => service.send('POST', '/v1/decrypt', { token: who, body })
  const guess = (n: number) => ({
    encryptedData: Buffer.alloc(64, `guess ${n}`).toString('base64'),
    iv: Buffer.alloc(16).toString('base64'),
  })
  async function spend(count: number, from = 0): Promise<void> {
    for (let n = 0; n < count; n++) expectProblem(await decrypt(guess(from + n)), 422, 'decrypt_failed')
  }

  it('lets the user’s decryption wait, genuine data included, and nobody else’s', async () => {
    await start()
    await spend(3)
    service.time.now += MINUTE
    const refused = await decrypt(await service.weixin.userInfo('ann'))
    expectProblem(refused, 429, 'rate_limited', 'retry')
    expect(refused.headers.get('retry-after')).to.equal('540')
    const ben = await service.login('ben')
    expect((await decrypt(await service.weixin.userInfo('ben'), ben)).status).to.equal(200)
    service.time.now += 9 * MINUTE
    expect((await decrypt(await service.weixin.userInfo('ann'))).status).to.equal(200)
  })

  it('is 20 in ten minutes unless it is set', async () => {
    service = await startService()
    token = await service.login('ann')
    await spend(20)
    expectProblem(await decrypt(guess(20)), 429, 'rate_limited')
  })

  it('holds for every session of the user, those of later logins and the tutorial’s route included', async () => {
    await start()
    await spend(3)
    const later = await service.login('ann')
    expectProblem(await decrypt(guess(4), later), 429, 'rate_limited')
    const tutorial = await service.send('POST', '/user/getuserunionid', {
      body: { r3session: token, ...guess(5) },
    })
    expectProblem(tutorial, 429, 'rate_limited')
  })

  it('is not got rid of by logging out, a new session_key, or a deletion of the user', async () => {
    const key = 'orders-key-0123456789abcdef0123456789'
    await start({ SERVICE_KEYS: `orders:${key}` })
    await spend(3)
    await service.send('DELETE', '/v1/session', { token })
    service.weixin.rotateKey('ann')
    token = await service.login('ann')
    expectProblem(await decrypt(guess(4)), 429, 'rate_limited')
    const { openid } = service.weixin.identity('ann')
    await service.send('DELETE', `/v1/users/${openid}`, { token: key })
    await service.service.sweep()
    token = await service.login('ann')
    expectProblem(await decrypt(guess(5)), 429, 'rate_limited')
  })

  it('leaves sessions as they are: verification, login, phone numbers and logout go on', async () => {
    await start()
    await spend(3)
    expectProblem(await decrypt(guess(4)), 429, 'rate_limited')
    expect((await service.send('GET', '/v1/auth', { token })).status).to.equal(200)
    expect((await service.send('GET', '/v1/session', { token })).status).to.equal(200)
    expect((await service.send('POST', '/v1/session/check', { token })).status).to.equal(200)
    const body = await service.weixin.phoneCode('ann')
    expect((await service.send('POST', '/v1/phone-number', { token, body })).status).to.equal(200)
    const another = await service.login('ann')
    expect((await service.send('GET', '/v1/auth', { token: another })).status).to.equal(200)
    expect((await service.send('DELETE', '/v1/session', { token })).status).to.equal(204)
  })

  it('counts the same data once, however often it comes', async () => {
    await start()
    for (let n = 0; n < 10; n++) await spend(1)
    await spend(1, 1)
    expect((await decrypt(await service.weixin.userInfo('ann'))).status).to.equal(200)
    await spend(1, 2)
    expectProblem(await decrypt(guess(0)), 429, 'rate_limited')
  })

  it('counts neither what opens nor a signature that does not match', async () => {
    await start()
    for (let n = 0; n < 5; n++) {
      expect((await decrypt(await service.weixin.userInfo('ann'))).status).to.equal(200)
      const signed = { ...(await service.weixin.userInfo('ann')), signature: '0'.repeat(40) }
      expectProblem(await decrypt(signed), 422, 'signature_mismatch')
    }
    await spend(3)
  })

  it('holds for guesses that come at once', async () => {
    await start()
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => decrypt(guess(n))))
    expect(answers.filter(({ status }) => status === 422)).to.have.length(3)
    expect(answers.filter(({ status }) => status === 429)).to.have.length(27)
  })

  it('is off where it is 0', async () => {
    await start({ LIMIT_DECRYPT_FAILURES: '0' })
    await spend(25)
    expect((await decrypt(await service.weixin.userInfo('ann'))).status).to.equal(200)
  })

  it('outlives a restart', async () => {
    const folder = temporaryFolder()
    const env = { SESSION_STORE: `sqlite:${join(folder.path, 'sessions.db')}` }
    await start(env)
    await spend(3)
    const earlier = token
    await service.close()
    service = await startService({ env: { LIMIT_DECRYPT_FAILURES: '3', ...env } })
    expectProblem(await decrypt(guess(4), earlier), 429, 'rate_limited')
    service.time.now += 10 * MINUTE
    token = earlier
    await spend(3)
    folder.remove()
  })
})
