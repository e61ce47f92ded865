/**
 * Forgeries made from genuine data of every kind that WeChat seals. Status 0 when none opened with a value of the
 * forger's own.
 *
 *     npm run prove:forge -- [--count=2000000] [--seed=n]
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { provenForgeries } from './forgeries.js'

const { values } = parseArgs({ options: { count: { type: 'string' }, seed: { type: 'string' } } })
const seed = Number(values.seed ?? randomInt(2 ** 31))
const count = Number(values.count ?? 2_000_000)
const say = (text: string) => process.stdout.write(`${text}\n`)
/** Each seed makes genuine data of its own. */
const A_SEED = 100_000

say(`seed ${seed}, ${count} forgeries, Node ${process.version}`)
const began = performance.now()
const begun: Record<string, number> = {}
let opened = 0
let bad = 0
for (let made = 0, turn = 0; made < count; made += A_SEED, turn++) {
  const result = provenForgeries(Math.min(A_SEED, count - made), seed + turn)
  opened += result.opened
  bad += result.forged.length + result.refused.length
  for (const { field } of result.begun) begun[field] = (begun[field] ?? 0) + 1
  for (const { how, field, value } of result.forged.slice(0, 5)) {
    say(`--seed=${seed + turn}: ${field} is ${JSON.stringify(value).slice(0, 100)}, by ${how}`)
  }
  for (const name of result.refused) say(`--seed=${seed + turn}: genuine data refused: ${name}`)
}
say(`${opened} of ${count} opened, in ${Math.round((performance.now() - began) / 1000)} s`)
const ids = Object.entries(begun).map(([field, times]) => `${field} ${times}`)
say(`with the first block of an id rewritten and the rest genuine: ${ids.join(', ') || 'none'}`)
say(bad === 0 ? 'none with another value of the forger' : `${bad} with a value of the forger`)
process.exitCode = bad === 0 ? 0 : 1
