/** Redis for those who keep sessions there: one for each, with what they cost in it. */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { operations } from '../operations.mjs'
import { measureRate } from './measure.mjs'
import { writeRequests } from './requests.mjs'
import { LOAD_CORE, startServer } from './servers.mjs'
import { checkAnswers, logInUsers, requestsOf } from './sessions.mjs'

const PROCESSES = [1, 2, 4]
/** So many that what every Redis takes for itself is nothing. */
const SESSIONS = 20_000
const MEASURED = ['verify-hot', 'login', 'decrypt']

/** A Redis as it comes but for the log of what was written, on the core of the load. */
export async function startRedis(name, folder) {
  const file = `${name}-redis.aof`
  const redis = {
    name: `${name}-redis`,
    start: ({ port }) => ({
      command: [
        ...['redis-server', '--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder],
        ...['--appendonly', 'yes', '--appenddirname', file, '--maxmemory-policy', 'noeviction'],
      ],
      env: {},
      cwd: folder,
    }),
  }
  const server = await startServer(redis, {}, folder, LOAD_CORE)
  return {
    ...server,
    url: `redis://127.0.0.1:${server.port}`,
    /** Bytes that what is in it takes. */
    bytes: () =>
      Number(
        /^used_memory:(\d+)/m.exec(
          execFileSync('redis-cli', ['-p', String(server.port), 'info', 'memory'], { encoding: 'utf8' }),
        )?.[1],
      ),
    async stop() {
      await server.stop()
      rmSync(join(folder, file), { recursive: true, force: true })
    },
  }
}

/** `bytes` a session by name, and what ours costs with 1, 2 and 4 processes; `left` names what did not come about. */
export async function measureRedis(contestants, { seconds, cold, folder, wechat, say }) {
  const results = { bytes: {}, processes: [], left: [] }
  const count = Math.min(SESSIONS, cold * 2)
  const place = { folder, wechat }
  const tried = async (name, work) => {
    try {
      await work()
    } catch (error) {
      results.left.push({ name, reason: error.message.split('\n')[0].slice(0, 300) })
      say(`  ${name} is left out: ${error.message}`)
    }
  }
  for (const contestant of contestants.filter((one) => one.redis && one.lacks?.() === undefined)) {
    const { name } = contestant
    await contestant.prepare?.()
    await tried(name, () =>
      inNew(contestant, place, async (server, redis) => {
        // The first ones bring what is there once: scripts, buffers, tables.
        await logInUsers(contestant, server, 100)
        const before = redis.bytes()
        await logInUsers(contestant, server, count)
        results.bytes[name] = (redis.bytes() - before) / count
        say(`  ${name.padEnd(18)} ${results.bytes[name].toFixed(0)} bytes a session`)
      }),
    )
    for (const workers of name === 'r3session-redis' ? PROCESSES : []) {
      await tried(`${workers} processes`, () =>
        inNew(contestant, { ...place, workers }, async (server, redis) => {
          const users = await logInUsers(contestant, server, 500)
          const field = { servers: () => [server], helpers: () => [redis] }
          for (const operation of operations.filter((one) => MEASURED.includes(one.name))) {
            const run = await measured(operation, {
              contestant,
              server,
              redis,
              users,
              field,
              seconds,
              folder,
            })
            results.processes.push({ workers, operation: operation.name, ...run })
            say(
              `  ${workers} processes, ${operation.name.padEnd(12)} ${run.rate.toFixed(0).padStart(6)}/s ` +
                `${(run.cpu * 1e6).toFixed(1)} us, Redis ${(run.redis * 1e6).toFixed(1)} us`,
            )
          }
        }),
      )
    }
  }
  return results
}

async function inNew(contestant, { folder, wechat, workers }, work) {
  const redis = await startRedis(contestant.name, folder)
  try {
    const server = await startServer(contestant, { store: redis.url, wechat, workers }, folder)
    try {
      await work(server, redis)
    } finally {
      await server.stop()
    }
  } finally {
    await redis.stop()
  }
}

async function measured(operation, { contestant, server, redis, users, field, seconds, folder }) {
  await checkAnswers(operation, contestant, server, users)
  const file = join(folder, `${contestant.name}-redis.requests`)
  const kind = operation.kind === 'login' ? 'counted' : 'list'
  const write = () => writeRequests(file, kind, requestsOf(operation, contestant, users))
  write()
  await measureRate(server, file, 1, field)
  write()
  const before = redis.cpu()
  const { rate, cpu, count, foreign, slower, disturbed } = await measureRate(server, file, seconds, field)
  return {
    rate,
    cpu,
    redis: (redis.cpu() - before) / count,
    foreign,
    slower,
    ...(disturbed && { disturbed }),
  }
}
