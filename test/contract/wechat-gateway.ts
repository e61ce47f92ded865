import { expect } from 'chai'
import { R3SessionError } from '#src/domain/errors.js'
import type { WechatGateway } from '#src/domain/ports.js'

/** Everything that can come of a login code. */
export const outcomes = [
  'user',
  'user with unionid',
  'code_invalid',
  'code_used',
  'user_blocked',
  'wechat_rate_limited',
  'wechat_busy',
  'wechat_unreachable',
  'wechat_timeout',
  'wechat_invalid_response',
  'wechat_misconfigured',
  'wechat_quota',
] as const

export type Outcome = (typeof outcomes)[number]

/** A gateway, and the WeChat behind it. */
export interface WechatWorld {
  readonly gateway: WechatGateway
  /** An appid, and a login code of its that WeChat meets with this outcome. */
  codeFor(outcome: Outcome): Promise<[appid: string, code: string]>
  /** How many requests WeChat has seen; absent where there is no wire. */
  requests?(): number
  close?(): Promise<void>
}

/** The contract of WechatGateway, run against a fresh world for every test. */
export function describeWechatGateway(name: string, openWorld: () => Promise<WechatWorld>): void {
  describe(`WechatGateway: ${name}`, () => {
    let world: WechatWorld

    beforeEach(async () => {
      world = await openWorld()
    })

    afterEach(() => world.close?.())

    it('gives the identity behind a code', async () => {
      const identity = await world.gateway.exchangeCode(...(await world.codeFor('user')))
      expect(identity).to.have.all.keys('openid', 'sessionKey')
      expect(identity.openid).to.match(/^[\x21-\x7e]{1,64}$/)
      expect(Buffer.from(identity.sessionKey, 'base64')).to.have.length(16)
      expect(world.requests?.() ?? 1).to.equal(1)
    })

    it('gives the unionid where WeChat knows one', async () => {
      const identity = await world.gateway.exchangeCode(...(await world.codeFor('user with unionid')))
      expect(identity.unionid).to.match(/^[\x21-\x7e]{1,64}$/)
      expect(identity).to.have.all.keys('openid', 'sessionKey', 'unionid')
    })

    it('refuses a code that was exchanged before', async () => {
      const code = await world.codeFor('user')
      await world.gateway.exchangeCode(...code)
      expect(await failure(world.gateway.exchangeCode(...code))).to.have.property('code', 'code_used')
    })

    it('serves calls that run at the same time, each with its own outcome', async () => {
      const codes = [await world.codeFor('user'), await world.codeFor('user with unionid')]
      const identities = await Promise.all(codes.map((code) => world.gateway.exchangeCode(...code)))
      expect(identities.map((identity) => 'unionid' in identity)).to.deep.equal([false, true])
    })

    for (const outcome of outcomes) {
      if (outcome === 'user' || outcome === 'user with unionid') continue
      it(`fails with ${outcome}, after the requests it allows`, async () => {
        const code = await world.codeFor(outcome)
        const before = world.requests?.() ?? 0
        const error = await failure(world.gateway.exchangeCode(...code))
        expect(error.code).to.equal(outcome)
        if (world.requests) expect(world.requests() - before).to.equal(requestsAllowed(outcome))
      })
    }
  })
}

/** Requests that reach WeChat in one exchange. */
function requestsAllowed(outcome: Outcome): number {
  if (outcome === 'wechat_unreachable') return 0
  return outcome === 'wechat_busy' ? 2 : 1
}

/** The error a call ends with, which is the project's own or the test fails. */
export async function failure(call: Promise<unknown>): Promise<R3SessionError> {
  const error = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (error instanceof R3SessionError) return error
  throw new Error('no R3SessionError', { cause: error })
}
