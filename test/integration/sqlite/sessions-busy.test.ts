import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { type Database, openConnection } from '#src/adapters/sqlite/driver.js'
import {
  failureOf,
  loginOf,
  now,
  type Sessions,
  tokenOf,
  withSqliteSessions,
} from '../../support/store/sqlite-sessions.js'

describe('SQLite sessions', () => {
  const { path, open } = withSqliteSessions()

  describe('while another process has the write lock', () => {
    let other: Database
    let sessions: Sessions
    let pauses: number[]
    let releaseAfter: number
    beforeEach(async () => {
      pauses = []
      releaseAfter = Number.POSITIVE_INFINITY
      sessions = open({
        pause: async (milliseconds = 0) => {
          pauses.push(milliseconds)
          if (pauses.length === releaseAfter) other.exec('ROLLBACK')
        },
      })
      await sessions.save(loginOf(0))
      other = openConnection(path())
      other.exec('BEGIN IMMEDIATE')
    })
    afterEach(() => {
      other.close()
    })

    it('try again, a pause apart, until it is their turn', async () => {
      releaseAfter = 3
      await sessions.save(loginOf(1))
      expect(pauses).to.have.lengthOf(3)
      expect(await sessions.find(tokenOf(1))).to.deep.equal(loginOf(1).session)
    })

    it('give up after a second of pauses, with nothing changed', async () => {
      const total = async (call: () => Promise<unknown>) => {
        pauses = []
        expect(await failureOf(call())).to.match(/^SQLITE_BUSY/)
        return pauses.reduce((sum, each) => sum + each, 0)
      }
      for (const call of [
        () => sessions.save(loginOf(1)),
        () => sessions.touch(tokenOf(0), { ...loginOf(0).session, lastSeenAt: now + 1 }),
        () => sessions.delete(tokenOf(0)),
        () => sessions.ready(),
        () => sessions.sweep(),
      ])
        expect(await total(call)).to.be.within(500, 1000)
      other.exec('ROLLBACK')
      expect(await sessions.find(tokenOf(0))).to.deep.equal(loginOf(0).session)
      expect(await sessions.find(tokenOf(1))).to.equal(undefined)
    })

    it('go on finding sessions and keys', async () => {
      expect(await sessions.find(tokenOf(0))).to.deep.equal(loginOf(0).session)
      expect(await sessions.keys(loginOf(0).session)).to.deep.equal([{ key: 'key', at: now }])
      expect(pauses).to.deep.equal([])
    })

    it('give up when they are closed meanwhile', async () => {
      const failure = failureOf(sessions.save(loginOf(1)))
      while (pauses.length === 0) await nextTurn()
      await sessions.close()
      expect(await failure).to.equal('CLOSED')
    })
  })
})
