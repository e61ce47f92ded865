/** Rounds over all who can do an operation, A B C A B C, so that whatever else the machine does meets all of them. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { measureLoop, measureRate, measureTimes } from './measure.mjs'
import { writeRequests } from './requests.mjs'
import { canDo, checkAnswers, countUsed, logInUsers, requestsOf } from './sessions.mjs'

const REPEATS = 2
/** Seconds for asking all of them. */
const COLD_AT_MOST = 15
const SETTLING = 100
/** Milliseconds between two looks for uses that are written a little later, and looks: a disk may be busy for seconds. */
const WRITING = 500
const LOOKS = 8
/** Milliseconds, after which a use is recorded again; and how often all were used before a cold run counts. */
const MINUTE = 61_000
const COLD_WARMINGS = 2
/** Seconds: V8 goes on improving what it has compiled for some 10,000 requests. */
const WARMING = 5
/** Seconds before each run: a process that has rested has let go of memory, and of the processor's caches. */
const LEAD = 2

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/**
 * The results of all who can do it, by name: `{rate, cpu, runs, times}` or `{error}`. `options` has `rounds`, `seconds`,
 * `cold` (how many sessions), `folder`, `patience` (seconds left for repeating what was disturbed) and `say`.
 */
export async function runOperation(operation, field, options) {
  const { rounds, say } = options
  const results = {}
  const taking = field.entries.filter(({ contestant }) =>
    contestant.loop === undefined ? canDo(contestant, operation) : operation.kind === 'login',
  )
  const able = []
  for (const entry of taking) {
    if (isCold(operation, entry) && !entry.contestant.tellsUses) continue
    const result = await tried(entry, say, () => prepare(operation, entry, field, options))
    if (result.error !== undefined) results[entry.name] = result
    else able.push(entry)
  }

  if (operation.kind === 'cold') {
    for (let n = 0; n < COLD_WARMINGS; n++) {
      for (const entry of able) await tried(entry, say, () => oneRate(operation, entry, field, options))
    }
  }
  const runs = new Map(able.map((entry) => [entry, []]))
  await eachRound(rounds, runs, results, say, async (entry) => {
    const run = await repeated(options, () => oneRate(operation, entry, field, options))
    say(
      `  ${entry.name.padEnd(16)} ${run.rate.toFixed(0).padStart(6)}/s ${(run.cpu * 1e6).toFixed(1).padStart(7)} us` +
        `${run.disturbed ? `   disturbed ${run.foreign.join(' ')}, ${run.slower} times slower` : ''}`,
    )
    return run
  })
  for (const [entry, list] of runs) results[entry.name] = summary(list)

  const half = results[operation.half]?.rate
  if (half === undefined) return results
  const pace = Math.floor(half / 2)
  // A loop has no rate but its own, and the emptiest of all needs no second figure.
  const timed = [...runs.keys()].filter(({ contestant, name }) => !contestant.loop && name !== 'bare-http')
  const times = new Map(timed.map((entry) => [entry, []]))
  await eachRound(
    operation.kind === 'cold' ? 1 : Math.max(1, rounds - 1),
    times,
    results,
    say,
    async (entry) => {
      if (results[entry.name].rate < pace * 1.05) return { saturated: true }
      const run = await repeated(options, () => oneTime(operation, entry, field, { ...options, pace }))
      say(`  ${entry.name.padEnd(16)} at ${pace}/s: p50 ${run.p50} ms, p99 ${run.p99} ms`)
      return run
    },
  )
  for (const [entry, list] of times) results[entry.name].times = timesSummary(list, pace)
  return results
}

/** Whoever fails in a round is out of the rest of them, and of the results. */
async function eachRound(rounds, lists, results, say, work) {
  for (let round = 1; round <= rounds; round++) {
    say(`  round ${round} of ${rounds}`)
    for (const [entry, list] of [...lists]) {
      const result = await tried(entry, say, async () => list.push(await work(entry)))
      if (result?.error === undefined) continue
      results[entry.name] = result
      lists.delete(entry)
    }
  }
}

async function tried(entry, say, work) {
  try {
    return (await work()) ?? {}
  } catch (error) {
    say(`  ${entry.name} is left out: ${error.message}`)
    return { error: error.message.split('\n')[0].slice(0, 300) }
  }
}

/** Whether it answers rightly; and the load under which V8 compiles. */
async function prepare(operation, entry, field, options) {
  const { contestant, server } = entry
  if (contestant.loop === undefined) {
    entry.asked = operation.kind === 'cold' ? await logInUsers(contestant, server, options.cold) : entry.users
    entry.usedAt = performance.now()
    await checkAnswers(operation, contestant, server, entry.users)
  }
  await warm(WARMING, operation, entry, field, options)
}

