import { expect } from 'chai'
import { share } from '../share.js'
import { killAgainAndAgain } from './cycles.js'

/** Two databases at once, since most of a cycle is waiting for a process to start. */
const LANES = 2
const CYCLES = Math.ceil(100 * share)

describe('kill -9', () => {
  it(`undoes nothing that was confirmed, ${LANES * CYCLES} times in the middle of commits`, async () => {
    const lanes = Array.from({ length: LANES }, () =>
      killAgainAndAgain({ cycles: CYCLES, serviceEach: 10, random: Math.random }),
    )
    for (const { cycles, logins, logouts, verified, refused, wrong } of await Promise.all(lanes)) {
      expect(wrong).to.deep.equal([])
      expect(cycles).to.equal(CYCLES)
      expect(Math.min(logins, logouts), 'confirmed').to.be.above(CYCLES / 2)
      expect(refused, 'refused').to.equal(0)
      expect(verified).to.be.above(logins)
    }
  }).timeout(300_000)
})
