/** One run of one contestant: requests and CPU time, and whether something else was running meanwhile. */
import { fileURLToPath } from 'node:url'
import { cores, cpuOf, cpuOfEnded } from './proc.mjs'
import { LOAD_CORE, run, SERVER_CORE } from './servers.mjs'

export const IN_FLIGHT = 16
/** The share of a core's time that others may take before a run counts as disturbed. */
const LIMIT = 0.05

/** So large a young generation is hardly ever collected, and the pacer stands still for that. */
const PACER_FLAGS = ['--min-semi-space-size=64', '--max-semi-space-size=64']

const script = fileURLToPath(new URL('wrk.lua', import.meta.url))
const pacer = fileURLToPath(new URL('pace.mjs', import.meta.url))

/** A run counts as disturbed as well when the machine itself was so much slower than at its best. */
const SLOWER = 1.25
let best = Number.POSITIVE_INFINITY

/** Milliseconds for always the same work: a virtual machine is slowed down by its neighbours without being told. */
function pulse() {
  let shortest = Number.POSITIVE_INFINITY
  for (let n = 0; n < 5; n++) {
    const began = performance.now()
    let state = 1
    for (let i = 0; i < 500_000; i++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) ^ (state >>> 7)
    if (state === 0) throw new Error('never')
    shortest = Math.min(shortest, performance.now() - began)
  }
  best = Math.min(best, shortest)
  return shortest
}

/**
 * Watches both cores while `work` runs. `field` is everything of ours that may run: servers on the server's core,
 * helpers on the load's.
 */
async function watched(field, work) {
  const read = () => ({
    at: performance.now(),
    cores: cores(),
    servers: field.servers().reduce((sum, server) => sum + server.cpu(), 0),
    helpers: field.helpers().reduce((sum, helper) => sum + helper.cpu(), cpuOf(process.pid) + cpuOfEnded()),
  })
  const pulseBefore = pulse()
  const before = read()
  const result = await work()
  const after = read()
  const slower = Math.round((Math.max(pulseBefore, pulse()) / best) * 100) / 100
  const wall = (after.at - before.at) / 1000
  const since = (of) => of(after) - of(before)
  const others = (core, own) => {
    const busy = since(({ cores }) => cores[core].busy)
    const stolen = since(({ cores }) => cores[core].steal)
    return Math.round(((Math.max(0, busy - own) + stolen) / wall) * 1000) / 1000
  }
  const foreign = [
    others(
      SERVER_CORE,
      since(({ servers }) => servers),
    ),
    others(
      LOAD_CORE,
      since(({ helpers }) => helpers),
    ),
  ]
  return { ...result, foreign, slower, disturbed: slower > SLOWER || foreign.some((share) => share > LIMIT) }
}

/** As many requests as the server answers, 16 at a time, from wrk: how many a second, and what each cost it. */
export const measureRate = (server, requests, seconds, field) =>
  watched(field, async () => {
    const before = server.cpu()
    const printed = await run(
      'taskset',
      ['-c', String(LOAD_CORE), 'wrk', '-t1', `-c${IN_FLIGHT}`, `-d${seconds}s`, '--timeout', '10s'].concat([
        '-s',
        script,
        `http://127.0.0.1:${server.port}/`,
      ]),
      { env: { ...process.env, BENCH_REQUESTS: requests } },
      (text, wrk) => text.includes('ENDED') && wrk.kill('SIGINT'),
    )
    const cpu = server.cpu() - before
    const line = /^BENCH (\d+) (\d+) (\d+) (\d+)/m.exec(printed)
    if (line === null) throw new Error(`wrk printed ${printed}`)
    const [count, micros, broken, refused] = line.slice(1).map(Number)
    if (refused > 0) throw new Error(`${refused} of ${count} answers were no 2xx`)
    if (broken > 0) throw new Error(`${broken} of ${count} connections broke`)
    const took = Number(/^ENDED ([\d.]+)$/m.exec(printed)?.[1] ?? micros / 1e6)
    return { count, rate: count / took, cpu: cpu / count }
  })

/** The same of a loop that is no server: it counts itself. */
export const measureLoop = (loop, seconds, field) =>
  watched(field, async () => {
    const before = loop.cpu()
    const { count, seconds: took } = await loop.ask({ seconds, inFlight: IN_FLIGHT })
    return { count, rate: count / took, cpu: (loop.cpu() - before) / count }
  })

/** How long answers take at a fixed rate: milliseconds. `saturated` where the server did not keep up. */
export const measureTimes = (server, requests, { rate, seconds, polite }, field) =>
  watched(field, async () => {
    const args = [
      '-c',
      String(LOAD_CORE),
      process.execPath,
      ...PACER_FLAGS,
      pacer,
      server.port,
      rate,
      seconds,
      requests,
    ]
    if (polite) args.push('polite')
    const { p50, p99, lag, failed, reached } = JSON.parse(await run('taskset', args.map(String)))
    if (failed > 0) throw new Error(`${failed} answers were no 2xx`)
    return { p50, p99, lag, saturated: reached < rate * 0.95 }
  })
