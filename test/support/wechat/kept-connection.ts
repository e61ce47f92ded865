import { expect } from 'chai'
import { createHttpWechat } from '#src/adapters/wechat/gateway.js'
import { type Behaviour, kept, withFaultyServer } from './faulty-server.js'
import { AMPLE, appid, apps, code, success } from './http-exchange.js'

type Limits = Partial<Parameters<typeof createHttpWechat>[0]>

/** Gives each test of the suite a faulty server and a gateway to it, whose connections the test looks at. */
export function withKeptConnection() {
  let gateway: ReturnType<typeof createHttpWechat>
  afterEach(() => gateway.close())
  const server = withFaultyServer()
  beforeEach(() => {
    gateway = open()
  })

  const open = (limits: Limits = {}) =>
    createHttpWechat({ api: server().url, apps, timeout: AMPLE, backoff: 1, ...limits })
  const login = () => gateway.exchangeCode(appid, code)
  const traffic = () => [server().requests.length, server().connections()]

  return {
    server,
    gateway: () => gateway,
    /** Puts a gateway with these limits in the place of the one that the test began with. */
    limit(limits: Limits): void {
      gateway.close()
      gateway = open(limits)
    },
    login,
    /** How many requests came, on how many connections. */
    traffic,
    /** Has a first call leave its connection behind; what is said after that meets the next calls. */
    async warmUp(...next: Behaviour[]): Promise<void> {
      server().meets(kept(success), ...next)
      await login()
      expect(traffic()).to.deep.equal([1, 1])
    },
  }
}
