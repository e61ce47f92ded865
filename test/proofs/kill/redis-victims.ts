import { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { startRedis } from '../../support/redis/servers.js'
import { type SpawnedService, spawnService } from '../../support/service/spawn-service.js'
import { startHoldingWechat } from '../../support/wechat/holding-wechat.js'
import { askedOver, SERVICE, type Victims } from './victims.js'

/** Of so many kills one hits a service, the others Redis. */
const SERVICE_EACH = 8

/**
 * Two services on one Redis that writes each change down before it confirms it. Who logs in at one of them is looked for
 * at the other. What is killed is Redis, now and then a service; it is started again and serves before the next cycle.
 */
export async function createRedisVictims(random: () => number): Promise<Victims> {
  const wechat = await startHoldingWechat()
  const server = await startRedis({ appendonly: 'yes', appendfsync: 'always' })
  const env = {
    ...SERVICE,
    // A machine that is held up is no Redis that is gone.
    SESSION_STORE: `redis://127.0.0.1:${server.port}?timeout=10000`,
    WECHAT_API: wechat.url,
  }
  const agent = new Agent({ keepAlive: true })
  const start = () => spawnService(env)
  const services: [SpawnedService, SpawnedService] = [await start(), await start()]
  let ends: 'nothing' | 'redis' | 'service' = 'nothing'

  async function serving({ url }: SpawnedService): Promise<void> {
    for (let tries = 0; tries < 500; tries++) {
      const isReady = await fetch(`${url}/readyz`).then(
        ({ status }) => status === 200,
        () => false,
      )
      if (isReady) return
      await pause(20)
    }
    throw new Error('a service never came back to Redis')
  }

  return {
    isService: () => true,
    async start() {
      if (ends === 'redis') await server.restart()
      if (ends === 'service') services[0] = await start()
      await Promise.all(services.map(serving))
      const either = () => askedOver(agent, (random() < 0.5 ? services[0] : services[1]).url)
      return {
        login: (user) => either().login(user),
        logout: (token) => either().logout(token),
        lives: (token) => either().lives(token),
        async kill() {
          ends = random() < 1 / SERVICE_EACH ? 'service' : 'redis'
          if (ends === 'service') await services[0].kill('SIGKILL')
          else await server.stop('SIGKILL')
        },
      }
    },
    damage: () => undefined,
    async close() {
      agent.destroy()
      await Promise.all(services.map((service) => service.kill('SIGKILL')))
      await server.close()
      await wechat.close()
    },
  }
}
