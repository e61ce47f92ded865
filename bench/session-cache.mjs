// biome-ignore-all lint/suspicious/noConsole: a bench reports to the terminal

/**
 * What the memory of sessions takes, and what it saves: bytes an entry, and CPU a verification, where 32 at a time ask.
 *
 *   npm run build && node --expose-gc bench/session-cache.mjs [how many verifications]
 *
 * `endings` raises the epoch before every so many verifications, as logouts do: each then reads its session anew.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAesSealer } from '../dist/adapters/crypto/sealer.js'
import { openSqlite } from '../dist/adapters/sqlite/open.js'
import { createRepositories } from '../dist/adapters/store/repositories.js'

const count = Number(process.argv[2] ?? 20_000)
const [SESSIONS, AT_ONCE] = [2000, 32]
const folder = mkdtempSync(join(tmpdir(), 'r3session-'))
const { raw, close } = openSqlite({
  path: join(folder, 'sessions.db'),
  clock: Date.now,
  pause: async () => {},
  elapsed: () => performance.now(),
  prepare: () => undefined,
})
const sealer = createAesSealer(['secret'], randomBytes)
const { sessions: writing } = createRepositories(raw, sealer)
const tokens = Array.from({ length: SESSIONS }, (_, n) => createHash('sha512').update(`${n}`).digest('hex'))
const user = (n) => ({ appid: 'wx0123456789abcdef', openid: `o${String(n).padStart(27, 'A')}` })
for (let n = 0; n < SESSIONS; n += 100)
  await Promise.all(
    tokens.slice(n, n + 100).map((token, each) => {
      const now = Date.now()
      const times = { createdAt: now, lastSeenAt: now, expiresAt: now + 1e9 }
      const session = { ...user(n + each), id: token.slice(0, 32), unionid: user(n + each).openid, ...times }
      return writing.save({ token, session, sessionKey: 'key', epoch: 0, maxSessions: 10 })
    }),
  )

async function cpuOf({ sessions, among, suffices, endings = 0 }) {
  const before = process.cpuUsage()
  for (let n = 0; n < count; n += AT_ONCE) {
    if (endings > 0 && n % endings < AT_ONCE) raised++
    const asked = Array.from({ length: AT_ONCE }, (_, each) => tokens[(n + each) % among])
    await Promise.all(asked.map((token) => sessions.find(token, suffices)))
  }
  const { user: own, system } = process.cpuUsage(before)
  return (own + system) / count
}

let raised = 0
const over = () =>
  createRepositories({ ...raw, epoch: async () => (await raw.epoch()) + raised }, sealer).sessions
const always = () => true
const cases = {
  'read each time': { among: 500 },
  'from memory': { among: 500, suffices: always },
  'from memory, an ending every 50': { among: 500, suffices: always, endings: 50 },
}
const measured = new Map(Object.keys(cases).map((name) => [name, []]))
const sessions = over()
for (let round = 0; round < 6; round++)
  for (const [name, each] of Object.entries(cases))
    measured.get(name).push(await cpuOf({ sessions, ...each }))
for (const [name, all] of measured) {
  const [median] = all
    .slice(1)
    .sort((one, other) => one - other)
    .slice(2)
  console.log(`${name}: ${median.toFixed(1)} us`)
}

const fresh = over()
globalThis.gc?.()
const before = process.memoryUsage()
for (const token of tokens) await fresh.find(token, always)
globalThis.gc?.()
const after = process.memoryUsage()
console.log(`${Math.round((after.heapUsed - before.heapUsed) / SESSIONS)} bytes an entry`)
await fresh.find(tokens[0], always)
await close()
rmSync(folder, { recursive: true })
