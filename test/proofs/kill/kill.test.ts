import { expect } from 'chai'
import { skipWithoutRedis } from '../../support/redis/servers.js'
import { share } from '../share.js'
import { killAgainAndAgain } from './cycles.js'
import { createRedisVictims } from './redis-victims.js'
import { createSqliteVictims } from './victims.js'

/** Two databases at once, since most of a cycle is waiting for a process to start. */
const LANES = 2
const CYCLES = Math.ceil(100 * share)
const KILLS_OF_REDIS = 5

describe('kill -9', () => {
  it(`undoes nothing that was confirmed, ${LANES * CYCLES} times in the middle of commits`, async () => {
    const lanes = Array.from({ length: LANES }, async () =>
      killAgainAndAgain({ cycles: CYCLES, victims: await createSqliteVictims(10), random: Math.random }),
    )
    for (const { cycles, logins, logouts, verified, refused, wrong } of await Promise.all(lanes)) {
      expect(wrong).to.deep.equal([])
      expect(cycles).to.equal(CYCLES)
      expect(Math.min(logins, logouts), 'confirmed').to.be.above(CYCLES / 2)
      expect(refused, 'refused').to.equal(0)
      expect(verified).to.be.above(logins)
    }
  }).timeout(300_000)

  it(`of a Redis that writes each change down undoes nothing that was confirmed, ${KILLS_OF_REDIS} times`, async function () {
    skipWithoutRedis(this)
    const victims = await createRedisVictims(Math.random)
    const report = await killAgainAndAgain({ cycles: KILLS_OF_REDIS, victims, random: Math.random })
    expect(report.wrong).to.deep.equal([])
    expect(report.cycles).to.equal(KILLS_OF_REDIS)
    expect(Math.min(report.logins, report.logouts), 'confirmed').to.be.above(KILLS_OF_REDIS / 2)
  }).timeout(120_000)
})
