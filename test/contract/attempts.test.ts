import { expect } from 'chai'
import type { Attempt, LoginAnswer } from '#src/domain/ports.js'
import { ann, ben, claimAt, codeOf, endingAt, loginOf, start, tokenOf } from '../support/store/logins.js'
import { describeEachStore } from './stores.js'

const attempt = { appid: 'wx-one', code: 'code', key: 'key' }
const another = { ...attempt, key: 'another' }
const number = { phoneNumber: '13800000000', purePhoneNumber: '13800000000', countryCode: '86' }

describeEachStore('AttemptRepository', (current) => {
  const claim = (given: Attempt, now: number) => current().here.loginAttempts.claim(given, claimAt(now))
  const claimThere = (given: Attempt, now: number) => current().there.loginAttempts.claim(given, claimAt(now))
  const abandonThere = (given: Attempt) => current().there.loginAttempts.abandon(given)
  const answer: LoginAnswer = { r3session: tokenOf(1), expiresAt: start + 1001 }
  const save = (more: Partial<Attempt> = {}) =>
    current().here.sessions.save(loginOf(1, ann, { attempt: { ...attempt, ...more } }))

  it('is first once, and running for everybody else', async () => {
    expect(await claim(attempt, start)).to.equal('first')
    expect(await claim(attempt, start)).to.equal('running')
    expect(await claimThere(attempt, start + 9_999)).to.equal('running')
  })

  it('gives the answer of the login that was saved for it', async () => {
    await claim(attempt, start)
    await save()
    for (const now of [start, start + 10_000, start + 59_999])
      expect(await claimThere(attempt, now)).to.deep.equal({ answer })
  })

  it('gives the answer that was recorded by itself', async () => {
    const { here, there } = current()
    await here.sessions.save(loginOf(1))
    await here.phoneAttempts.claim(attempt, claimAt(start))
    await here.phoneAttempts.finish(attempt, ann, number)
    expect(await there.phoneAttempts.claim(attempt, claimAt(start))).to.deep.equal({ answer: number })
  })

  it('is of one kind: a login code and a phone code of the same letters are two', async () => {
    const { here } = current()
    await claim(attempt, start)
    expect(await here.phoneAttempts.claim(another, claimAt(start))).to.equal('first')
    await here.phoneAttempts.finish(another, ann, number)
    expect(await claim(attempt, start)).to.equal('running')
  })

  it('is taken with another key, whatever became of it', async () => {
    await claim(attempt, start)
    expect(await claimThere(another, start + 10_000)).to.equal('taken')
    await save()
    expect(await claimThere(another, start + 59_999)).to.equal('taken')
    expect(await claimThere(attempt, start + 59_999)).to.deep.equal({ answer })
  })

  it('is of one app, code and key, however they run together', async () => {
    await claim(attempt, start)
    const others = [
      { appid: 'wx-two', code: 'code', key: 'key' },
      { appid: 'wx-onec', code: 'ode', key: 'key' },
      { appid: 'wx-one', code: 'codek', key: 'ey' },
      { appid: 'wx-one', code: 'code","key', key: '' },
      { appid: 'wx-one', code: 'CODE', key: 'key' },
    ]
    for (const each of others) expect(await claimThere(each, start), each.code).to.equal('first')
  })

  it('ends when the first claim said, answered or not', async () => {
    await claim(attempt, start)
    expect(await claimThere(attempt, start + 50_000)).to.equal('first')
    expect(await claimThere(another, start + 59_999)).to.equal('taken')
    expect(await claimThere(another, start + 60_000)).to.equal('first')
    await save({ key: 'another' })
    expect(await claim(another, start + 119_999)).to.deep.equal({ answer })
    expect(await claim(another, start + 120_000)).to.equal('first')
  })

  it('can be made again when its process died, by one other at a time', async () => {
    await claim(attempt, start)
    expect(await claimThere(attempt, start + 10_000)).to.equal('first')
    expect(await claimThere(attempt, start + 10_000)).to.equal('running')
    expect(await claim(attempt, start + 19_999)).to.equal('running')
    expect(await claim(attempt, start + 20_000)).to.equal('first')
  })

  it('is held as long as the claim says', async () => {
    const { loginAttempts } = current().here
    const long = { now: start, leaseUntil: start + 35_000, rememberUntil: start + 90_000 }
    await loginAttempts.claim(attempt, long)
    expect(await claimThere(attempt, start + 34_999)).to.equal('running')
    expect(await claimThere(attempt, start + 35_000)).to.equal('first')
    await save()
    expect(await claimThere(attempt, start + 89_999)).to.deep.equal({ answer })
    expect(await claimThere(attempt, start + 90_000)).to.equal('first')
  })

  it('is first for one of many at the same time, also when it ran out', async () => {
    for (const now of [start, start + 10_000, start + 60_000]) {
      const many = Array.from({ length: 40 }, (_, n) => (n % 2 ? claimThere : claim)(attempt, now))
      const told = await Promise.all(many)
      expect(told.filter((each) => each === 'first')).to.have.length(1)
      expect(told.filter((each) => each === 'running')).to.have.length(39)
    }
  })

  it('begins anew when it was abandoned, with any key', async () => {
    await claim(attempt, start)
    await current().here.loginAttempts.abandon(attempt)
    expect(await claimThere(another, start)).to.equal('first')
  })

  it('is not given up by who did not make it', async () => {
    await claim(attempt, start)
    for (const key of ['another', '']) await abandonThere({ ...attempt, key })
    await abandonThere({ ...attempt, appid: 'wx-two' })
    await abandonThere({ ...attempt, code: 'another' })
    expect(await claimThere(attempt, start)).to.equal('running')
  })

  it('keeps an answer that is recorded', async () => {
    await claim(attempt, start)
    await save()
    await current().here.loginAttempts.abandon(attempt)
    expect(await claimThere(attempt, start)).to.deep.equal({ answer })
  })

  it('is not answered by a login with another key', async () => {
    await claim(attempt, start)
    await save({ key: 'another' })
    expect(await claimThere(attempt, start)).to.equal('running')
    expect(await claimThere(another, start)).to.equal('taken')
  })

  it('begins anew when its user was thrown out meanwhile', async () => {
    await claim(attempt, start)
    await current().there.sessions.endAll(ann, endingAt(start))
    expect(await codeOf(save())).to.equal('invalid_session')
    expect(await claimThere(attempt, start)).to.equal('first')
  })

  it('has an answer for nobody who lacks the secret it was sealed under', async () => {
    await claim(attempt, start)
    await save()
    expect(await current().with(['other']).loginAttempts.claim(attempt, claimAt(start))).to.equal('taken')
  })

  it('has an answer for no other code, where two were exchanged in the store', async () => {
    const { here, raw } = current()
    const { loginAttempts, sessions } = here
    const codes = ['code', 'other']
    for (const [n, code] of codes.entries()) {
      await loginAttempts.claim({ ...attempt, code }, claimAt(start))
      await sessions.save(loginOf(n, n ? ben : ann, { attempt: { ...attempt, code } }))
    }
    const told: unknown[] = []
    const spied = current().over({
      ...raw,
      claim: async (hashed, when) => {
        const claimed = await raw.claim(hashed, when)
        told.push(claimed)
        return (told[0] ?? claimed) as typeof claimed
      },
    })
    const claims = []
    for (const code of codes)
      claims.push(await spied.loginAttempts.claim({ ...attempt, code }, claimAt(start)))
    expect(claims[0]).to.have.nested.property('answer.r3session', tokenOf(0))
    expect(claims[1]).to.equal('taken')
  })
})
