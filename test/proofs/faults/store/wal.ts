/** The WAL without its database, and the database without its WAL. */
import { copyFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import type { Playable } from '../fault.js'
import { backUp, betweenStarts } from './files.js'

export const walFaults: readonly Playable[] = [
  {
    group: 'store',
    name: 'WAL left over',
    made: 'a backup put in place beside the WAL of its successor, after kill -9',
    expected: {
      start: '1 cannot open the store',
      files: 'untouched',
      lost: 0,
      recovered: 'with a start',
    },
    async play(stage) {
      const house = await stage.house()
      const mend = backUp(house)
      const then = house.ledger.snapshot()
      // What comes after it moves pages about, so that the two no longer fit.
      for (let n = 0; n < 200; n++) await house.login()
      const db = openConnection(house.store)
      db.pragma('wal_checkpoint(TRUNCATE)')
      db.close()
      for (let n = 0; n < 50; n++) await house.login()
      house.ledger.restore(then)
      return betweenStarts(house, {
        signal: 'SIGKILL',
        change: () => copyFileSync(`${house.store}.copy`, house.store),
        mend,
      })
    },
  },
  {
    group: 'store',
    name: 'WAL gone',
    made: 'the WAL with the latest logins deleted after kill -9',
    expected: {
      start: '1 cannot open the store',
      files: 'untouched',
      lost: 0,
      recovered: 'with a start',
    },
    async play(stage) {
      const house = await stage.house()
      const wal = `${house.store}-wal`
      return betweenStarts(house, {
        signal: 'SIGKILL',
        change: () => renameSync(wal, `${wal}.aside`),
        mend: () => {
          rmSync(`${house.store}-shm`, { force: true })
          renameSync(`${wal}.aside`, wal)
        },
      })
    },
  },
  {
    group: 'store',
    name: 'WAL gone under way',
    made: 'the WAL deleted while it runs',
    expected: {
      asked: '503 storage_unavailable',
      sessions: '503 storage_unavailable',
      ready: '503 storage_unavailable',
      lost: 0,
      recovered: 'with a start',
    },
    async play(stage) {
      const house = await stage.house()
      const mend = backUp(house)
      rmSync(`${house.store}-wal`)
      const asked = await house.login()
      const sessions = new Set<string>()
      for (const token of house.ledger.live()) sessions.add(await house.verify(token))
      const ready = await house.ready()
      await house.end()
      // What it had in the WAL it has written into the database, or a backup is needed.
      if (statSync(house.store).size === 0) mend()
      const start = await house.start()
      if (start !== 'listening') return { asked, sessions: [...sessions], ready, recovered: start }
      const lost = await house.lost()
      const recovered = (await house.recovery()) === 'no' ? 'no' : 'with a start'
      return { asked, sessions: [...sessions], ready, lost, recovered }
    },
  },
]
