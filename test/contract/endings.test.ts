import { expect } from 'chai'
import fc from 'fast-check'
import type { UserKey } from '#src/domain/session.js'
import {
  ann,
  annElsewhere,
  ben,
  claimAt,
  codeOf,
  endingAt,
  idOf,
  loginOf,
  start,
  tokenOf,
} from '../support/store/logins.js'
import { describeEachStore } from './stores.js'

describeEachStore('SessionRepository, where sessions end', (current) => {
  const here = () => current().here.sessions
  const there = () => current().there.sessions
  const keysOf = (user: UserKey) => current().there.keyRings.keys(user)
  const idsOf = async (user: UserKey, now = start + 100) =>
    (await there().list(user, now)).map(({ id }) => Number.parseInt(id, 16))

  describe('endAll', () => {
    it('ends every session of the user and of nobody else', async () => {
      for (const n of [1, 2]) await here().save(loginOf(n))
      await here().save(loginOf(3, ben))
      await here().save(loginOf(4, annElsewhere))
      expect(await there().endAll(ann, endingAt(start + 100))).to.equal(2)
      for (const n of [1, 2]) expect(await here().find(tokenOf(n))).to.equal(undefined)
      expect(await idsOf(ann)).to.deep.equal([])
      for (const n of [3, 4]) expect(await here().find(tokenOf(n))).to.be.an('object')
    })

    it('tells how many lived at that moment', async () => {
      for (const n of [1, 2, 3]) await here().save(loginOf(n))
      expect(await here().endAll(ann, endingAt(start + 1002))).to.equal(1)
      expect(await here().endAll(ann, endingAt(start + 1002))).to.equal(0)
      expect(await here().endAll({ appid: 'wx', openid: 'o-nobody' }, endingAt(start))).to.equal(0)
    })

    it('ends the logins under way, those of an unknown user included, whose key goes on a ring that is there', async () => {
      for (const user of [ann, ben]) {
        if (user === ann) await here().save(loginOf(1))
        const epoch = await here().epoch()
        await there().endAll(user, endingAt(start))
        const late = loginOf(2, user, { epoch, sessionKey: 'key-late' })
        expect(await codeOf(here().save(late))).to.equal('invalid_session')
        expect(await here().find(tokenOf(2))).to.equal(undefined)
        expect(await idsOf(user)).to.deep.equal([])
        const newest = user === ann ? { key: 'key-late', at: start + 2 } : undefined
        expect((await keysOf(user))[0]).to.deep.equal(newest)
      }
    })

    it('leaves logins alone that begin later, and those of others', async () => {
      const before = await here().epoch()
      await here().endAll(ann, endingAt(start))
      await here().save(loginOf(1, ann, { epoch: await there().epoch() }))
      await here().save(loginOf(2, ben, { epoch: before }))
      await here().save(loginOf(3, annElsewhere, { epoch: before }))
      expect([await idsOf(ann), await idsOf(ben), await idsOf(annElsewhere)]).to.deep.equal([[1], [2], [3]])
    })

    it('is remembered beside what later ones did to others', async () => {
      const epoch = await here().epoch()
      await here().endAll(ann, endingAt(start))
      const between = await there().epoch()
      await there().endAll(ben, endingAt(start))
      expect(await codeOf(here().save(loginOf(1, ann, { epoch })))).to.equal('invalid_session')
      expect(await codeOf(here().save(loginOf(2, ann, { epoch: between })))).to.equal('resolved')
      expect(await codeOf(here().save(loginOf(3, ben, { epoch: between })))).to.equal('invalid_session')
    })

    it('keeps touch from bringing a session back', async () => {
      await here().save(loginOf(1))
      await here().endAll(ann, endingAt(start))
      await here().touch(tokenOf(1), loginOf(1).session)
      expect(await here().find(tokenOf(1))).to.equal(undefined)
    })
  })

  describe('forget', () => {
    const attempt = { appid: ann.appid, code: 'code', key: 'key' }

    it('ends the sessions of the user and deletes ring and answers, of nobody else', async () => {
      const { loginAttempts, phoneAttempts } = current().here
      for (const [user, code] of [
        [ann, 'code'],
        [ben, 'other'],
      ] as const) {
        await loginAttempts.claim({ ...attempt, code }, claimAt(start))
        await here().save(loginOf(user === ann ? 1 : 2, user, { attempt: { ...attempt, code } }))
      }
      await phoneAttempts.claim(attempt, claimAt(start))
      await phoneAttempts.finish(attempt, ann, {
        phoneNumber: '13800000000',
        purePhoneNumber: '13800000000',
        countryCode: '86',
      })
      expect(await there().forget(ann, endingAt(start + 10))).to.equal(1)
      expect([await idsOf(ann), await idsOf(ben)]).to.deep.equal([[], [2]])
      expect(await keysOf(ann)).to.deep.equal([])
      expect(await keysOf(ben)).to.have.length(1)
      expect(await loginAttempts.claim(attempt, claimAt(start))).to.equal('first')
      expect(await phoneAttempts.claim(attempt, claimAt(start))).to.equal('first')
      const others = await loginAttempts.claim({ ...attempt, code: 'other' }, claimAt(start))
      expect(others).to.have.nested.property('answer.r3session', tokenOf(2))
    })

    it('refuses the logins that were under way, and lets the user come back', async () => {
      const epoch = await here().epoch()
      await there().forget(ann, endingAt(start))
      expect(await codeOf(here().save(loginOf(1, ann, { epoch })))).to.equal('invalid_session')
      await here().save(loginOf(2, ann, { epoch: await here().epoch() }))
      expect(await idsOf(ann)).to.deep.equal([2])
    })

    it('keeps nothing that logins and phone codes under way bring, until the user comes back', async () => {
      const { loginAttempts, phoneAttempts } = current().here
      const number = { phoneNumber: '13800000000', purePhoneNumber: '13800000000', countryCode: '86' }
      await here().save(loginOf(1))
      const epoch = await here().epoch()
      for (const attempts of [loginAttempts, phoneAttempts]) await attempts.claim(attempt, claimAt(start))
      await there().forget(ann, endingAt(start))
      expect(await codeOf(here().save(loginOf(2, ann, { epoch, attempt })))).to.equal('invalid_session')
      await phoneAttempts.finish(attempt, ann, number)
      expect(await keysOf(ann)).to.deep.equal([])
      expect(await loginAttempts.claim(attempt, claimAt(start))).to.equal('first')
      expect(await phoneAttempts.claim(attempt, claimAt(start))).to.equal('first')

      await here().save(loginOf(3, ann, { epoch: await here().epoch(), sessionKey: 'key-back' }))
      expect((await keysOf(ann)).map(({ key }) => key)).to.deep.equal(['key-back'])
      await phoneAttempts.finish(attempt, ann, number)
      expect(await phoneAttempts.claim(attempt, claimAt(start))).to.deep.equal({ answer: number })
    })
  })

  it('has an epoch that every ending raises, in all processes, and nothing else does', async () => {
    const epochs = [await here().epoch()]
    const raises = async (deed: Promise<unknown>) => {
      await deed
      epochs.push(await there().epoch())
      expect(await here().epoch()).to.equal(epochs.at(-1))
    }
    const keeps = async (deed: Promise<unknown>) => {
      await deed
      expect(await there().epoch()).to.equal(epochs.at(-1))
    }
    const save = (n: number, maxSessions = 100) =>
      here().save(loginOf(n, ann, { epoch: epochs.at(-1) ?? 0, maxSessions }))
    await keeps(save(1))
    await keeps(save(2))
    await keeps(here().touch(tokenOf(1), loginOf(1).session))
    await raises(save(3, 1))
    await raises(here().delete(tokenOf(3)))
    await keeps(here().delete(tokenOf(3)))
    await keeps(here().endOne(ann, idOf(3)))
    await keeps(save(4))
    await raises(here().endOne(ann, idOf(4)))
    for (const user of [ann, ben]) await raises(here().endAll(user, endingAt(start)))
    await raises(here().forget(ann, endingAt(start)))
    expect(epochs).to.deep.equal([...new Set(epochs)].sort((a, b) => a - b))
  })

  it('leaves no session alive whose login began before its user was thrown out, whatever comes between', async () => {
    let run = 0
    const actor = fc.constantFrom('login', 'login', 'login', 'endAll', 'delete', 'find')
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(actor, { minLength: 2, maxLength: 8 }), async (s, actors) => {
        const user = { appid: 'wx-race', openid: `o-${run++}` }
        const turn = () => s.schedule(Promise.resolve())
        const logins: { token: string; epoch: number }[] = []
        const deleted: string[] = []
        // Logins that began at the first or earlier must be over, those that began at the second or later live.
        let thrownOutAt = -1
        let backFrom = -1

        const play = actors.map(async (does, n) => {
          const sessions = n % 2 ? there() : here()
          await turn()
          if (does === 'endAll') {
            const before = await sessions.epoch()
            await sessions.endAll(user, endingAt(start))
            thrownOutAt = Math.max(thrownOutAt, before)
            backFrom = Math.max(backFrom, await sessions.epoch())
            return
          }
          if (does === 'delete') {
            const token = logins.at(-1)?.token ?? tokenOf(0)
            deleted.push(token)
            return sessions.delete(token)
          }
          const epoch = await sessions.epoch()
          await turn()
          if (does === 'find') {
            const [earliest] = logins
            const thrownOut = earliest !== undefined && earliest.epoch <= thrownOutAt
            const found = earliest && (await sessions.find(earliest.token, () => true))
            if (thrownOut) expect(found, 'after its end').to.equal(undefined)
            return
          }
          const login = loginOf(n, user, { epoch, token: tokenOf(run * 1000 + n) })
          logins.push({ token: login.token, epoch })
          const outcome = await codeOf(sessions.save(login))
          await turn()
          if (outcome === 'resolved') await sessions.touch(login.token, login.session)
          else expect(outcome).to.equal('invalid_session')
        })
        await s.waitFor(Promise.all(play))

        for (const { token, epoch } of logins) {
          const alive = (await here().find(token)) !== undefined
          if (epoch <= thrownOutAt) expect(alive, 'began before').to.equal(false)
          else if (epoch >= backFrom && !deleted.includes(token))
            expect(alive, 'nobody ended it').to.equal(true)
        }
      }),
      { numRuns: 60 },
    )
  }).timeout(120_000)
})
