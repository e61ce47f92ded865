// biome-ignore-all lint/suspicious/noConsole: a bench reports to the terminal

/**
 * What a session costs in stores of different size: bytes, CPU time to look it up, CPU time of the service to verify it
 * over HTTP, in use (seen within its minute) and at its first use in a minute, which is recorded. As many sessions are
 * in use in each, since the service answers those from memory; and each first use is of another session.
 *
 *   npm run build && node bench/growth.mjs [how many sessions ...]
 *
 * 10,000, a million and ten million unless others are named; the last takes some minutes and 4 GB in the folder for
 * temporary files. Stores take turns, and medians are shown: other work on the machine meets all of them.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashOf, makeStore, openStore, serve, sizesOf } from './stores.mjs'

const ROUNDS = 9
const FINDS = 10_000
const REQUESTS = 3000
const IN_USE = 1000
/** All rounds of them are fewer than the odd sessions of the smallest store. */
const FIRST_USES = 400
const HOUR = 3_600_000

const totals = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 1_000_000, 10_000_000]
const folder = mkdtempSync(join(tmpdir(), 'r3session-bench-'))
const stores = totals.map((total) => ({ total, path: join(folder, `${total}.db`), port: 0 }))
const now = Date.now()
/** The even ones were seen in the hour to come: verifying those records nothing. */
const seenOf = (n) => now + (n % 2 === 0 ? HOUR : -HOUR)
const endsOf = () => now + 24 * HOUR

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const random = (total) => Math.floor((Math.random() * total) / 2) * 2

/** The n-th of `of` even numbers, evenly spread below `total`. */
const spread = (n, of, total) => Math.floor(((n % of) / of) * (total / 2)) * 2

/** CPU time by turns: microseconds for one of `count`, the median of the rounds; `pick` says which session is next. */
async function measure(of, count, cpu, pick, work) {
  const times = of.map(() => [])
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [n, each] of of.entries()) {
      const inputs = Array.from({ length: count }, (_, i) => pick(each.total, round * count + i))
      const before = cpu(each)
      await work(each, inputs)
      // The first round is for warming up.
      if (round > 0) times[n].push((cpu(each) - before) / count)
    }
  }
  return times.map(median)
}

function report(title, times) {
  const rows = times.map((micros, n) => [
    totals[n],
    { 'µs of CPU': Math.round(micros * 10) / 10, ratio: Math.round((micros / times[0]) * 100) / 100 },
  ])
  console.log(`\n${title}`)
  console.table(Object.fromEntries(rows))
}

async function lookups() {
  const opened = stores.map(({ total, path }) => ({ total, store: openStore(path) }))
  const cpu = () => {
    const { user, system } = process.cpuUsage()
    return user + system
  }
  const hashes = new Map()
  for (const { total } of opened)
    hashes.set(
      total,
      Array.from({ length: FINDS * 10 }, () => hashOf(random(total))),
    )
  const times = await measure(opened, FINDS, cpu, random, async ({ total, store }, inputs) => {
    const known = hashes.get(total)
    for (const n of inputs)
      if ((await store.raw.find(known[n % known.length])) === undefined) throw new Error('a session is lost')
  })
  report('A lookup', times)
  for (const { store } of opened) await store.close()
}

async function verifications() {
  const served = []
  try {
    for (const [n, { total, path }] of stores.entries())
      served.push({ total, ...(await serve(path, 18_000 + n)) })
    const ask = async (service, inputs) => {
      for (const n of inputs) {
        const status = await service.verify(n)
        if (status !== 200) throw new Error(`${status} for session ${n} of ${service.total}`)
      }
    }
    const cpu = (service) => service.cpu()
    const inUse = (total, n) => spread(n, IN_USE, total)
    const uses = FIRST_USES * (ROUNDS + 1)
    // Far from one to the next, as they come.
    const unused = (total, n) => spread((n * 1597) % uses, uses, total) + 1
    report(`GET /v1/auth, ${IN_USE} sessions in use`, await measure(served, REQUESTS, cpu, inUse, ask))
    report('GET /v1/auth, first use in a minute', await measure(served, FIRST_USES, cpu, unused, ask))
    console.log('MB in memory:', ...served.map((service) => Math.round(service.megabytes())))
  } finally {
    for (const service of served) await service.stop()
  }
}

try {
  for (const { total, path } of stores) {
    const began = performance.now()
    await makeStore(path, { total, seenOf, endsOf })
    const seconds = Math.round((performance.now() - began) / 1000)
    console.log(`${total} sessions in ${seconds} s, ${(statSync(path).size / total).toFixed(1)} bytes each`)
    if (total <= 1_000_000) console.table(sizesOf(path, total))
  }
  await lookups()
  await verifications()
} finally {
  rmSync(folder, { recursive: true })
}
