import { expect } from 'chai'
import { createAccessTokens } from '#src/domain/access-token.js'
import { R3SessionError } from '#src/domain/errors.js'
import { StaleAccessToken } from '#src/domain/ports.js'
import { createFakeStore } from '../../support/store/fake-store.js'

const MINUTE = 60_000

/** A WeChat that counts how often it is asked, and a clock that `pause` moves on. */
function setUp({ tokens = createFakeStore().tokens, time = { now: 1_700_000_000_000 } } = {}) {
  const weixin = {
    asked: 0,
    expiresIn: 7200,
    fails: undefined as R3SessionError | undefined,
    answer: Promise.resolve(),
  }
  const accessTokens = createAccessTokens({
    wechat: {
      async stableToken() {
        const turn = ++weixin.asked
        await weixin.answer
        if (weixin.fails !== undefined) throw weixin.fails
        return { accessToken: `token-${turn}`, expiresIn: weixin.expiresIn }
      },
    },
    tokens,
    clock: () => time.now,
    report: () => {},
    random: () => 0.5,
    pause: async (milliseconds) => {
      time.now += milliseconds
    },
    timeout: 5000,
  })
  return { weixin, accessTokens, time, tokens }
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error) => (error instanceof R3SessionError ? error.code : String(error)),
  )

describe('access_tokens', () => {
  it('are fetched once and kept until shortly before their end', async () => {
    const { accessTokens, weixin, time } = setUp()
    expect(await accessTokens.vend('wx')).to.deep.equal({ accessToken: 'token-1', expiresIn: 7200 })
    time.now += 115 * MINUTE
    expect(await accessTokens.vend('wx')).to.deep.equal({ accessToken: 'token-1', expiresIn: 300 })
    time.now += 1 * MINUTE
    expect(await accessTokens.vend('wx')).to.include({ accessToken: 'token-2' })
    expect(weixin.asked).to.equal(2)
  })

  it('are asked for once however many callers wait', async () => {
    const { accessTokens, weixin } = setUp()
    await Promise.all(Array.from({ length: 50 }, () => accessTokens.vend('wx')))
    expect(weixin.asked).to.equal(1)
  })

  it('are not asked for again and again when WeChat gives one that ends soon', async () => {
    const { accessTokens, weixin, time } = setUp()
    weixin.expiresIn = 300
    await accessTokens.vend('wx')
    time.now += 2 * MINUTE
    await accessTokens.vend('wx')
    expect(weixin.asked).to.equal(1)
    time.now += 1 * MINUTE
    await accessTokens.vend('wx')
    expect(weixin.asked).to.equal(2)
  })

  it('serve to their very end when the next one can not be had, with ten seconds between tries', async () => {
    const { accessTokens, weixin, time } = setUp()
    await accessTokens.vend('wx')
    weixin.fails = new R3SessionError('wechat_unreachable')
    time.now += 117 * MINUTE
    for (let i = 0; i < 5; i++) expect(await accessTokens.vend('wx')).to.include({ accessToken: 'token-1' })
    expect(weixin.asked).to.equal(2)
    time.now += 10_000
    await accessTokens.vend('wx')
    expect(weixin.asked).to.equal(3)
    time.now += 3 * MINUTE
    expect(await codeOf(accessTokens.vend('wx'))).to.equal('wechat_unreachable')
    weixin.fails = undefined
    expect(await accessTokens.vend('wx')).to.have.property('accessToken')
  })

  it('come from whichever process fetches them, while the others wait or use the one at hand', async () => {
    const time = { now: 1_700_000_000_000 }
    const tokens = createFakeStore().tokens
    const [one, other] = [setUp({ tokens, time }), setUp({ tokens, time })]
    let release = () => {}
    one.weixin.answer = new Promise((resolve) => {
      release = resolve
    })
    const first = one.accessTokens.vend('wx')
    while (one.weixin.asked === 0) await Promise.resolve()
    const second = other.accessTokens.vend('wx')
    release()
    expect((await first).accessToken).to.equal('token-1')
    expect((await second).accessToken).to.equal('token-1')
    expect(other.weixin.asked).to.equal(0)
  })

  it('are not fetched again by a process that looked just before another one fetched', async () => {
    const tokens = createFakeStore().tokens
    const { accessTokens, weixin, time } = setUp({ tokens })
    const { read } = tokens
    let looks = 0
    tokens.read = async (appid) => {
      const seen = await read(appid)
      if (++looks === 1) {
        const token = {
          accessToken: 'theirs',
          expiresAt: time.now + 60 * MINUTE,
          refreshAt: time.now + 50 * MINUTE,
        }
        await tokens.write(appid, token)
      }
      return seen
    }
    expect((await accessTokens.vend('wx')).accessToken).to.equal('theirs')
    expect(weixin.asked).to.equal(0)
    expect(await tokens.claim('wx', time.now, time.now + 1)).to.equal(true)
  })

  it('are not waited for without end when the process that fetches them is gone', async () => {
    const { accessTokens, tokens, time, weixin } = setUp()
    await tokens.claim('wx', time.now, time.now + 60 * MINUTE)
    expect(await codeOf(accessTokens.vend('wx'))).to.equal('wechat_busy')
    expect(weixin.asked).to.equal(0)
  })

  it('are fetched anew, once, when WeChat does not take one, and the call is repeated, once', async () => {
    const { accessTokens, weixin } = setUp()
    const used: string[] = []
    const call = (takes: string) => async (token: string) => {
      used.push(token)
      if (token !== takes) throw new StaleAccessToken()
      return 'done'
    }
    expect(await accessTokens.use('wx', call('token-2'))).to.equal('done')
    expect(used).to.deep.equal(['token-1', 'token-2'])
    expect(await codeOf(accessTokens.use('wx', call('none')))).to.equal('wechat_invalid_response')
    expect(used).to.deep.equal(['token-1', 'token-2', 'token-2', 'token-3'])
    expect(weixin.asked).to.equal(3)
  })

  it('leave other errors of a call alone', async () => {
    const { accessTokens, weixin } = setUp()
    const failing = accessTokens.use('wx', () => Promise.reject(new R3SessionError('wechat_busy')))
    expect(await codeOf(failing)).to.equal('wechat_busy')
    expect(weixin.asked).to.equal(1)
  })
})
