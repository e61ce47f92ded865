import { expect } from 'chai'
import { share } from '../share.js'
import { fuzz } from './fuzz.js'

/** `npm run prove:fuzz` sends more of them. */
describe('odd and broken requests over raw connections', () => {
  it('are answered properly, crash nothing, stop nothing and leave nothing open', async function () {
    this.timeout(300_000)
    // Always the same ones here: what others find is for who looks for it, not for who changes something else.
    const seed = 20_261_126
    const { found, complaints, descriptors } = await fuzz({ seed, count: 20_000 * share, seconds: 40 })
    const replay = found.map(({ connection, problem }) => `--seed=${seed} --only=${connection}: ${problem}`)
    expect(replay).to.deep.equal([])
    expect(complaints, `seed ${seed}`).to.deep.equal([])
    expect(descriptors[1], `descriptors, seed ${seed}`).to.be.at.most(descriptors[0])
  })
})
