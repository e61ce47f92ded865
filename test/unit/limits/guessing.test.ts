import { expect } from 'chai'
import type { Decryptor } from '#src/domain/ports.js'
import { appid, failure, MOST_FAILURES, me, setUp, transparent } from '../../support/use-cases.js'

const MINUTE = 60_000

/** The use cases with a user who is logged in, and a count of what was tried with their key. */
async function loggedIn() {
  let tries = 0
  const decryptor: Decryptor = {
    ...transparent,
    open(sealed) {
      tries++
      return transparent.open(sealed)
    },
  }
  const all = setUp({}, { decryptor })
  const login = async (code: string, sessionKey = me.sessionKey) => {
    all.wechat.when(code, { ...me, sessionKey })
    return (await all.login({ appid, code })).r3session
  }
  return { ...all, logIn: login, token: await login('code-0'), tries: () => tries }
}

const guess = (n: number) => ({ encryptedData: `guess ${n}`, iv: '' })

describe('a forger who guesses', () => {
  it('is let through 20 times in 10 minutes, however many guesses come, so that a forgery takes years', async () => {
    const { decrypt, token, time, tries } = await loggedIn()
    const perSecond = 4
    for (let n = 0; n < 3600 * perSecond; n++) {
      await failure(decrypt(token, guess(n)))
      time.now += 1000 / perSecond
    }
    const inAnHour = 6 * MOST_FAILURES
    expect(tries()).to.equal(inAnHour)
    // As SECURITY.md says: so many guesses it took, and each of the hours takes as many new ciphertexts.
    const guesses = 1_800_000
    expect(guesses / 2400 / 60, 'minutes without a limit').to.equal(12.5)
    expect(guesses / inAnHour, 'hours').to.equal(15_000)
    expect(guesses / inAnHour / 24, 'days').to.equal(625)
  })

  it('gets no more out of it by asking at once', async () => {
    const { decrypt, token, tries } = await loggedIn()
    const codes = await Promise.all(Array.from({ length: 500 }, (_, n) => failure(decrypt(token, guess(n)))))
    expect(codes.filter((code) => code === 'decrypt_failed')).to.have.length(MOST_FAILURES)
    expect(codes.filter((code) => code === 'rate_limited')).to.have.length(500 - MOST_FAILURES)
    expect(tries()).to.equal(MOST_FAILURES)
  })

  it('is told nothing any more, not that a guess was right either', async () => {
    const { decrypt, token, sealed, tries } = await loggedIn()
    for (let n = 0; n < MOST_FAILURES; n++) await failure(decrypt(token, guess(n)))
    expect(await failure(decrypt(token, sealed(me.sessionKey)))).to.equal('rate_limited')
    const signed = { ...sealed(me.sessionKey), rawData: 'raw', signature: 'wrong' }
    expect(await failure(decrypt(token, signed))).to.equal('rate_limited')
    expect(tries()).to.equal(MOST_FAILURES)
  })

  it('costs nobody else anything', async () => {
    const { decrypt, token, login, wechat } = await loggedIn()
    for (let n = 0; n < MOST_FAILURES; n++) await failure(decrypt(token, guess(n)))
    wechat.when('other', { openid: 'o-other', sessionKey: 'key-other' })
    const { r3session } = await login({ appid, code: 'other' })
    expect(await failure(decrypt(r3session, guess(0)))).to.equal('decrypt_failed')
  })
})

describe('data that did not open', () => {
  it('is not tried again, and counts once', async () => {
    const { decrypt, token, tries, sealed } = await loggedIn()
    for (let n = 0; n < 10 * MOST_FAILURES; n++)
      expect(await failure(decrypt(token, guess(0)))).to.equal('decrypt_failed')
    expect(tries()).to.equal(1)
    for (let n = 1; n < MOST_FAILURES; n++) await failure(decrypt(token, guess(n)))
    expect(await failure(decrypt(token, sealed(me.sessionKey)))).to.equal('rate_limited')
  })

  it('takes as long to refuse as if it were tried', async () => {
    const { decrypt, token, pauses } = await loggedIn()
    for (let n = 0; n < 3; n++) await failure(decrypt(token, guess(0)))
    expect(pauses).to.deep.equal([24, 24, 24])
  })

  it('is tried again once there is another key, and opens where that is its own', async () => {
    const { decrypt, token, logIn, sealed } = await loggedIn()
    const early = sealed('key-2', { nickName: 'me' })
    expect(await failure(decrypt(token, early))).to.equal('decrypt_failed')
    expect(await failure(decrypt(token, early))).to.equal('decrypt_failed')
    await logIn('code-1', 'key-2')
    expect(await decrypt(token, early)).to.include({ nickName: 'me' })
  })

  it('is tried again, too, where another key took the place of one that the ring had no room for', async () => {
    const { decrypt, token, logIn, sealed } = await loggedIn()
    for (const n of [2, 3]) await logIn(`code-${n}`, `key-${n}`)
    const early = sealed('key-4', { nickName: 'me' })
    expect(await failure(decrypt(token, early))).to.equal('decrypt_failed')
    await logIn('code-4', 'key-4')
    expect(await decrypt(token, early)).to.include({ nickName: 'me' })
  })

  it('is tried again after a while, when clocks may agree better', async () => {
    const { decrypt, token, sealed, time } = await loggedIn()
    time.now += 6 * MINUTE
    const early = sealed(me.sessionKey)
    time.now -= 6 * MINUTE
    expect(await failure(decrypt(token, early))).to.equal('decrypt_failed')
    time.now += 10 * MINUTE
    expect(await decrypt(token, early)).to.have.property('watermark')
  })

  it('is known by all of it: another iv is another guess', async () => {
    const { decrypt, token, tries } = await loggedIn()
    await failure(decrypt(token, { encryptedData: 'x', iv: '1' }))
    await failure(decrypt(token, { encryptedData: 'x', iv: '2' }))
    await failure(decrypt(token, { encryptedData: 'x1', iv: '' }))
    expect(tries()).to.equal(3)
  })
})
