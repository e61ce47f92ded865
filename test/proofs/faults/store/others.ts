/** A database that somebody else has, or has made. */
import { rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import type { Playable } from '../fault.js'
import { backUp, betweenStarts } from './files.js'

/** Milliseconds that a short lock is held; the service waits for up to a second. */
const SHORT = 250

const refused = {
  start: '1 cannot open the store',
  files: 'untouched',
  lost: 0,
  recovered: 'with a start',
}

/** Its place taken by a database that these statements make. */
const inItsPlace = (name: string, made: string, sql: string): Playable => ({
  group: 'store',
  name,
  made,
  expected: refused,
  async play(stage) {
    const house = await stage.house()
    const mend = backUp(house)
    function change(): void {
      rmSync(house.store)
      const db = openConnection(house.store)
      db.exec(sql)
      db.close()
    }
    return betweenStarts(house, { change, mend })
  },
})

export const otherFaults: readonly Playable[] = [
  inItsPlace(
    'foreign',
    "another application's database in its place",
    'CREATE TABLE notes (text); INSERT INTO notes VALUES (1)',
  ),
  {
    group: 'store',
    name: 'newer',
    made: 'the schema of a later version',
    expected: refused,
    async play(stage) {
      const house = await stage.house()
      const mend = backUp(house)
      function change(): void {
        const db = openConnection(house.store)
        db.pragma('user_version = 99')
        db.close()
      }
      return betweenStarts(house, { change, mend })
    },
  },
  {
    group: 'store',
    name: 'busy for a moment',
    made: `another process holds the write lock for ${SHORT} ms`,
    expected: { asked: '201', sessions: '200', lost: 0, recovered: 'by itself' },
    async play(stage) {
      const house = await stage.house()
      const db = openConnection(house.store)
      db.exec('BEGIN IMMEDIATE')
      const login = house.verifyDuring(house.login())
      await pause(SHORT)
      db.exec('COMMIT')
      db.close()
      const { result: asked, sessions } = await login
      return { asked, sessions, recovered: await house.recovery(), lost: await house.lost() }
    },
  },
  {
    group: 'store',
    name: 'busy for long',
    made: 'another process holds the write lock until the answer is there',
    expected: { asked: '503 storage_unavailable', sessions: '200', lost: 0, recovered: 'by itself' },
    async play(stage) {
      const house = await stage.house()
      const db = openConnection(house.store)
      db.exec('BEGIN IMMEDIATE')
      const { result: asked, sessions } = await house.verifyDuring(house.login())
      db.exec('COMMIT')
      db.close()
      return { asked, sessions, recovered: await house.recovery(), lost: await house.lost() }
    },
  },
]
