// biome-ignore-all lint/suspicious/noConsole: a bench reports to the terminal

/**
 * How long clients wait for GET /v1/auth while the service sweeps a million expired sessions away, and before and after.
 *
 *   npm run build && node bench/sweep.mjs [how many sessions] [one in how many lives] [requests a second]
 *
 * Requests come at their rate whether or not earlier ones are answered, and each counts from when it was due. Medians
 * of windows of 5 seconds are shown, so that a moment of other work on the machine counts in one of them. A service
 * that is a minute old sweeps first, and then every minute.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openConnection } from '../dist/adapters/sqlite/driver.js'
import { placeOf } from '../dist/adapters/sqlite/packing.js'
import { hashOf, makeStore, serve } from './stores.mjs'

const [total = 1_100_000, stride = 11, rate = 200] = process.argv.slice(2).map(Number)
const WINDOW = 5000
const BEFORE = 9
const AFTER = 9
const HOUR = 3_600_000
const now = Date.now()
const folder = mkdtempSync(join(tmpdir(), 'r3session-bench-'))
const path = join(folder, 'sessions.db')

/** Milliseconds each request of a window waited, sorted. */
async function window(service) {
  const waited = []
  const began = performance.now()
  for (let n = 0; n < (WINDOW / 1000) * rate; n++) {
    const due = began + (n * 1000) / rate
    await pause(Math.max(0, due - performance.now()))
    const session = Math.floor((Math.random() * total) / stride) * stride
    waited.push(
      service.verify(session).then((status) => {
        if (status !== 200) throw new Error(`${status} for session ${session}, which lives`)
        return performance.now() - due
      }),
    )
  }
  const times = await Promise.all(waited)
  return times.sort((a, b) => a - b)
}

const at = (times, share) => times[Math.min(times.length - 1, Math.floor(times.length * share))]
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const rounded = (value) => Math.round(value * 100) / 100
const summary = (windows) => ({
  'p50, ms': rounded(median(windows.map((times) => at(times, 0.5)))),
  'p99, ms': rounded(median(windows.map((times) => at(times, 0.99)))),
  windows: windows.length,
})

try {
  console.log(`Building a file of ${total} sessions, of which one in ${stride} lives ...`)
  const seenOf = (n) => (n % stride === 0 ? now + HOUR : now - HOUR)
  const endsOf = (n) => (n % stride === 0 ? now + 24 * HOUR : now - 1000)
  await makeStore(path, { total, seenOf, endsOf, inOrder: false })
  console.log(`${Math.round(statSync(path).size / 2 ** 20)} MB`)
  const look = openConnection(path, { readonly: true })
  const expired = look.prepare('SELECT count(*) FROM sessions WHERE expires_at <= ?').pluck()
  const version = look.prepare('SELECT data_version FROM pragma_data_version').pluck()
  // Users are swept last, in their order.
  const lastUser = look.prepare(
    'SELECT max(openid) FROM users WHERE openid NOT IN (SELECT openid FROM sessions WHERE expires_at > ?)',
  )
  const [latest] = lastUser.raw().get(now)
  const isThere = look.prepare('SELECT 1 FROM users WHERE app = 1 AND openid = ?')

  const service = await serve(path, 18_009)
  const began = performance.now()
  const windows = { before: [], during: [], after: [] }
  await window(service)
  const quiet = version.get()
  while (windows.before.length < BEFORE && version.get() === quiet) windows.before.push(await window(service))
  while (version.get() === quiet) await pause(10)
  const cpuBefore = service.cpu()
  const swept = performance.now()
  while (isThere.get(latest)) windows.during.push(await window(service))
  const seconds = Math.round((performance.now() - swept) / 1000)
  const cpu = (service.cpu() - cpuBefore) / 1e6
  for (let n = 0; n < AFTER; n++) windows.after.push(await window(service))
  console.log(`Swept in ${seconds} s, with ${cpu.toFixed(1)} s of CPU, requests included.`)
  console.table(Object.fromEntries(Object.entries(windows).map(([name, each]) => [name, summary(each)])))
  console.log({
    megabytes: Math.round(service.megabytes()),
    seconds: Math.round((performance.now() - began) / 1000),
  })
  await service.stop()

  const find = look.prepare('SELECT 1 FROM sessions WHERE hash_head = ? AND hash_tail = ?')
  let liveLost = 0
  for (let n = 0; n < total; n += stride) {
    const { head, tail } = placeOf(hashOf(n))
    if (find.get(head, tail) === undefined) liveLost++
  }
  const users = look.prepare('SELECT count(*) FROM users').pluck().get()
  console.log({ expiredLeft: expired.get(now), liveLost, live: Math.ceil(total / stride), users })
  look.close()
} finally {
  rmSync(folder, { recursive: true })
}
