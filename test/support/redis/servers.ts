import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'

const isInstalled = spawnSync('redis-server', ['--version']).status === 0

/** Skips the suite where there is no Redis, and says what is missing. */
export function skipWithoutRedis(suite: { skip(): void }): void {
  if (isInstalled) return
  process.stderr.write('redis-server is missing, so Redis goes untested: apt-get install redis-server\n')
  suite.skip()
}

export interface RedisServer {
  readonly host: string
  readonly port: number
  readonly pid: number
  /** As it is; nothing waits for its end. */
  signal(name: NodeJS.Signals): void
  /** Ends it and waits for that. */
  stop(name?: NodeJS.Signals): Promise<void>
  /** The same again, with what is on its disk. */
  restart(): Promise<void>
  /** Ends it and removes its files. */
  close(): Promise<void>
}

/** A Redis on a free port of this machine, with these settings beside ours. */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const dir = mkdtempSync(join(tmpdir(), 'r3session-redis-'))
  const port = await freePort()
  const all = {
    ...{ port: String(port), bind: '127.0.0.1', dir, save: '', appendonly: 'no' },
    ...{ 'maxmemory-policy': 'noeviction', 'stop-writes-on-bgsave-error': 'no' },
    // Otherwise a replica waits 5 s for others that may want to be told as well.
    ...{ 'repl-diskless-sync-delay': '0' },
    ...settings,
  }
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    child = spawn('redis-server', args, { stdio: 'ignore' })
    await answering(port, settings['requirepass'])
  }

  async function stop(name: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const ended = once(ending, 'exit')
    ending.kill('SIGCONT')
    ending.kill(name)
    await ended
  }

  await start()
  return {
    host: '127.0.0.1',
    port,
    get pid() {
      return Number(child?.pid)
    },
    signal: (name) => void child?.kill(name),
    stop,
    restart: start,
    async close() {
      await stop('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A cluster of three masters. */
export async function startRedisCluster(settings: Readonly<Record<string, string>> = {}) {
  const cluster = {
    'cluster-enabled': 'yes',
    'cluster-config-file': 'nodes.conf',
    'cluster-node-timeout': '1000',
    ...settings,
  }
  const nodes = await Promise.all([1, 2, 3].map(() => startRedis(cluster)))
  const places = nodes.map(({ host, port }) => `${host}:${port}`)
  await promisify(execFile)('redis-cli', ['--cluster', 'create', ...places, '--cluster-yes'])
  // The one that was asked knows at once, the others when they have gossiped.
  for (const { port } of nodes) await until(port, (redis) => redis.cluster('INFO'), /cluster_state:ok/)
  return {
    nodes,
    async close() {
      await Promise.all(nodes.map((node) => node.close()))
    },
  }
}

/** A client that fails rather than waits. */
export function clientOf(port: number, password?: string): Redis {
  const redis = new Redis({
    port,
    host: '127.0.0.1',
    lazyConnect: true,
    retryStrategy: () => null,
    ...(password !== undefined && { password }),
  })
  redis.on('error', () => {})
  return redis
}

const answering = (port: number, password?: string) => until(port, (redis) => redis.ping(), /PONG/, password)

async function until(
  port: number,
  ask: (redis: Redis) => Promise<unknown>,
  answer: RegExp,
  password?: string,
) {
  for (let tries = 0; tries < 200; tries++) {
    const redis = clientOf(port, password)
    const said = await redis.connect().then(
      () => ask(redis).catch(() => ''),
      () => '',
    )
    redis.disconnect()
    if (answer.test(String(said))) return
    await pause(50)
  }
  throw new Error(`Redis on port ${port} does not answer`)
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  // A node of a cluster takes the port 10,000 above as well.
  return port > 55_000 ? freePort() : port
}
