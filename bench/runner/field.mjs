/** Everything that runs during a bench: WeChat's stub, and every contestant with its store and its users. */
import { join } from 'node:path'
import { startRedis } from './redis.mjs'
import { SERVER_CORE, startHelper, startServer } from './servers.mjs'
import { logInUsers } from './sessions.mjs'

const HOT = 500

/** Starts all that can run here. `left` names the rest with the reason. */
export async function openField(contestants, { folder, say }) {
  const stub = await startHelper('../wechat/stub.mjs', {})
  const wechat = `http://127.0.0.1:${stub.port}`
  const entries = []
  const left = []
  const field = {
    wechat,
    entries,
    left,
    helpers: () => [stub, ...entries.flatMap(({ redis }) => (redis === undefined ? [] : [redis]))],
    servers: () => entries.flatMap(({ server }) => (server === undefined ? [] : [server])),
    async close() {
      await Promise.all(entries.map(({ server }) => server?.stop()))
      await Promise.all(entries.map(({ redis }) => redis?.stop()))
      await stub.stop()
    },
  }

  for (const contestant of contestants) {
    const { name } = contestant
    const entry = { contestant, name, store: join(folder, `${name}.db`) }
    say(`starting ${name}`)
    try {
      const missing = contestant.lacks?.()
      if (missing !== undefined) throw new Error(missing)
      await contestant.prepare?.()
      if (contestant.redis) {
        entry.redis = await startRedis(name, folder)
        entry.store = entry.redis.url
      }
      if (contestant.loop !== undefined) {
        const settings = contestant.env({ port: 0, store: entry.store, wechat })
        entry.server = await startHelper(contestant.loop, settings, SERVER_CORE)
      } else {
        entry.server = await startServer(contestant, { store: entry.store, wechat }, folder)
        entry.users = await logInUsers(contestant, entry.server, HOT)
      }
      entries.push(entry)
    } catch (error) {
      await entry.server?.stop()
      await entry.redis?.stop()
      left.push({ name, reason: error.message.split('\n')[0].slice(0, 300) })
      say(`  left out: ${error.message}`)
    }
  }
  return field
}
