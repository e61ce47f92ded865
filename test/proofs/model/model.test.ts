import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { share } from '../share.js'
import { playInStep } from './in-step.js'

const COMMANDS = 10_000 * share
const seed = randomInt(2 ** 31)

describe('every store', () => {
  it(`does over ${COMMANDS} commands what the fake does, in step with it (seed ${seed})`, async () => {
    expect(await playInStep({ seed, commands: COMMANDS })).to.be.at.least(COMMANDS)
  }).timeout(300_000)
})
