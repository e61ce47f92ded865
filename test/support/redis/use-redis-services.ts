import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { type Sandbox, startSandbox } from '#src/sandbox/index.js'
import { patiently } from '../patiently.js'
import { type SpawnedService, spawnService } from '../service/spawn-service.js'
import { skipWithoutRedis } from './servers.js'

export const serviceKey = 'orders-key-0123456789abcdef0123456789'

/** For the suite that calls this: processes as they ship, in front of one sandbox, that end with each test. */
export function useRedisServices() {
  let weixin: Sandbox
  let running: SpawnedService[]
  before(function () {
    skipWithoutRedis(this)
  })
  beforeEach(async () => {
    running = []
    weixin = await startSandbox()
  })
  afterEach(async () => {
    await Promise.all(running.map((service) => service.kill('SIGKILL')))
    await weixin.close()
  })

  return {
    weixin: () => weixin,

    async start(url: string, env: Record<string, string> = {}): Promise<SpawnedService> {
      const [app] = weixin.apps
      const service = await spawnService({
        SESSION_STORE: url,
        SESSION_SECRET: '0123456789abcdef0123456789abcdef',
        SERVICE_KEYS: `orders:${serviceKey}`,
        WECHAT_API: weixin.url,
        WECHAT_APPID: app?.appid ?? '',
        WECHAT_SECRET: app?.secret ?? '',
        ...env,
      })
      running.push(service)
      return service
    },

    async login(service: SpawnedService, user = 'ann'): Promise<string> {
      const { status, json } = await patiently(() =>
        weixin.login(user).then((body) => service.send('POST', '/v1/login', { body })),
      )
      expect(status).to.equal(201)
      return String(json['r3session'])
    },

    /** The status of a logout. */
    async logout(service: SpawnedService, token: string): Promise<number> {
      return (await patiently(() => service.send('DELETE', '/v1/session', { token }))).status
    },

    async verify(service: SpawnedService, token: string): Promise<number> {
      return (await patiently(() => service.send('GET', '/v1/auth', { token }))).status
    },

    ready: async (service: SpawnedService): Promise<number> => (await service.send('GET', '/readyz')).status,

    /** Waits until the answer is this. */
    async until<Answer>(answer: Answer, ask: () => Answer | Promise<Answer>): Promise<void> {
      for (let tries = 0; tries < 400; tries++) {
        if ((await ask()) === answer) return
        await pause(25)
      }
      throw new Error(`it never was ${answer}`)
    },
  }
}
