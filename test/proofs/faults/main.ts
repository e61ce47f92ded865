/**
 * Puts the service as it ships through every fault of the table, and prints what came of each. Status 0 when all was as
 * expected.
 *
 *     npm run prove:faults -- [words of a fault's name]
 */
import { type Result, textOf } from './fault.js'
import { tasks } from './table.js'
import { playAll } from './task.js'

const words = process.argv.slice(2).join(' ')
const began = performance.now()
const say = (text: string) => process.stdout.write(`${text}\n`)

function tell({ fault, seen, misses, missing }: Result): void {
  const what = Object.entries(seen ?? {}).map(([name, value]) => `${name} ${textOf(value)}`)
  const outcome = missing.length > 0 ? 'SKIPPED' : misses.length > 0 ? 'MISSED' : 'held'
  say(`${outcome.padEnd(7)} ${fault.group.padEnd(7)} ${fault.name}: ${fault.made}`)
  if (what.length > 0) say(`        ${what.join('; ')}`)
  if (missing.length > 0)
    say(`        ${missing.join(', ')} is missing: apt-get install ${missing.join(' ')}`)
  for (const miss of misses) say(`        ! ${miss}`)
}

const chosen = tasks.filter(({ faults }) =>
  faults.some(({ group, name }) => `${group} ${name}`.includes(words)),
)
const results = [...(await playAll(chosen, tell)).values()]
const count = (counts: (result: Result) => boolean) => results.filter(counts).length
const missed = count(({ misses }) => misses.length > 0)
const skipped = count(({ missing }) => missing.length > 0)
const seconds = Math.round((performance.now() - began) / 1000)
say(
  `Node ${process.version}: ${results.length - missed - skipped} of ${results.length} faults held, ${missed} missed, ${skipped} skipped, in ${seconds} s`,
)
process.exitCode = missed === 0 ? 0 : 1
