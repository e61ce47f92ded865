// biome-ignore-all lint/suspicious/noConsole: a bench reports to the terminal

/**
 * How long the event loop stands still, and how long logins take, while a million expired sessions are swept away.
 *
 *   npm run build && node bench/sweep.mjs [how many sessions] [one in how many lives]
 *
 * On a busy machine every process waits now and then: what an idle one beside this saw stands below.
 */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { createAesSealer } from '../dist/adapters/crypto/sealer.js'
import { openSqlite } from '../dist/adapters/sqlite/open.js'
import { createRepositories } from '../dist/adapters/store/repositories.js'

const [total = 1_100_000, stride = 11] = process.argv.slice(2).map(Number)
const live = Math.ceil(total / stride)
const now = Date.now()
const folder = mkdtempSync(join(tmpdir(), 'r3session-bench-'))
const path = join(folder, 'sessions.db')
const sealer = createAesSealer(['only a bench'], randomBytes)
const open = () => {
  const { raw, sweep, close } = openSqlite({
    path,
    clock: () => now,
    pause,
    elapsed: () => performance.now(),
    prepare() {},
  })
  return { ...createRepositories(raw, sealer).sessions, sweep, close }
}

const digest = (algorithm, value) => createHash(algorithm).update(String(value)).digest()
const tokenOf = (n) => digest('sha512', n).toString('hex')
const loginOf = (n) => ({
  token: tokenOf(n),
  session: {
    appid: 'wx4f4bc4dec97d474b',
    openid: `oGZUI0${digest('md5', n).toString('base64url')}`,
    id: digest('md5', n).toString('hex'),
    createdAt: now,
    lastSeenAt: now,
    expiresAt: now + (n % stride === 0 ? 86_400_000 : -1000),
  },
  sessionKey: 'tiihtNczf5v6AKRyjwEUhQ==',
  epoch: 0,
  maxSessions: 10,
})

/** By way of the port this would take minutes; here the rows come in the order they lie in. */
async function build() {
  const sessions = open()
  await sessions.save(loginOf(0))
  await sessions.close()
  const db = openConnection(path)
  db.pragma('synchronous = OFF')
  db.function('hash', (n) => digest('sha256', tokenOf(n)))
  db.function('openid', (n) => loginOf(n).session.openid)
  db.function('ends', (n) => loginOf(n).session.expiresAt)
  db.exec(`
    CREATE TEMP TABLE made AS
      WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < ${total - 1})
      SELECT hash(n) AS hash, openid(n) AS openid, ends(n) AS ends FROM numbers;
    INSERT INTO sessions
      SELECT made.hash, appid, made.openid, id, 'ocMvos6NjeKLIBqg5Mr9QjxrP1FA', created_at, last_seen_at, ends
      FROM made, (SELECT * FROM sessions LIMIT 1) ORDER BY made.hash;
    INSERT INTO users (appid, openid, sealed_keys)
      SELECT appid, made.openid, sealed_keys FROM made, (SELECT * FROM users LIMIT 1) ORDER BY made.openid;`)
  db.close()
  const file = openSync(path)
  fsyncSync(file)
  closeSync(file)
}

let newUsers = live

/** Looks sessions up and logs users in, a few hundred a second, until `work` is done, and prints how that went. */
async function beside(title, sessions, work) {
  const idle = spawn(process.execPath, ['-e', idleProcess], { stdio: ['pipe', 'pipe', 'inherit'] })
  const loop = monitorEventLoopDelay({ resolution: 1 })
  const [lookups, logins] = [[], []]
  let done = false
  loop.enable()
  const sweep = timed(work).finally(() => {
    done = true
  })
  for (let round = 0; !done; round++) {
    await pause(1)
    lookups.push(await timed(() => sessions.find(tokenOf(round % total))))
    if (round % 5 === 0) logins.push(timed(() => sessions.save(loginOf(newUsers++ * stride))))
  }
  loop.disable()
  idle.stdin.end()
  const [idleLoop] = await once(idle.stdout, 'data')
  console.log(`\n${title}: ${((await sweep) / 1000).toFixed(1)} s; in milliseconds:`)
  console.table({
    'event loop pauses': quantiles(loop),
    'in an idle process': JSON.parse(idleLoop),
    lookups: sorted(lookups),
    logins: sorted(await Promise.all(logins)),
  })
}

const quantiles = (loop) => ({
  longest: Math.round(loop.max / 1e5) / 10,
  '99.9 %': Math.round(loop.percentile(99.9) / 1e5) / 10,
  median: Math.round(loop.percentile(50) / 1e5) / 10,
  count: loop.count,
})
const idleProcess = `
  const loop = require('node:perf_hooks').monitorEventLoopDelay({ resolution: 1 })
  const quantiles = ${quantiles}
  loop.enable()
  process.stdin.on('end', () => console.log(JSON.stringify(quantiles(loop)))).resume()`

function sorted(times) {
  times.sort((a, b) => a - b)
  const at = (share) => Math.round((times[Math.floor(times.length * share)] ?? times.at(-1)) * 100) / 100
  return { longest: at(1), '99.9 %': at(0.999), median: at(0.5), count: times.length }
}

async function timed(work) {
  const began = performance.now()
  await work()
  return performance.now() - began
}

try {
  console.log(`Building a file of ${total - live} expired and ${live} live sessions ...`)
  await build()
  console.log(`${Math.round(statSync(path).size / 2 ** 20)} MB`)
  const sessions = open()
  await sessions.ready()
  await beside('Without a sweep', sessions, () => pause(5000))
  await beside('The sweep', sessions, () => sessions.sweep())
  await beside('A sweep that finds nothing', sessions, () => sessions.sweep())
  await sessions.close()

  const db = openConnection(path, { readonly: true })
  const left = db.prepare('SELECT count(*) FROM sessions WHERE expires_at <= ?').pluck().get(now)
  const find = db.prepare('SELECT 1 FROM sessions WHERE token_hash = ?')
  const users = db.prepare('SELECT count(*) FROM users').pluck().get()
  const lost = Array.from({ length: newUsers }, (_, n) => tokenOf(n * stride)).filter(
    (token) => find.get(digest('sha256', token)) === undefined,
  )
  console.log({ expiredLeft: left, liveLost: lost.length, live: newUsers, users })
  db.close()
} finally {
  rmSync(folder, { recursive: true })
}
