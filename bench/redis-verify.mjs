// biome-ignore-all lint/suspicious/noConsole: a bench reports to the terminal

/**
 * What a verification costs on Redis, by how memory is kept exact: CPU of this process and of Redis, and how long 32 that
 * ask at once wait.
 *
 *   npm run build && node bench/redis-verify.mjs [how many verifications]
 *
 * `tracked` is client tracking: Redis tells which keys have changed. It may tell that later than it confirms the ending to
 * the process that asked for it, so an answer from memory waits for a PING, before whose answer everything is told.
 * `not exact` does without.
 */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { createAesSealer } from '../dist/adapters/crypto/sealer.js'
import { openRedis } from '../dist/adapters/redis/open.js'
import { createRepositories } from '../dist/adapters/store/repositories.js'

const count = Number(process.argv[2] ?? 60_000)
const [SESSIONS, AT_ONCE, PORT] = [2000, 32, 36_379]
const folder = mkdtempSync(join(tmpdir(), 'r3session-'))
const server = spawn('redis-server', ['--port', PORT, '--save', '', '--dir', folder], { stdio: 'ignore' })
const plain = new Redis({ port: PORT, retryStrategy: () => 50 })
plain.on('error', () => {})
await plain.ping()

const place = { hosts: [{ host: '127.0.0.1', port: PORT }], isTls: false, database: 0 }
const open = async (prefix) => {
  const store = openRedis({ place, prefix, random: Math.random, deadline: 5000 })
  await store.found
  return store
}
const sealer = createAesSealer(['secret'], randomBytes)
const [here, there] = [await open('bench:'), await open('bench:')]
const writing = createRepositories(there.raw, sealer).sessions
const tokens = Array.from({ length: SESSIONS }, (_, n) => createHash('sha512').update(`${n}`).digest('hex'))
const loginOf = (token, n) => {
  const now = Date.now()
  const user = { appid: 'wx0123456789abcdef', openid: `o${String(n).padStart(27, 'A')}` }
  const times = { createdAt: now, lastSeenAt: now, expiresAt: now + 1e9 }
  const session = { ...user, id: token.slice(0, 32), unionid: user.openid, ...times }
  return { token, session, sessionKey: 'key', epoch: Number.MAX_SAFE_INTEGER, maxSessions: 10 }
}
for (let n = 0; n < SESSIONS; n += 100)
  await Promise.all(tokens.slice(n, n + 100).map((token, each) => writing.save(loginOf(token, n + each))))

const nameOf = (token) => `bench:s:${createHash('sha256').update(token).digest('base64url')}`
const { find } = createRepositories(here.raw, sealer).sessions

/** Client tracking by hand: ioredis knows no pushes of this kind, so a second connection hears of them. */
async function openTracked(isExact) {
  const [asked, told] = [new Redis({ port: PORT }), new Redis({ port: PORT })]
  const known = new Map()
  let hearing
  told.on('message', (_, name) => known.delete(name))
  const id = await told.client('ID')
  await told.subscribe('__redis__:invalidate')
  await asked.client('TRACKING', 'ON', 'REDIRECT', id)

  async function hear() {
    await endOfTurn()
    hearing = undefined
    await told.ping()
  }
  return {
    async find(token) {
      const name = nameOf(token)
      if (known.has(name)) {
        hearing ??= isExact ? hear() : undefined
        await hearing
        if (known.has(name)) return known.get(name)
      }
      const text = await asked.get(name)
      if (text !== null) known.set(name, text.split(' '))
      return text
    },
    close() {
      asked.disconnect()
      told.disconnect()
    },
  }
}

const cpuOfRedis = async () => {
  const info = await plain.info('cpu')
  return ['user', 'sys'].reduce(
    (sum, kind) => sum + Number(new RegExp(`used_cpu_${kind}:(.*)`).exec(info)[1]),
    0,
  )
}

async function measure(ask, { among = 500, endings = 0 }) {
  for (let n = 0; n < among; n += AT_ONCE)
    await Promise.all(tokens.slice(n, n + AT_ONCE).map((token) => ask(token)))
  const [own, its, began] = [process.cpuUsage(), await cpuOfRedis(), performance.now()]
  for (let n = 0; n < count; n += AT_ONCE) {
    if (endings > 0 && n % endings < AT_ONCE) {
      const token = randomBytes(64).toString('hex')
      await writing.save(loginOf(token, 5000))
      await writing.delete(token)
    }
    const asked = Array.from({ length: AT_ONCE }, (_, each) => tokens[(n + each) % among])
    await Promise.all(asked.map((token) => ask(token)))
  }
  const { user, system } = process.cpuUsage(own)
  return {
    'own CPU, us': ((user + system) / count).toFixed(1),
    "Redis's CPU, us": ((((await cpuOfRedis()) - its) * 1e6) / count).toFixed(1),
    'a turn, ms': (((performance.now() - began) / count) * AT_ONCE).toFixed(2),
  }
}

const always = () => true
const ways = {
  'read each time': { find: (token) => find(token), close() {} },
  'by the epoch': { find: (token) => find(token, always), close() {} },
  tracked: await openTracked(true),
  'tracked, not exact': await openTracked(false),
}
for (const endings of [0, 6400, 640]) {
  console.log(endings === 0 ? 'no session ends' : `a session ends every ${endings} verifications`)
  const rows = {}
  for (const [name, way] of Object.entries(ways)) rows[name] = await measure(way.find, { endings })
  console.table(rows)
}
for (const { close } of Object.values(ways)) close()
plain.disconnect()
await here.close()
await there.close()
server.kill()
rmSync(folder, { recursive: true, force: true })
