/** From the start of the process to its first 200, and what it takes of memory, at rest and under load. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { operations } from '../operations.mjs'
import { measureRate } from './measure.mjs'
import { residentOf } from './proc.mjs'
import { writeRequests } from './requests.mjs'
import { median } from './rounds.mjs'
import { ask, startServer } from './servers.mjs'
import { logInUsers, requestsOf } from './sessions.mjs'

const verify = operations.find(({ name }) => name === 'verify-hot')
const probe = { method: 'GET', path: '/healthz' }

/** To the first 200, by name: `{took, cpu}`, seconds. All start in turn, on a store that is there already. */
export async function measureStarts(contestants, rounds, { folder, wechat, say }) {
  const times = new Map(contestants.map((contestant) => [contestant, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [contestant, list] of times) {
      await contestant.prepare?.()
      const began = performance.now()
      const server = await startServer(
        contestant,
        { store: join(folder, `${contestant.name}-start.db`), wechat },
        folder,
      )
      let answer
      while (answer?.status !== 200) answer = await ask(server.port, probe)
      // The first one makes the store.
      if (round > 0) list.push({ took: (performance.now() - began) / 1000, cpu: server.cpu() })
      await server.stop()
    }
  }
  return Object.fromEntries(
    [...times].map(([{ name }, list]) => {
      const took = median(list.map((one) => one.took))
      const cpu = median(list.map((one) => one.cpu))
      say(`  ${name.padEnd(16)} first 200 after ${ms(took)} ms, ${ms(cpu)} ms of CPU`)
      return [name, { took, cpu }]
    }),
  )
}

const ms = (seconds) => (seconds * 1000).toFixed(0)

/** Bytes resident, by name: `{idle, loaded}`, the second the most that was seen under `GET /v1/auth`. */
export async function measureMemory(contestants, seconds, { folder, wechat, say }) {
  const results = {}
  for (const contestant of contestants) {
    const { name } = contestant
    await contestant.prepare?.()
    const store = join(folder, `${name}-memory.db`)
    const server = await startServer(contestant, { store, wechat }, folder)
    const field = { servers: () => [server], helpers: () => [] }
    try {
      await pause(2000)
      const idle = residentOf(server.pid)
      const users = await logInUsers(contestant, server, 500)
      const file = join(folder, `${name}.requests`)
      writeRequests(file, 'list', requestsOf(verify, contestant, users))
      let loaded = 0
      const look = setInterval(() => {
        loaded = Math.max(loaded, residentOf(server.pid))
      }, 100)
      await measureRate(server, file, seconds, field)
      clearInterval(look)
      results[name] = { idle, loaded }
      say(
        `  ${name.padEnd(16)} ${(idle / 1e6).toFixed(0)} MB at rest, ${(loaded / 1e6).toFixed(0)} MB under load`,
      )
    } finally {
      await server.stop()
    }
  }
  return results
}
