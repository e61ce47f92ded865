/**
 * Odd and broken requests for every route, over raw connections. Status 0 when every answer was as it has to be.
 *
 *     npm run prove:fuzz -- [--count=10000000] [--seconds=n] [--seed=n]
 *     npm run prove:fuzz -- --seed=n --only=the number of a connection that found something
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.js'

const { values } = parseArgs({
  options: {
    count: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
  },
})
const seed = Number(values.seed ?? randomInt(2 ** 31))
const count = Number(values.count ?? 10_000_000)
const say = (text: string) => process.stdout.write(`${text}\n`)

say(`seed ${seed}, ${count} inputs, Node ${process.version}`)
const began = performance.now()
const number = (text?: string) => (text === undefined ? undefined : Number(text))
const only = number(values.only)
const result = await fuzz({ seed, count, seconds: number(values.seconds), only, tell: say })
const { found, complaints, descriptors, memory, ...counts } = result
const seconds = Math.round((performance.now() - began) / 1000)
say(`${counts.inputs} inputs over ${counts.connections} connections in ${seconds} s`)
say(`descriptors ${descriptors.join(' -> ')}, MB in memory ${memory.join(', ')}`)
for (const { connection, problem } of found.slice(0, 20))
  say(`--seed=${seed} --only=${connection}: ${problem}`)
for (const complaint of new Set(complaints.slice(0, 20))) say(complaint)
const isFine = found.length === 0 && complaints.length === 0 && descriptors[0] >= descriptors[1]
say(isFine ? 'nothing found' : `${found.length} found, ${complaints.length} complaints`)
process.exitCode = isFine ? 0 : 1
