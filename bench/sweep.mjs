/**
 * How long the event loop stands still, and how long logins wait, while a million expired sessions are swept away.
 *
 *   npm run build && node bench/sweep.mjs [expired] [live]
 *
 * Other programs make any process wait now and then; what an idle one beside it saw is printed for comparison.
 */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { createAesSealer } from '../dist/adapters/aes-sealer.js'
import { openSqliteSessions } from '../dist/adapters/sqlite-sessions.js'

const [expired = 1_000_000, live = 100_000] = process.argv.slice(2).map(Number)
const now = Date.now()
const folder = mkdtempSync(join(tmpdir(), 'r3session-bench-'))
const path = join(folder, 'sessions.db')
const sealer = createAesSealer(['only a bench'], randomBytes)
const open = () => openSqliteSessions({ path, sealer, clock: () => now })

const user = (n) => ({
  appid: 'wx4f4bc4dec97d474b',
  openid: `oGZUI0${digest('md5', n).toString('base64url')}`,
})
const token = (n) => digest('sha512', n).toString('hex')
/** Every so many-th session is a live one. */
const STRIDE = Math.ceil((expired + live) / live)
const KEY = 'tiihtNczf5v6AKRyjwEUhQ=='
const session = (n) => {
  const end = now + (n % STRIDE === 0 ? 86_400_000 : -1000)
  return { ...user(n), id: digest('md5', n).toString('hex'), createdAt: now, lastSeenAt: now, expiresAt: end }
}
function digest(algorithm, n) {
  return createHash(algorithm).update(String(n)).digest()
}

/** The port itself would wait for the disk a million times; rows come in by the order they lie in. */
async function build() {
  const sessions = open()
  await sessions.save({ token: token(0), session: session(0), sessionKey: KEY })
  await sessions.close()
  const db = new Database(path)
  db.pragma('synchronous = OFF')
  const sealed = db.prepare('SELECT sealed_keys FROM users').pluck().get()
  db.function('hash', (n) => createHash('sha256').update(token(n)).digest())
  db.function('openid', (n) => user(n).openid)
  db.function('ends', (n) => session(n).expiresAt)
  db.exec(`
    CREATE TEMP TABLE made AS
      WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < ${expired + live - 1})
      SELECT hash(n) AS hash, openid(n) AS openid, ends(n) AS ends FROM numbers;
    INSERT INTO sessions SELECT hash, '${user(0).appid}', openid, '${'0'.repeat(32)}',
      'ocMvos6NjeKLIBqg5Mr9QjxrP1FA', ${now}, ${now}, ends FROM made ORDER BY hash;
    INSERT INTO users SELECT '${user(0).appid}', openid, '${sealed}' FROM made ORDER BY openid;`)
  db.close()
}

/** Looks sessions up and logs users in until `stop`; gives what that was like. */
async function traffic(sessions, stop, from) {
  const loop = monitorEventLoopDelay({ resolution: 1 })
  const idle = spawn(process.execPath, ['-e', IDLE], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [lookups, logins] = [[], []]
  loop.enable()
  for (let round = 0; !stop.aborted; round++) {
    await pause(1)
    lookups.push(await timed(() => sessions.find(token(round % (expired + live)))))
    if (round % 5 > 0) continue
    const n = (from + round) * STRIDE
    logins.push(timed(() => sessions.save({ token: token(n), session: session(n), sessionKey: KEY })))
  }
  loop.disable()
  idle.stdin.end()
  const [besides] = await once(idle.stdout, 'data')
  return {
    'event loop': { longest: loop.max / 1e6, '99.9 %': loop.percentile(99.9) / 1e6, count: loop.count },
    'an idle process beside it': JSON.parse(besides),
    lookup: summary(lookups),
    login: summary(await Promise.all(logins)),
  }
}

const IDLE = `
  const loop = require('node:perf_hooks').monitorEventLoopDelay({ resolution: 1 })
  loop.enable()
  process.stdin.on('end', () => console.log(JSON.stringify(
    { longest: loop.max / 1e6, '99.9 %': loop.percentile(99.9) / 1e6, count: loop.count }))).resume()`

async function timed(work) {
  const began = performance.now()
  await work()
  return performance.now() - began
}

function summary(times) {
  times.sort((a, b) => a - b)
  const at = (share) => times[Math.floor(times.length * share)]
  return { longest: times.at(-1), '99.9 %': at(0.999), median: at(0.5), count: times.length }
}

async function during(sessions, from, work) {
  const stop = new AbortController()
  const result = traffic(sessions, stop.signal, from)
  const took = await timed(work)
  stop.abort()
  console.log(`${(took / 1000).toFixed(1)} s; milliseconds:`)
  console.table(await result)
}

try {
  console.log(`building ${expired} expired and ${live} live sessions ...`)
  await build()
  const sessions = open()
  await sessions.ready()
  console.log(`\n${statSync(path).size >> 20} MB. Traffic without a sweep:`)
  await during(sessions, expired, () => pause(5000))
  console.log('\nThe sweep:')
  await during(sessions, 2 * expired, () => sessions.sweep())
  console.log('\nA sweep that finds nothing:')
  await during(sessions, 3 * expired, () => sessions.sweep())
  await sessions.close()

  const db = new Database(path, { readonly: true })
  const count = (what) => db.prepare(`SELECT count(*) FROM ${what}`).pluck().get()
  const kept = Array.from({ length: live }, (_, n) => token(n * STRIDE))
  const find = db.prepare('SELECT 1 FROM sessions WHERE token_hash = ?')
  const lost = kept.filter((each) => !find.get(createHash('sha256').update(each).digest())).length
  console.log({
    expired: count(`sessions WHERE expires_at <= ${now}`),
    sessions: count('sessions'),
    users: count('users'),
    lost,
  })
  db.close()
} finally {
  rmSync(folder, { recursive: true })
}
