/**
 * The service at half load, and what it holds meanwhile. Status 0 when what lives on the heap grew by less than a tenth of
 * a megabyte a minute in the later half, no descriptor was left, and nothing failed.
 *
 *     npm run prove:soak -- [--minutes=30] [--rate=requests a second] [--seed=n]
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { growth, soak } from './soak.js'

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, rate: { type: 'string' }, seed: { type: 'string' } },
})
const minutes = Number(values.minutes ?? 30)
const seed = Number(values.seed ?? randomInt(2 ** 31))
const rate = values.rate === undefined ? undefined : Number(values.rate)
const say = (text: string) => process.stdout.write(`${text}\n`)
/** Megabytes a minute. */
const MOST_GROWTH = 0.1

say(`seed ${seed}, ${minutes} minutes, Node ${process.version}`)
const { samples, statuses, sent, perSecond, complaints, descriptors, status } = await soak({
  minutes,
  seed,
  rate,
  tell: say,
})
const slope = growth(samples)
const failed = Object.entries(statuses).filter(([each]) => each === '0' || Number(each) >= 500)
say(`${sent} requests at ${perSecond} a second; by status: ${JSON.stringify(statuses)}`)
say(`the heap in the later half: ${slope.toFixed(3)} MB a minute; descriptors ${descriptors.join(' -> ')}`)
for (const complaint of new Set(complaints)) say(complaint)
const isFine =
  slope < MOST_GROWTH &&
  descriptors[1] <= descriptors[0] &&
  failed.length + complaints.length === 0 &&
  status === 0
say(isFine ? 'flat' : 'not as it has to be')
process.exitCode = isFine ? 0 : 1
