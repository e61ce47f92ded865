import { expect } from 'chai'
import { R3SessionError } from '#src/domain/errors.js'
import { StaleAccessToken, type WechatGateway } from '#src/domain/ports.js'

/** How any call can fail. */
const failures = [
  'wechat_rate_limited',
  'wechat_busy',
  'wechat_unreachable',
  'wechat_timeout',
  'wechat_invalid_response',
  'wechat_misconfigured',
  'wechat_quota',
] as const

export type Failure = (typeof failures)[number]

/** What can come of a login code that reaches a WeChat in good health. */
const outcomes = ['user', 'user with unionid', 'code_invalid', 'code_used', 'user_blocked'] as const

export type Outcome = (typeof outcomes)[number]

/** A user who has logged in, and the session_key that WeChat gave then. */
export interface LoggedIn {
  readonly appid: string
  readonly openid: string
  readonly sessionKey: string
}

/** A gateway, and the WeChat behind it. */
export interface WechatOnTrial {
  readonly gateway: WechatGateway
  /** An appid, and a login code of its that WeChat meets with this outcome. */
  codeFor(outcome: Outcome): Promise<[appid: string, code: string]>
  user(): Promise<LoggedIn>
  /** A code of the phone button, pressed by that user. */
  phoneCode(): Promise<string>
  /** WeChat takes none of the access_tokens it gave so far any longer. */
  outdateTokens(): Promise<void> | void
  /** From now on every call fails like this. */
  fail(failure: Failure): Promise<void> | void
  /** How many requests WeChat has seen; absent where there is no wire. */
  requests?(): number
  close?(): Promise<void>
}

