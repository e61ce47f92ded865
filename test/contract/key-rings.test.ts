import { expect } from 'chai'
import { liveKeys, REPLACED_KEY_LIFE, RING_SIZE, withoutKey, withResetKey } from '#src/domain/key-ring.js'
import type { UserKey } from '#src/domain/session.js'
import { ann, annElsewhere, ben, endingAt, loginOf, start, tokenOf } from '../support/store/logins.js'
import { describeEachStore } from './stores.js'

describeEachStore('KeyRingRepository', (current) => {
  const here = () => current().here.keyRings
  const there = () => current().there.keyRings
  const save = (n: number, sessionKey: string, user: UserKey = ann, createdAt = start) =>
    current().here.sessions.save(loginOf(n, user, { sessionKey, createdAt }))
  const keysOf = async (user: UserKey) => (await there().keys(user)).map(({ key }) => key)

  describe('keys', () => {
    it('are none for a user who never logged in', async () => {
      expect(await here().keys(ann)).to.deep.equal([])
    })

    it('come newest first, no more of them than a ring holds', async () => {
      for (let n = 1; n <= RING_SIZE + 2; n++) await save(n, `key-${n}`)
      expect(await keysOf(ann)).to.deep.equal(['key-5', 'key-4', 'key-3'])
    })

    it('stay as they are when WeChat gives the newest again', async () => {
      await save(1, 'key-1')
      await save(2, 'key-1', ann, start + 5)
      expect(await here().keys(ann)).to.deep.equal([{ key: 'key-1', at: start + 5 }])
    })

    it('include replaced ones that no longer count, until the next login', async () => {
      await save(1, 'key-1')
      await save(2, 'key-2')
      expect(liveKeys(await here().keys(ann), start + REPLACED_KEY_LIFE)).to.deep.equal([
        { key: 'key-2', at: start },
      ])
      expect(await keysOf(ann)).to.deep.equal(['key-2', 'key-1'])
      await save(3, 'key-3', ann, start + REPLACED_KEY_LIFE)
      expect(await keysOf(ann)).to.deep.equal(['key-3', 'key-2'])
    })

    it('belong to a user of one mini program, however names run together', async () => {
      const users = [
        { appid: 'wx', openid: 'o1' },
        { appid: 'wxo', openid: '1' },
        { appid: 'wx","o', openid: '1' },
        { appid: 'wx:o', openid: '1' },
        { appid: 'wx', openid: 'o:1' },
        { appid: 'WX', openid: 'O1' },
      ]
      for (const [n, user] of users.entries()) await save(n, `key-${n}`, user)
      for (const [n, user] of users.entries()) expect(await keysOf(user)).to.deep.equal([`key-${n}`])
    })

    it('outlive the end of one of several sessions', async () => {
      for (const n of [1, 2]) await save(n, 'key-1')
      await current().here.sessions.delete(tokenOf(1))
      expect(await keysOf(ann)).to.deep.equal(['key-1'])
    })
  })

  describe('change', () => {
    beforeEach(async () => {
      await save(1, 'key-1', ann, start + 1)
      await save(2, 'key-2', ann, start + 2)
    })
    const before = [
      { key: 'key-2', at: start + 2 },
      { key: 'key-1', at: start + 1, replacedAt: start + 2 },
    ]

    it('puts a new key on the ring', async () => {
      await here().change(ann, (ring) => withResetKey(ring, 'key-3', start + 9))
      expect(await there().keys(ann)).to.deep.equal([
        { key: 'key-3', at: start + 9 },
        { key: 'key-2', at: start + 2, replacedAt: start + 9 },
        { key: 'key-1', at: start + 1, replacedAt: start + 2 },
      ])
    })

    it('marks the newest key as replaced, once', async () => {
      await here().change(ann, (ring) => withoutKey(ring, 'key-2', start + 9))
      await there().change(ann, (ring) => withoutKey(ring, 'key-2', start + 20))
      expect(await there().keys(ann)).to.deep.equal([
        { key: 'key-2', at: start + 2, replacedAt: start + 9 },
        { key: 'key-1', at: start + 1, replacedAt: start + 2 },
      ])
    })

    it('marks no key that another one has replaced already', async () => {
      for (const key of ['key-1', 'key-0'])
        await here().change(ann, (ring) => withoutKey(ring, key, start + 9))
      expect(await there().keys(ann)).to.deep.equal(before)
    })

    it('does nothing for a user without a ring, thrown out or unknown', async () => {
      await current().here.sessions.endAll(ben, endingAt(start))
      for (const user of [ben, annElsewhere]) {
        await here().change(user, (ring) => withResetKey(ring, 'key-3', start))
        await here().change(user, (ring) => withoutKey(ring, 'key-2', start))
        expect(await here().keys(user)).to.deep.equal([])
      }
      expect(await here().keys(ann)).to.deep.equal(before)
    })

    it('loses no key of logins at the same time', async () => {
      for (let round = 0; round < 10; round++) {
        const user = { appid: 'wx', openid: `o-${round}` }
        await save(3, 'key-1', user, start + 3)
        const calls = [
          () => here().change(user, (ring) => withResetKey(ring, 'key-2', start + 9)),
          () => current().there.sessions.save(loginOf(4, user, { sessionKey: 'key-3' })),
        ]
        if (round % 2) calls.reverse()
        await Promise.all(calls.map((call) => call()))
        expect(await keysOf(user)).to.have.members(['key-1', 'key-2', 'key-3'])
      }
    })
  })

  describe('under several secrets', () => {
    it('gives no keys that were sealed under a secret the process does not have', async () => {
      await save(1, 'key-1')
      const other = current().with(['other'])
      expect(await other.sessions.find(tokenOf(1))).to.be.an('object')
      expect(await other.keyRings.keys(ann)).to.deep.equal([])
    })

    it("replaces a ring it can't read by the new key alone", async () => {
      await save(1, 'key-1')
      const other = current().with(['other'])
      await other.sessions.save(loginOf(2, ann, { sessionKey: 'key-2', createdAt: start }))
      expect(await other.keyRings.keys(ann)).to.deep.equal([{ key: 'key-2', at: start }])
      expect(await other.sessions.find(tokenOf(1))).to.be.an('object')
    })

    it('reads what older secrets sealed, and seals under the newest', async () => {
      await save(1, 'key-1')
      const rotated = current().with(['newest', 'secret'])
      expect(await rotated.keyRings.keys(ann)).to.deep.equal([{ key: 'key-1', at: start }])
      await rotated.sessions.save(loginOf(2, ann, { createdAt: start }))
      expect(await rotated.keyRings.keys(ann)).to.deep.equal([{ key: 'key-1', at: start }])
      expect(await here().keys(ann)).to.deep.equal([])
    })
  })
})
