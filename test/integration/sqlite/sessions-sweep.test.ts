import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { openRawSqlite, openSqliteSessions } from '../../support/store/open-sqlite-store.js'
import {
  loginOf,
  now,
  numbers,
  type Sessions,
  tokenOf,
  withSqliteSessions,
} from '../../support/store/sqlite-sessions.js'

describe('SQLite sessions', () => {
  const { path, open } = withSqliteSessions()

  for (const at of [':memory:', 'sessions.db']) {
    describe(`when they are swept (${at})`, () => {
      let sessions: Sessions
      beforeEach(() => {
        sessions = open({ at: at === ':memory:' ? at : path() })
      })
      const keysOf = (openid: string) => sessions.keys({ appid: 'wx', openid })
      /** Every third session lives, the others have ended; each of 151 users has one or two. */
      const saveMany = (count: number) =>
        Promise.all(
          numbers(count).map((n) =>
            sessions.save(loginOf(n, { openid: `o-${n % 151}`, expiresAt: n % 3 === 0 ? now + 1 : now })),
          ),
        )

      it('lose what has ended, and keep what lives', async () => {
        await saveMany(250)
        await sessions.sweep()
        for (const n of numbers(250)) {
          const found = await sessions.find(tokenOf(n))
          expect(found?.id, String(n)).to.equal(n % 3 === 0 ? `id-${n}` : undefined)
        }
      })

      it('lose the keys of users who have no session left, and of nobody else', async () => {
        await saveMany(250)
        await sessions.sweep()
        const needed = new Set(
          numbers(250)
            .filter((n) => n % 3 === 0)
            .map((n) => n % 151),
        )
        for (const user of numbers(151)) {
          expect((await keysOf(`o-${user}`)).length, String(user)).to.equal(needed.has(user) ? 1 : 0)
        }
        expect(needed.size).to.be.within(1, 150)
      })

      it('let others take their turns meanwhile', async () => {
        await saveMany(250)
        let turns = 0
        let swept = false
        const sweep = sessions.sweep().finally(() => {
          swept = true
        })
        await sessions.save(loginOf(1000))
        while (!swept) {
          await nextTurn()
          turns++
        }
        await sweep
        expect(turns).to.be.greaterThan(4)
        expect(await sessions.find(tokenOf(1000))).to.deep.equal(loginOf(1000).session)
        expect(await keysOf('o-1000')).to.deep.equal([{ key: 'key', at: now }])
      })

      it('join a sweep under way, and can be swept again', async () => {
        let sweeps = 0
        const counted = open({
          at: at === ':memory:' ? at : path(),
          clock: () => {
            sweeps++
            return now
          },
        })
        await Promise.all([counted.sweep(), counted.sweep()])
        expect(sweeps).to.equal(1)
        await counted.save(loginOf(9, { expiresAt: now }))
        await counted.sweep()
        expect(sweeps).to.equal(2)
        expect(await counted.find(tokenOf(9))).to.equal(undefined)
      })

      it('end the sweep without an error when they are closed', async () => {
        await saveMany(250)
        const sweep = sessions.sweep()
        await nextTurn()
        await sessions.close()
        expect(await sweep).to.equal(undefined)
      })

      it('have nothing to do when there is nothing', async () => {
        expect(await sessions.sweep()).to.equal(undefined)
      })
    })
  }

  it('rest after each step of a sweep nine times as long as it took, but no longer than 100 ms', async () => {
    for (const [tick, rests] of [
      [2, /^(18|36|54|72|90)$/],
      [40, /^100$/],
    ] as const) {
      let time = 0
      const rested: number[] = []
      const sessions = openSqliteSessions({
        path: ':memory:',
        clock: () => now,
        elapsed: () => {
          time += tick
          return time
        },
        pause: async (milliseconds) => {
          rested.push(milliseconds)
        },
      })
      for (const n of numbers(250)) await sessions.save(loginOf(n, { expiresAt: now }))
      await sessions.sweep()
      expect(rested.length).to.be.greaterThan(4)
      for (const rest of rested) expect(String(rest)).to.match(rests)
      expect(await sessions.find(tokenOf(249))).to.equal(undefined)
      await sessions.close()
    }
  })

  it('lose all that has ended, few behind many that live and many behind few', async () => {
    const { raw, sweep, close } = openRawSqlite({ path: ':memory:', clock: () => now })
    const runs = [1300, 250, 30, 1, 1000, 1, 99, 500]
    const fates = runs.flatMap((length, n) => numbers(length).fill(n % 2 === 0 ? now + 1 : now))
    const hashOf = (n: number) => {
      const hash = Buffer.alloc(32, 7)
      hash.writeUInt32BE(n)
      return hash
    }
    for (const [n, expiresAt] of fates.entries()) {
      const { session } = loginOf(n, { expiresAt })
      const ring = { sealed: 'ring', replaces: undefined }
      await raw.save({ tokenHash: hashOf(n), session, ring, epoch: 0, maxSessions: 10 })
    }
    await sweep()
    for (const [n, expiresAt] of fates.entries())
      expect((await raw.find(hashOf(n)))?.expiresAt, String(n)).to.equal(
        expiresAt > now ? expiresAt : undefined,
      )
    await close()
  })
})
