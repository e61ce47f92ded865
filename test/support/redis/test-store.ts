/** Where the services of the tests keep their sessions: in SQLite, or where `TEST_STORE` says so in Redis. */
import { createHash } from 'node:crypto'
import { startRedis, startRedisCluster } from './servers.js'

/** `redis` or `cluster` for servers that this run starts, or the address of some that are there. */
const wanted = process.env['TEST_STORE']

/** Whether tests that ask for a SQLite file are given Redis. */
export const isOnRedis = wanted !== undefined

let opened = 0
let address: Promise<string> | undefined
let end: (() => Promise<void>) | undefined

/**
 * The settings with the store that a test names by its SQLite file: there, or in Redis under keys that this file alone
 * has, so that processes on one file share what they keep. `sqlite::memory:` is another store each time. Redis has longer
 * than by default: a machine may be held up by other work.
 */
export async function onTestStore(env: Record<string, string>): Promise<Record<string, string>> {
  const { SESSION_STORE: sqlite = '' } = env
  if (!isOnRedis || !sqlite.startsWith('sqlite:')) return env
  address ??= start()
  const name = sqlite.endsWith(':memory:') ? `${process.pid} ${opened++}` : sqlite
  const prefix = createHash('sha256').update(name).digest('hex').slice(0, 16)
  const secret = 'a secret that all processes of the tests share'
  return { SESSION_SECRET: secret, ...env, SESSION_STORE: `${await address}?prefix=${prefix}:&timeout=10000` }
}

/** Leaves out what is about SQLite, and says so. */
export function skipOnRedis(context: { skip(): void }, why: string): void {
  if (!isOnRedis) return
  process.stderr.write(`left out on Redis: ${why}\n`)
  context.skip()
}

async function start(): Promise<string> {
  if (wanted !== 'redis' && wanted !== 'cluster') return String(wanted)
  const one = async () => {
    const server = await startRedis({ appendonly: 'yes' })
    return { nodes: [server], close: server.close }
  }
  const { nodes, close } = await (wanted === 'redis' ? one() : startRedisCluster({ appendonly: 'yes' }))
  end = close
  return `redis://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`
}

if (isOnRedis && typeof after !== 'undefined') after(() => end?.())
