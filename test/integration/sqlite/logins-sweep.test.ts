import { expect } from 'chai'
import { ann, claimAt, codeOf, endingAt, loginOf, start, tokenOf } from '../../support/store/logins.js'
import { openNode, withTwoNodes } from '../../support/store/sqlite-nodes.js'

describe('SQLite around logins', () => {
  const { one, another, time, clock, path, rows } = withTwoNodes()
  const attempt = { appid: 'wx-one', code: 'code', key: 'key' }

  describe('sweep', () => {
    it('forgets login attempts when their minute is over', async () => {
      await one().loginAttempts.claim(attempt, claimAt(start))
      await one().sessions.save(loginOf(1, ann, { attempt }))
      await one().loginAttempts.claim({ ...attempt, code: 'later' }, claimAt(start + 1))
      time.now = start + 59_999
      await one().sweep()
      expect(rows('SELECT count(*) FROM login_attempts')).to.deep.equal([[2]])
      time.now = start + 60_000
      await one().sweep()
      expect(rows('SELECT claimed_until FROM login_attempts')).to.deep.equal([[start + 10_001]])
      time.now = start + 60_001
      await one().sweep()
      expect(rows('SELECT * FROM login_attempts')).to.deep.equal([])
    })

    it('remembers for an hour who was thrown out, and for good how often that happened', async () => {
      const ben = { appid: 'wx-one', openid: 'o-ben' }
      await one().sessions.save(loginOf(1))
      for (const user of [ann, ben]) await one().sessions.endAll(user, endingAt(start))
      time.now = start + 3_599_999
      await one().sweep()
      for (const user of [ann, ben])
        expect(await codeOf(another().sessions.save(loginOf(2, user)))).to.equal('invalid_session')
      time.now = start + 3_600_000
      await one().sweep()
      expect(rows('SELECT * FROM users')).to.deep.equal([])
      expect(await another().sessions.epoch()).to.equal(2)
      await one().sessions.endAll(ann, endingAt(time.now))
      expect(await another().sessions.epoch()).to.equal(3)
    })

    it('keeps users with a session, and drops the others', async () => {
      await one().sessions.endAll(ann, endingAt(start))
      await one().sessions.save(loginOf(1, ann, { epoch: 1, expiresAt: start + 4_000_000 }))
      await one().sessions.save(loginOf(2, { appid: 'wx', openid: 'o-ben' }))
      time.now = start + 3_999_999
      await one().sweep()
      expect(rows('SELECT openid FROM users')).to.deep.equal([['o-ann']])
      time.now = start + 4_000_000
      await one().sweep()
      expect(rows('SELECT openid FROM users')).to.deep.equal([])
    })

    it('finds what ended since the last one, and what another process left', async () => {
      await one().sessions.save(loginOf(1))
      await one().sweep()
      await another().sessions.save(loginOf(2, ann, { expiresAt: start + 10 }))
      time.now = start + 10
      await one().sweep()
      expect(await one().sessions.find(tokenOf(2))).to.equal(undefined)
      time.now = start + 1_001
      await one().sweep()
      expect(await one().sessions.find(tokenOf(1))).to.equal(undefined)
    })

    it('finds what time alone has ended, each at its instant', async () => {
      const left = () => [
        rows('SELECT count(*) FROM sessions'),
        rows('SELECT count(*) FROM login_attempts'),
        rows('SELECT count(*) FROM users'),
      ]
      for (const [n, expiresAt] of [start + 100, start + 10_000_000].entries())
        await one().sessions.save(loginOf(n, ann, { expiresAt }))
      for (const n of [200, 300])
        await one().loginAttempts.claim({ ...attempt, code: `${n}` }, claimAt(start + n - 60_000))
      for (const n of [400, 500])
        await one().sessions.endAll({ appid: 'wx', openid: `${n}` }, endingAt(start + n - 3_600_000))
      const moments: [after: number, sessions: number, attempts: number, users: number][] = [
        [99, 2, 2, 3],
        [100, 1, 2, 3],
        [199, 1, 2, 3],
        [200, 1, 1, 3],
        [300, 1, 0, 3],
        [399, 1, 0, 3],
        [400, 1, 0, 2],
        [500, 1, 0, 1],
        [10_000_000, 0, 0, 0],
      ]
      for (const [after, ...expected] of moments) {
        time.now = start + after
        // The first deletes, the second finds nothing more, the third has seen no change since.
        for (let n = 0; n < 3; n++) await one().sweep()
        expect(left(), `after ${after}`).to.deep.equal(expected.map((count) => [[count]]))
      }
    })

    it('starts no thread when nothing was written and nothing has ended', async () => {
      const starts: unknown[] = []
      const onWorker = (worker: unknown) => starts.push(worker)
      const third = openNode(path(), { clock, idle: 0 })
      await one().sessions.save(loginOf(1, ann, { expiresAt: start + 10 }))
      process.on('worker', onWorker)
      try {
        await third.sweep()
        const atFirst = starts.length
        expect(atFirst).to.be.greaterThan(0)
        for (let n = 0; n < 3; n++) await third.sweep()
        expect(starts).to.have.length(atFirst)
        time.now = start + 10
        await third.sweep()
        expect(starts.length).to.be.greaterThan(atFirst)
        expect(await third.sessions.find(tokenOf(1))).to.equal(undefined)
      } finally {
        process.off('worker', onWorker)
        await third.close()
      }
    })
  })
})
