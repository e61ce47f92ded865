import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { skipWithoutRedis } from '../../support/redis/servers.js'
import { share } from '../share.js'
import { playInStep } from './in-step.js'

const COMMANDS = 10_000 * share
/** A command takes Redis some ten times as long. */
const ON_REDIS = 1_500 * share
const seed = randomInt(2 ** 31)

describe('every store', () => {
  it(`does over ${COMMANDS} commands what the fake does, in step with it (seed ${seed})`, async () => {
    expect(await playInStep({ seed, commands: COMMANDS, withRedis: false })).to.be.at.least(COMMANDS)
  }).timeout(300_000)

  it(`does so over ${ON_REDIS} commands with Redis and a cluster of it among them (seed ${seed})`, async function () {
    skipWithoutRedis(this)
    expect(await playInStep({ seed, commands: ON_REDIS, withRedis: true })).to.be.at.least(ON_REDIS)
  }).timeout(300_000)
})
