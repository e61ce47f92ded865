import { expect } from 'chai'
import { loginOf } from '../../support/store/logins.js'
import { openRawSqlite } from '../../support/store/open-sqlite-store.js'

describe('the number of sessions in a SQLite store', () => {
  it('is exact up to 10,000, and then an estimate within 4 %', async () => {
    const { raw, close } = openRawSqlite({ path: ':memory:', clock: () => 0 })
    try {
      const { session } = loginOf(1)
      let seed = 1
      // Evenly distributed, as hashes are, and the same in every run.
      const newHash = () =>
        Uint8Array.from({ length: 32 }, () => {
          seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
          return seed >>> 24
        })
      const addUpTo = async (count: number, from: number) => {
        for (let n = from; n < count; n++) {
          const user = { ...session, openid: `o-${n}` }
          const ring = { sealed: 'ring', replaces: undefined }
          await raw.save({ tokenHash: newHash(), session: user, ring, epoch: 0, maxSessions: 10 })
        }
        return raw.count()
      }
      expect(await addUpTo(9_999, 0)).to.equal(9_999)
      expect(await addUpTo(10_000, 9_999)).to.be.within(9_600, 10_400)
      expect(await addUpTo(12_000, 10_000)).to.be.within(11_520, 12_480)
    } finally {
      await close()
    }
  })
})
