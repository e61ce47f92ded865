import { expect } from 'chai'
import fc from 'fast-check'
import type { UserKey } from '#src/domain/session.js'
import {
  ann,
  annElsewhere,
  ben,
  codeOf,
  endingAt,
  idOf,
  loginOf,
  start,
  tokenOf,
} from '../support/store/logins.js'
import { describeEachStore } from './stores.js'

describeEachStore('SessionRepository', (current) => {
  const here = () => current().here.sessions
  const there = () => current().there.sessions
  const idsOf = async (user: UserKey, now = start + 100) =>
    (await there().list(user, now)).map(({ id }) => Number.parseInt(id, 16))

  describe('save and find', () => {
    it('finds a session by its token exactly as it was saved', async () => {
      const known = loginOf(1, ann, { unionid: 'u-ann' })
      const unknown = loginOf(2, { appid: 'wx-two', openid: 'o-ben' })
      for (const login of [known, unknown]) await here().save(login)
      for (const sessions of [here(), there()]) {
        expect(await sessions.find(tokenOf(1))).to.deep.equal(known.session)
        expect(await sessions.find(tokenOf(2))).to.deep.equal(unknown.session)
      }
    })

    it('finds a session past its end as it was, or not at all', async () => {
      const login = loginOf(1, ann, { createdAt: 0, expiresAt: 1 })
      await here().save(login)
      for (let look = 0; look < 3; look++)
        expect([login.session, undefined]).to.deep.include(await here().find(tokenOf(1)))
    })

    it('finds nothing for any other string', async () => {
      await here().save(loginOf(0xabc))
      const token = tokenOf(0xabc)
      const others = [
        '',
        '0',
        token.slice(1),
        `${token}0`,
        ` ${token}`,
        token.toUpperCase(),
        '\0',
        '%',
        '\ud800',
      ]
      for (const other of others) expect(await here().find(other), other).to.equal(undefined)
      await fc.assert(
        fc.asyncProperty(fc.string(), async (other) => {
          expect(await here().find(other)).to.equal(undefined)
        }),
      )
    })

    it('keeps all sessions of a user, and puts the key of each login on the ring', async () => {
      await here().save(loginOf(1, ann, { sessionKey: 'key-1' }))
      await here().save(loginOf(5, ann, { sessionKey: 'key-2' }))
      expect(await here().find(tokenOf(1))).to.deep.equal(loginOf(1).session)
      expect(await here().find(tokenOf(5))).to.deep.equal(loginOf(5).session)
      expect(await current().here.keyRings.keys(ann)).to.deep.equal([
        { key: 'key-2', at: start + 5 },
        { key: 'key-1', at: start + 1, replacedAt: start + 5 },
      ])
    })

    it('loses no key and no session of logins that happen at once, here and elsewhere', async () => {
      const saves = [1, 2, 3].map((n) =>
        (n % 2 ? here() : there()).save(loginOf(n, ann, { sessionKey: `key-${n}` })),
      )
      await Promise.all(saves)
      const ring = await current().here.keyRings.keys(ann)
      expect(ring.map(({ key }) => key)).to.have.members(['key-1', 'key-2', 'key-3'])
      for (const n of [1, 2, 3]) expect(await here().find(tokenOf(n))).to.deep.equal(loginOf(n).session)
    })
  })

  it('says how many sessions there are, of all users, wherever they began or ended', async () => {
    const counts = () => Promise.all([current().raw.count(), current().otherRaw.count()])
    expect(await counts()).to.deep.equal([0, 0])
    await here().save(loginOf(1, ann))
    await there().save(loginOf(2, ann))
    await here().save(loginOf(3, annElsewhere))
    expect(await counts()).to.deep.equal([3, 3])
    await there().delete(tokenOf(2))
    expect(await counts()).to.deep.equal([2, 2])
  })

  describe('maxSessions', () => {
    it('has the oldest sessions make room, of this user alone', async () => {
      await there().save(loginOf(1, ben))
      await there().save(loginOf(2, annElsewhere))
      for (const [n, madeRoom] of [
        [3, 0],
        [4, 0],
        [5, 1],
        [6, 1],
      ] as const)
        expect(await here().save(loginOf(n, ann, { maxSessions: 2 }))).to.deep.equal({ madeRoom })
      expect(await idsOf(ann)).to.deep.equal([6, 5])
      expect(await there().find(tokenOf(4))).to.equal(undefined)
      expect(await idsOf(ben)).to.deep.equal([1])
      expect(await idsOf(annElsewhere)).to.deep.equal([2])
    })

    it('goes by when sessions began, not by when they were used or recorded', async () => {
      for (const n of [2, 1, 3]) await here().save(loginOf(n))
      await here().touch(tokenOf(1), { ...loginOf(1).session, lastSeenAt: start + 50 })
      await here().save(loginOf(4, ann, { maxSessions: 3 }))
      expect(await idsOf(ann)).to.deep.equal([4, 3, 2])
    })

    it('never ends the new one, even when it began before the others', async () => {
      for (const n of [5, 6, 7]) await here().save(loginOf(n))
      await here().save(loginOf(1, ann, { maxSessions: 2 }))
      expect(await idsOf(ann)).to.deep.equal([7, 1])
      await here().save(loginOf(2, ann, { maxSessions: 1 }))
      expect(await idsOf(ann)).to.deep.equal([2])
    })

    it('does not count sessions that are over', async () => {
      await here().save(loginOf(1))
      await here().save(loginOf(2, ann, { expiresAt: start + 10 }))
      await here().save(loginOf(10, ann, { maxSessions: 2 }))
      expect(await idsOf(ann)).to.deep.equal([10, 1])
    })

    it('lowers a user who had more', async () => {
      for (let n = 1; n <= 20; n++) await here().save(loginOf(n))
      await here().save(loginOf(21, ann, { maxSessions: 3 }))
      expect(await idsOf(ann)).to.deep.equal([21, 20, 19])
    })
  })

  describe('touch', () => {
    it('records the last use and the end of a session', async () => {
      const { session } = loginOf(1, ann, { unionid: 'u-ann' })
      await here().save(loginOf(1, ann, { unionid: 'u-ann' }))
      const used = { ...session, lastSeenAt: start + 10, expiresAt: start + 1010 }
      await here().touch(tokenOf(1), used)
      for (const sessions of [here(), there()]) expect(await sessions.find(tokenOf(1))).to.deep.equal(used)
    })

    it('moves nothing back, when processes record uses in another order than they happened', async () => {
      await here().save(loginOf(1))
      const used = { ...loginOf(1).session, lastSeenAt: start + 10, expiresAt: start + 1010 }
      await here().touch(tokenOf(1), used)
      await there().touch(tokenOf(1), { ...used, lastSeenAt: start + 9, expiresAt: start + 1009 })
      for (const sessions of [here(), there()]) expect(await sessions.find(tokenOf(1))).to.deep.equal(used)
    })

    it('leaves other sessions of the user alone', async () => {
      for (const n of [1, 2]) await here().save(loginOf(n))
      await here().touch(tokenOf(1), { ...loginOf(1).session, lastSeenAt: start + 10 })
      expect(await here().find(tokenOf(2))).to.deep.equal(loginOf(2).session)
    })

    it('brings nothing back that was ended, and makes nothing up', async () => {
      await here().save(loginOf(1))
      await here().delete(tokenOf(1))
      await here().touch(tokenOf(1), loginOf(1).session)
      await here().touch(tokenOf(2), loginOf(2).session)
      for (const n of [1, 2]) expect(await here().find(tokenOf(n))).to.equal(undefined)
    })
  })

  describe('list', () => {
    it('gives the sessions as they are recorded, the latest first', async () => {
      for (const n of [2, 3, 1]) await here().save(loginOf(n, ann, { unionid: 'u-ann' }))
      const { session } = loginOf(2, ann, { unionid: 'u-ann' })
      const used = { ...session, lastSeenAt: start + 50, expiresAt: start + 1050 }
      await here().touch(tokenOf(2), used)
      expect(await there().list(ann, start + 100)).to.deep.equal([
        loginOf(3, ann, { unionid: 'u-ann' }).session,
        used,
        loginOf(1, ann, { unionid: 'u-ann' }).session,
      ])
    })

    it('leaves out sessions from their end on, ended ones and those of others', async () => {
      for (const n of [1, 2, 3]) await here().save(loginOf(n))
      await here().save(loginOf(4, ben))
      await here().save(loginOf(5, annElsewhere))
      await here().delete(tokenOf(2))
      expect(await idsOf(ann, start + 1000)).to.deep.equal([3, 1])
      expect(await idsOf(ann, start + 1001)).to.deep.equal([3])
      expect(await idsOf(ann, start + 1003)).to.deep.equal([])
      expect(await idsOf({ appid: 'wx-two', openid: 'o-ben' })).to.deep.equal([])
    })
  })

  describe('delete and endOne', () => {
    it('end this session and no other, in every process', async () => {
      for (const n of [1, 2, 3]) await here().save(loginOf(n))
      await here().delete(tokenOf(1))
      expect(await here().endOne(ann, idOf(2))).to.equal(true)
      for (const sessions of [here(), there()]) {
        for (const n of [1, 2]) expect(await sessions.find(tokenOf(n))).to.equal(undefined)
        expect(await sessions.find(tokenOf(3))).to.deep.equal(loginOf(3).session)
      }
    })

    it('do nothing for what is no session, or none any more', async () => {
      await here().save(loginOf(1))
      expect(await here().delete(tokenOf(1))).to.deep.equal(loginOf(1).session)
      for (const token of [tokenOf(1), tokenOf(2), '', 'no token'])
        expect(await here().delete(token)).to.equal(undefined)
      for (const id of [idOf(1), '', 'no id']) expect(await here().endOne(ann, id)).to.equal(false)
    })

    it("never end another user's session, whatever its id", async () => {
      await here().save(loginOf(1, ann))
      for (const user of [ben, annElsewhere]) await here().endOne(user, idOf(1))
      expect(await idsOf(ann)).to.deep.equal([1])
    })
  })

  it('is ready when nothing is wrong, and being asked changes nothing', async () => {
    await here().save(loginOf(1))
    const before = await here().epoch()
    expect(await here().ready()).to.equal(undefined)
    expect(await idsOf(ann)).to.deep.equal([1])
    expect(await here().epoch()).to.equal(before)
    expect(await codeOf(here().endAll(ann, endingAt(start)))).to.equal('resolved')
  })
})