/** The contract of WechatGateway, run against a fresh WeChat for every test. */
export function describeWechatGateway(name: string, open: () => Promise<WechatOnTrial>): void {
  describe(`WechatGateway: ${name}`, () => {
    let wechat: WechatOnTrial

    beforeEach(async () => {
      wechat = await open()
    })

    afterEach(() => wechat.close?.())

    it('gives the identity behind a code', async () => {
      const identity = await wechat.gateway.exchangeCode(...(await wechat.codeFor('user')))
      expect(identity).to.have.all.keys('openid', 'sessionKey')
      expect(identity.openid).to.match(/^[\x21-\x7e]{1,64}$/)
      expect(Buffer.from(identity.sessionKey, 'base64')).to.have.length(16)
      expect(wechat.requests?.() ?? 1).to.equal(1)
    })

    it('gives the unionid where WeChat knows one', async () => {
      const identity = await wechat.gateway.exchangeCode(...(await wechat.codeFor('user with unionid')))
      expect(identity.unionid).to.match(/^[\x21-\x7e]{1,64}$/)
      expect(identity).to.have.all.keys('openid', 'sessionKey', 'unionid')
    })

    it('refuses a code that was exchanged before', async () => {
      const code = await wechat.codeFor('user')
      await wechat.gateway.exchangeCode(...code)
      expect(await failure(wechat.gateway.exchangeCode(...code))).to.have.property('code', 'code_used')
    })

    it('serves calls that run at the same time, each with its own outcome', async () => {
      const codes = [await wechat.codeFor('user'), await wechat.codeFor('user with unionid')]
      const identities = await Promise.all(codes.map((code) => wechat.gateway.exchangeCode(...code)))
      expect(identities.map((identity) => 'unionid' in identity)).to.deep.equal([false, true])
    })

    for (const outcome of ['code_invalid', 'code_used', 'user_blocked'] as const) {
      it(`fails to exchange a code with ${outcome}, after one request`, async () => {
        const code = await wechat.codeFor(outcome)
        await withRequests(1, async () => {
          expect(await failure(wechat.gateway.exchangeCode(...code))).to.have.property('code', outcome)
        })
      })
    }

    it('gives the access_token, the same one every time, and its life in seconds', async () => {
      const { appid } = await wechat.user()
      const token = await wechat.gateway.stableToken(appid)
      expect(token).to.have.all.keys('accessToken', 'expiresIn')
      expect(token.accessToken).to.match(/^[\x21-\x7e]{1,1024}$/)
      expect(token.expiresIn).to.be.within(300, 7200)
      expect(await wechat.gateway.stableToken(appid)).to.have.property('accessToken', token.accessToken)
    })

    it('gives the phone number behind a code, once', async () => {
      const { token, openid } = await loggedIn()
      const code = await wechat.phoneCode()
      const number = await wechat.gateway.phoneNumber(token, code, openid)
      expect(number).to.have.all.keys('phoneNumber', 'purePhoneNumber', 'countryCode')
      expect(number.purePhoneNumber).to.match(/^\d+$/)
      const again = await failure(wechat.gateway.phoneNumber(token, code, openid))
      expect(again).to.have.property('code', 'code_invalid')
    })

    it("refuses another user's phone code, and leaves it to its user", async () => {
      const { token, openid } = await loggedIn()
      const code = await wechat.phoneCode()
      const stolen = await failure(wechat.gateway.phoneNumber(token, code, 'oSomebodyElse'))
      expect(stolen).to.have.property('code', 'code_invalid')
      expect(await wechat.gateway.phoneNumber(token, code, openid)).to.include.keys('phoneNumber')
    })

    it('tells the key that WeChat honours from any other', async () => {
      const { token, openid, sessionKey } = await loggedIn()
      expect(await wechat.gateway.honoursKey(token, openid, sessionKey)).to.equal(true)
      expect(await wechat.gateway.honoursKey(token, openid, otherKey)).to.equal(false)
      expect(await wechat.gateway.honoursKey(token, 'oSomebodyElse', sessionKey)).to.equal(false)
    })

    it('gets a new key in place of one, which is dead from then on', async () => {
      const { token, openid, sessionKey } = await loggedIn()
      const newKey = (await wechat.gateway.resetKey(token, openid, sessionKey)) ?? ''
      expect(newKey).not.to.equal(sessionKey)
      expect(Buffer.from(newKey, 'base64')).to.have.length(16)
      expect(await wechat.gateway.honoursKey(token, openid, sessionKey)).to.equal(false)
      expect(await wechat.gateway.honoursKey(token, openid, newKey)).to.equal(true)
      expect(await wechat.gateway.resetKey(token, openid, sessionKey)).to.equal(undefined)
    })

    it('gets no new key for a user without one, or in place of a wrong one', async () => {
      const { token, openid, sessionKey } = await loggedIn()
      expect(await wechat.gateway.resetKey(token, openid, otherKey)).to.equal(undefined)
      expect(await wechat.gateway.resetKey(token, 'oSomebodyElse', otherKey)).to.equal(undefined)
      expect(await wechat.gateway.honoursKey(token, openid, sessionKey)).to.equal(true)
    })

    it("gives the user's encryption keys to who has the session_key, and none for a wrong one", async () => {
      const { token, openid, sessionKey } = await loggedIn()
      const keys = (await wechat.gateway.encryptKeys(token, openid, sessionKey)) ?? []
      expect(keys).to.have.lengthOf.within(1, 3)
      for (const key of keys) {
        expect(key).to.have.all.keys('encryptKey', 'iv', 'version', 'expiresIn', 'createdAt')
        expect(Buffer.from(key.encryptKey, 'base64')).to.have.length(16)
        expect(Buffer.from(key.iv, 'latin1')).to.have.length(16)
        expect(key.expiresIn).to.be.within(0, 3600)
      }
      expect(await wechat.gateway.encryptKeys(token, openid, otherKey)).to.equal(undefined)
      expect(await wechat.gateway.encryptKeys(token, 'oSomebodyElse', sessionKey)).to.equal(undefined)
    })

    /** Every call as it would succeed, and whether it brings an access_token. */
    const calls: [name: string, withToken: boolean, call: (all: Prepared) => Promise<unknown>][] = [
      ['exchangeCode', false, ({ code }) => wechat.gateway.exchangeCode(...code)],
      ['stableToken', false, ({ appid }) => wechat.gateway.stableToken(appid)],
      ['phoneNumber', true, (all) => wechat.gateway.phoneNumber(all.token, all.phoneCode, all.openid)],
      ['honoursKey', true, (all) => wechat.gateway.honoursKey(all.token, all.openid, all.sessionKey)],
      ['resetKey', true, (all) => wechat.gateway.resetKey(all.token, all.openid, all.sessionKey)],
      ['encryptKeys', true, (all) => wechat.gateway.encryptKeys(all.token, all.openid, all.sessionKey)],
    ]
    for (const [name, withToken, call] of calls) {
      for (const expected of failures) {
        it(`fails in ${name} with ${expected}, after the requests it allows`, async () => {
          const all = await prepared()
          await wechat.fail(expected)
          await withRequests(requestsAllowed(expected), async () => {
            expect(await failure(call(all))).to.have.property('code', expected)
          })
        })
      }

      if (!withToken) continue
      it(`says in ${name} that an access_token is stale, and takes the next one`, async () => {
        const all = await prepared()
        await wechat.outdateTokens()
        await withRequests(1, async () => {
          const error = await call(all).catch((error: unknown) => error)
          expect(error).to.be.instanceOf(StaleAccessToken)
        })
        const { accessToken } = await wechat.gateway.stableToken(all.appid)
        await call({ ...all, token: accessToken })
      })
    }

    async function loggedIn(): Promise<LoggedIn & { token: string }> {
      const user = await wechat.user()
      const { accessToken } = await wechat.gateway.stableToken(user.appid)
      return { ...user, token: accessToken }
    }

    async function prepared() {
      const code = await wechat.codeFor('user')
      return { code, ...(await loggedIn()), phoneCode: await wechat.phoneCode() }
    }

    type Prepared = Awaited<ReturnType<typeof prepared>>

    /** Has so many requests reach WeChat meanwhile, where there is a wire. */
    async function withRequests(expected: number, act: () => Promise<void>): Promise<void> {
      const before = wechat.requests?.() ?? 0
      await act()
      if (wechat.requests) expect(wechat.requests() - before).to.equal(expected)
    }
  })
}

const otherKey = Buffer.alloc(16, 'other').toString('base64')

/** Requests that reach WeChat in one call. */
function requestsAllowed(failure: Failure): number {
  if (failure === 'wechat_unreachable') return 0
  return failure === 'wechat_busy' ? 2 : 1
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
