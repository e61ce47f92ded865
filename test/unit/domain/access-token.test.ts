import { expect } from 'chai'
import { createAccessTokens } from '#src/domain/access-token.js'
import { R3SessionError } from '#src/domain/errors.js'
import type { DomainEvent } from '#src/domain/events.js'
import { StaleAccessToken } from '#src/domain/ports.js'
import { createFakeStore } from '../../support/store/fake-store.js'
import { pausesOn } from '../../support/use-cases.js'

const MINUTE = 60_000

/** A WeChat that counts how often it is asked, and a clock that `pause` moves on. */
function setUp({
  tokens = createFakeStore().tokens,
  time = { now: 1_700_000_000_000 },
  timeout = 5000,
} = {}) {
  const events: DomainEvent[] = []
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
    report: (event) => void events.push(event),
    random: () => 0.5,
    pause: pausesOn(time),
    timeout,
  })
  return { weixin, accessTokens, time, tokens, events }
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
    time.now += 116 * MINUTE - 1
    expect(await accessTokens.vend('wx')).to.deep.equal({ accessToken: 'token-1', expiresIn: 240 })
    time.now += 1
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
    time.now += 3 * MINUTE - 10_000 - 1
    expect(await accessTokens.vend('wx')).to.deep.equal({ accessToken: 'token-1', expiresIn: 0 })
    time.now += 1
    expect(await codeOf(accessTokens.vend('wx'))).to.equal('wechat_unreachable')
    weixin.fails = undefined
    const before = time.now
    expect(await accessTokens.vend('wx')).to.have.property('accessToken')
    expect(time.now, 'nobody waits for a fetch that has failed').to.equal(before)
  })

  it('are tried for again after ten seconds also where a call has less time', async () => {
    const { accessTokens, weixin, time, events } = setUp({ timeout: 1000 })
    await accessTokens.vend('wx')
    weixin.fails = new R3SessionError('wechat_unreachable')
    time.now += 117 * MINUTE
    await accessTokens.vend('wx')
    time.now += 9_999
    await accessTokens.vend('wx')
    expect(weixin.asked).to.equal(2)
    const failure = { type: 'failure', of: 'refreshing an access_token', error: weixin.fails }
    expect(events.filter(({ type }) => type === 'failure')).to.deep.equal([failure])
  })

  it('are not fetched by a second process before the first has had twice the time of a call', async () => {
    const time = { now: 1_700_000_000_000 }
    const tokens = createFakeStore().tokens
    const [one, other] = [setUp({ tokens, time, timeout: 20_000 }), setUp({ tokens, time, timeout: 20_000 })]
    one.weixin.answer = new Promise(() => {})
    void one.accessTokens.vend('wx')
    while (one.weixin.asked === 0) await Promise.resolve()
    const before = time.now
    expect(await other.accessTokens.vend('wx')).to.include({ accessToken: 'token-1' })
    expect(other.weixin.asked).to.equal(1)
    expect(time.now - before).to.equal(40_000)
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
    const before = time.now
    const error = await accessTokens.vend('wx').catch((reason: unknown) => reason)
    expect(error).to.include({ code: 'wechat_busy' })
    expect(error).to.have.nested.property('facts.reason', 'no access_token from another process')
    expect(time.now - before).to.equal(10_000)
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

  it('leave other errors of a call alone, those of its repeat as well', async () => {
    const { accessTokens, weixin } = setUp()
    const failing = accessTokens.use('wx', () => Promise.reject(new R3SessionError('wechat_busy')))
    expect(await codeOf(failing)).to.equal('wechat_busy')
    expect(weixin.asked).to.equal(1)
    const stale = (token: string) =>
      token === 'token-1' ? new StaleAccessToken() : new TypeError('a defect')
    expect(await codeOf(accessTokens.use('wx', (token) => Promise.reject(stale(token))))).to.equal(
      'TypeError: a defect',
    )
  })

  it('leave what WeChat said in the log where it refuses a fresh one', async () => {
    const { accessTokens } = setUp()
    const refused = new StaleAccessToken({ errcode: 40001, rid: 'rid' })
    const error = await accessTokens
      .use('wx', () => Promise.reject(refused))
      .catch((reason: unknown) => reason)
    expect(error).to.have.deep.property('facts', {
      errcode: 40001,
      rid: 'rid',
      reason: 'a fresh access_token is refused',
    })
  })
})