/** Nothing is cold to who knows no sessions. */
const isCold = ({ kind }, { contestant }) => kind === 'cold' && !contestant.protocol.isBare

const fileOf = ({ name }, { folder }) => join(folder, `${name}.requests`)

function writeFor(operation, entry, options, kind, users) {
  writeRequests(
    fileOf(entry, options),
    operation.kind === 'login' ? 'counted' : kind,
    requestsOf(operation, entry.contestant, users),
  )
}

/** Seconds at work, with those who log in or are logged in. */
async function warm(seconds, operation, entry, field, options) {
  if (entry.contestant.loop !== undefined) return void (await measureLoop(entry.server, seconds, field))
  writeFor(operation, entry, options, 'list', entry.users)
  await measureRate(entry.server, fileOf(entry, options), seconds, field)
}

/** Up to the run: when a minute has passed, where that matters, and with codes that nobody has used. */
async function lead(operation, entry, field, options) {
  const once = isCold(operation, entry)
  if (once) await pause(Math.max(0, entry.usedAt + MINUTE - performance.now()))
  await warm(LEAD, operation, entry, field, options)
  if (entry.contestant.loop === undefined)
    writeFor(operation, entry, options, once ? 'once' : 'list', entry.asked)
}

/** With what it cost Redis, where it has one. */
async function oneRate(operation, entry, field, options) {
  await lead(operation, entry, field, options)
  const before = entry.redis?.cpu()
  const run = await oneRateOf(operation, entry, field, options)
  return before === undefined ? run : { ...run, redis: (entry.redis.cpu() - before) / run.count }
}

async function oneRateOf(operation, entry, field, options) {
  if (entry.contestant.loop !== undefined) return measureLoop(entry.server, options.seconds, field)
  const file = fileOf(entry, options)
  return isCold(operation, entry)
    ? keptUses(entry, () => measureRate(entry.server, file, COLD_AT_MOST, field))
    : measureRate(entry.server, file, options.seconds, field)
}

async function oneTime(operation, entry, field, options) {
  const { seconds, pace } = options
  await lead(operation, entry, field, options)
  const pacing = { rate: pace, seconds, polite: operation.kind === 'login' }
  const measure = () => measureTimes(entry.server, fileOf(entry, options), pacing, field)
  return isCold(operation, entry) ? keptUses(entry, measure) : measure()
}

/** What is measured, once the store tells that the uses were kept, so that a session in use never ends. */
async function keptUses(entry, measure) {
  const result = await measure()
  entry.usedAt = performance.now()
  const asked = Math.min(result.count ?? 0, entry.asked.length)
  let used = 0
  for (let n = 0; n < LOOKS; n++) {
    await pause(WRITING)
    used = await countUsed(entry.store)
    if (used >= asked * 0.95) return result
  }
  throw new Error(`${asked} sessions were used, and ${used} of them kept it`)
}

/** Again, at most twice and while there is patience, when something else ran; the quietest of the runs. */
async function repeated(options, work) {
  // For what the last one still has to write.
  await pause(SETTLING)
  let best = await work()
  for (let n = 0; n < REPEATS && best.disturbed && options.patience > 0; n++) {
    const began = performance.now()
    const again = await work()
    options.patience -= (performance.now() - began) / 1000
    if (unrest(again) < unrest(best)) best = again
  }
  return best
}

/** The larger of the others' share of a core and the machine's slowness. */
const unrest = ({ foreign, slower }) => Math.max(...foreign, (slower - 1) / 5)

/** Medians of the runs that nothing disturbed; of all, marked, where there is none. */
function summary(runs) {
  const quiet = runs.filter(({ disturbed }) => !disturbed)
  const counted = quiet.length > 0 ? quiet : runs
  return {
    rate: median(counted.map(({ rate }) => rate)),
    cpu: median(counted.map(({ cpu }) => cpu)),
    ...(counted[0]?.redis !== undefined && { redis: median(counted.map(({ redis }) => redis)) }),
    ...(quiet.length === 0 && { disturbed: true }),
    runs,
  }
}

function timesSummary(runs, pace) {
  if (runs.some(({ saturated }) => saturated)) return { pace, saturated: true }
  const quiet = runs.filter(({ disturbed }) => !disturbed)
  const counted = quiet.length > 0 ? quiet : runs
  return {
    pace,
    p50: median(counted.map(({ p50 }) => p50)),
    p99: median(counted.map(({ p99 }) => p99)),
    lag: median(counted.map(({ lag }) => lag)),
    ...(quiet.length === 0 && { disturbed: true }),
  }
}
