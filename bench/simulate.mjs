/**
 * A queueing simulation with the service times that were measured: first of what was measured as a whole, which it must
 * reproduce within 15 %, then of what was not. Writes the figures of docs/scaling.md.
 *
 *     node bench/simulate.mjs             shows the check; status 1 where it is further off
 *     node bench/simulate.mjs --write     into the pages
 *     node bench/simulate.mjs --check     status 1 also where the pages say something else
 *
 * Times of r3session are those of bench/results.json; what Redis takes is in bench/scaling.json, with its commands.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './contestants.mjs'
import { constantsOf, foreseen, LIMIT, reproduced, scalingPages } from './simulate/scaling.mjs'

const read = (name) => JSON.parse(readFileSync(join(root, `bench/${name}.json`), 'utf8'))
const constants = constantsOf(read('results'), read('scaling'))
const checks = reproduced(constants)
for (const { name, measured, simulated, off } of checks) {
  const figures = `${measured.toFixed(0)}/s measured, ${simulated.toFixed(0)}/s simulated`
  process.stdout.write(`${name.padEnd(12)} ${figures}, off by ${(off * 100).toFixed(1)} %\n`)
}
const { piped } = constants
const all = [...checks, { name: 'Redis', off: piped.simulated / piped.measured - 1 }]
const wrong = all.filter(({ off }) => !(Math.abs(off) <= LIMIT))
if (wrong.length > 0) {
  process.stderr.write(`it is not to be believed: ${wrong.map(({ name }) => name).join(', ')}\n`)
  process.exit(1)
}
if (process.argv[2] !== undefined) {
  const pages = Object.entries(scalingPages(constants, checks, foreseen(constants), root))
  if (process.argv[2] === '--write') for (const [path, text] of pages) writeFileSync(path, text)
  const stale = pages.filter(([path, text]) => readFileSync(path, 'utf8') !== text).map(([path]) => path)
  if (stale.length > 0) {
    process.stderr.write(`${stale.join(', ')}: run node bench/simulate.mjs --write\n`)
    process.exitCode = 1
  }
}
