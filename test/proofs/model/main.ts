/**
 * The model test of the stores, for as many commands as one likes. Status 0 when all stores agreed over all of them.
 *
 *     npm run prove:model -- [--commands=1000000] [--seed=n] [--path=that of a failure]
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { closeServers } from '../../contract/stores.js'
import { skipWithoutRedis } from '../../support/redis/servers.js'
import { playInStep } from './in-step.js'

const { values } = parseArgs({
  options: { commands: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' } },
})
const commands = Number(values.commands ?? 1_000_000)
const seed = Number(values.seed ?? randomInt(2 ** 31))
const say = (text: string) => process.stdout.write(`${text}\n`)

say(`seed ${seed}, ${commands} commands, Node ${process.version}`)
const began = performance.now()
const seconds = () => Math.round((performance.now() - began) / 1000)
let withRedis = true
skipWithoutRedis({
  skip() {
    withRedis = false
  },
})
const played = await playInStep({
  seed,
  commands,
  withRedis,
  path: values.path,
  tell: (soFar) => say(`${soFar} commands after ${seconds()} s`),
}).finally(closeServers)
say(`every store did over ${played} commands what the fake does, in ${seconds()} s`)
