/** Large stores, made in a fraction of the time that logins would take, and the service as it ships on one of them. */
import { spawn } from 'node:child_process'
import { hash, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { createAesSealer } from '../dist/adapters/crypto/sealer.js'
import { openConnection } from '../dist/adapters/sqlite/driver.js'
import { openSqlite } from '../dist/adapters/sqlite/open.js'
import { placeOf } from '../dist/adapters/sqlite/packing.js'
import { createRepositories } from '../dist/adapters/store/repositories.js'
import { cpuOf } from './runner/proc.mjs'

const SECRET = 'only a bench and long enough for a secret'
const sealer = createAesSealer([SECRET], randomBytes)
const digest = (algorithm, value) => hash(algorithm, value, 'buffer')

export const tokenOf = (n) => digest('sha512', String(n)).toString('hex')
export const hashOf = (n) => digest('sha256', tokenOf(n))

export function openStore(path, clock = Date.now) {
  const { raw, sweep, close } = openSqlite({
    path,
    clock,
    pause,
    elapsed: () => performance.now(),
    prepare() {},
  })
  return { raw, ...createRepositories(raw, sealer).sessions, sweep, close }
}

/** What the n-th login leaves: last seen at `at`, ended where `at` plus `life` is over. */
export const loginOf = (n, at, life) => ({
  token: tokenOf(n),
  session: {
    appid: 'wx4f4bc4dec97d474b',
    openid: `oGZUI0${digest('md5', String(n)).toString('base64url')}`,
    id: digest('md5', String(n)).toString('hex'),
    createdAt: at,
    lastSeenAt: at,
    expiresAt: at + life,
  },
  sessionKey: 'tiihtNczf5v6AKRyjwEUhQ==',
  epoch: 0,
  maxSessions: 10,
})

/**
 * Makes a store of `total` sessions, each of a user of its own. Slice by slice rows come in the order they lie in, so
 * that pages are filled as by logins in any order, but without reading each of them a hundred times.
 *
 * @param seenOf when the n-th session was used last
 * @param endsOf when it ends
 * @param inOrder whether users lie in the order of their sessions, which is much faster to make
 */
export async function makeStore(path, { total, seenOf, endsOf, inOrder = true }) {
  const store = openStore(path)
  await store.save(loginOf(0, seenOf(0), endsOf(0) - seenOf(0)))
  await store.close()
  const db = openConnection(path)
  db.pragma('synchronous = OFF')
  db.pragma('cache_size = -1000000')
  db.pragma('temp_store = MEMORY')
  db.function('hash_of', hashOf)
  db.function('head_of', (hash) => placeOf(hash).head)
  db.function('seen_of', (n) => seenOf(n))
  db.function('ends_of', (n) => endsOf(n))
  const openid = `'oGZUI0' || substr(hex(made.hash), ${inOrder ? 1 : 30}, 22)`
  const slice = Math.ceil(Math.min(total / 8, 1_000_000))
  for (let first = 1; first < total; first += slice) {
    db.exec(`
      CREATE TEMP TABLE made AS
        WITH RECURSIVE numbers (n) AS
          (VALUES (${first}) UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ${Math.min(first + slice, total)})
        SELECT hash_of(n) AS hash, n FROM numbers;
      INSERT INTO sessions
        SELECT head_of(made.hash), substr(made.hash, 7), app, ${openid}, substr(made.hash, 17),
          'ocMvos6NjeKLIBqg5Mr9QjxrP1FA', created_at, seen_of(n), ends_of(n)
        FROM made, (SELECT app, created_at FROM sessions LIMIT 1) ORDER BY made.hash;
      INSERT INTO users (app, openid, sealed_keys)
        SELECT app, ${openid}, sealed_keys FROM made, (SELECT app, sealed_keys FROM users LIMIT 1)
        ORDER BY ${inOrder ? 'made.hash' : 2};
      DROP TABLE made;`)
  }
  db.close()
  const file = openSync(path)
  fsyncSync(file)
  closeSync(file)
}

/** What each table and index takes, in bytes a session. */
export function sizesOf(path, total) {
  const db = openConnection(path, { readonly: true })
  const sizes = db.prepare(
    `SELECT name, sum(pgsize) / ? AS bytes, sum(payload) / ? AS payload, count(*) AS pages,
     sum(pagetype = 'internal') AS inner FROM dbstat GROUP BY name HAVING pages > 1`,
  )
  const rows = sizes.all(Number(total), Number(total))
  db.close()
  return Object.fromEntries(rows.map(({ name, ...row }) => [name, row]))
}

/** The service as it ships on a store: what CPU time it took so far, and how to ask it who is calling. */
export async function serve(path, port) {
  const child = spawn(process.execPath, ['dist/bundle/main.js'], {
    cwd: new URL('..', import.meta.url),
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      SESSION_STORE: `sqlite:${path}`,
      SESSION_SECRET: SECRET,
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const ask = (path, headers = {}) =>
    new Promise((resolve, reject) => {
      const sent = request({ port, host: '127.0.0.1', path, headers, agent }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode))
      })
      sent.on('error', reject).end()
    })
  while (!(await ask('/healthz').catch(() => undefined))) {
    if (child.exitCode !== null) throw new Error(`the service ended with status ${child.exitCode}`)
    await pause(20)
  }
  return {
    pid: child.pid,
    verify: (n) => ask('/v1/auth', { authorization: `Bearer ${tokenOf(n)}` }),
    /** Microseconds so far. */
    cpu: () => cpuOf(child.pid) * 1e6,
    megabytes: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024,
    stop() {
      agent.destroy()
      child.kill()
      return ended
    },
  }
}
