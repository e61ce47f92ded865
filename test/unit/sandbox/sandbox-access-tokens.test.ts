import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { createAccessTokens } from '#src/sandbox/state/access-tokens.js'
import { NOON } from '../../support/service/start-sandbox.js'

const SECOND = 1000
const HOUR = 3600 * SECOND

function setUp() {
  const time = { now: NOON }
  const tokens = createAccessTokens({ clock: () => time.now, randomBytes })
  const stable = (force = false, appid = 'wx1') => {
    const answer = tokens.stable(appid, force)
    if (typeof answer === 'number') throw new Error(`errcode ${answer}`)
    return answer
  }
  return { time, tokens, stable }
}

describe("the sandbox's access_tokens", () => {
  it('an access_token stays the same, with the seconds that are left', () => {
    const { time, stable } = setUp()
    const first = stable()
    expect(first.expires_in).to.equal(7200)
    time.now += 345 * SECOND
    expect(stable()).to.deep.equal({ access_token: first.access_token, expires_in: 6855 })
  })

  it('an access_token is renewed 5 minutes before its end, and old and new are valid until then', () => {
    const { time, tokens, stable } = setUp()
    const old = stable().access_token
    time.now += 6900 * SECOND
    expect(stable()).to.deep.equal({ access_token: old, expires_in: 300 })
    time.now += 1
    const renewed = stable()
    expect(renewed.access_token).to.not.equal(old)
    expect(renewed.expires_in).to.equal(7200)
    expect([tokens.appidOf(old), tokens.appidOf(renewed.access_token)]).to.deep.equal(['wx1', 'wx1'])
    time.now += 300 * SECOND - 1
    expect([tokens.appidOf(old), tokens.appidOf(renewed.access_token)]).to.deep.equal([42001, 'wx1'])
  })

  it('an access_token ends at once when a refresh is forced', () => {
    const { time, tokens, stable } = setUp()
    const old = stable().access_token
    time.now += 7000 * SECOND
    const renewed = stable().access_token
    const forced = stable(true).access_token
    expect([old, renewed]).to.not.include(forced)
    expect([old, renewed, forced].map((token) => tokens.appidOf(token))).to.deep.equal([40001, 40001, 'wx1'])
    expect(stable().access_token).to.equal(forced)
  })

  it("a refresh of the access_token can't be forced twice within 30 seconds", () => {
    const { time, stable } = setUp()
    const first = stable(true).access_token
    time.now += 30 * SECOND - 1
    expect(stable(true)).to.deep.equal({ access_token: first, expires_in: 7170 })
    time.now += 1
    expect(stable(true).access_token).to.not.equal(first)
  })

  it('a refresh of the access_token can be forced 20 times a day, counted in China', () => {
    const { time, tokens, stable } = setUp()
    for (let index = 0; index < 20; index++) {
      stable(true)
      stable(true)
      time.now += 30 * SECOND
    }
    expect(tokens.stable('wx1', true)).to.equal(45009)
    expect(stable().expires_in).to.equal(7170)
    expect(tokens.stable('wx2', true)).to.be.an('object')
    time.now = NOON + 12 * HOUR - 1
    expect(tokens.stable('wx1', true)).to.equal(45009)
    time.now += 1
    expect(tokens.stable('wx1', true)).to.be.an('object')
  })

  it('an access_token tells whose it is, or why it is none', () => {
    const { tokens, stable } = setUp()
    expect(tokens.appidOf(stable(false, 'wx1').access_token)).to.equal('wx1')
    expect(tokens.appidOf(stable(false, 'wx2').access_token)).to.equal('wx2')
    expect(tokens.appidOf(undefined)).to.equal(41001)
    expect(tokens.appidOf('')).to.equal(41001)
    expect(tokens.appidOf('ACCESS_TOKEN')).to.equal(40014)
    expect(tokens.appidOf(`80_${'x'.repeat(128)}`)).to.equal(40001)
  })

  it('an access_token is forgotten after a while: 40001 then, no longer 42001', () => {
    const { time, tokens, stable } = setUp()
    const first = stable().access_token
    time.now += 2 * HOUR
    stable()
    expect(tokens.appidOf(first)).to.equal(42001)
    for (let index = 0; index < 8; index++) {
      time.now += 2 * HOUR
      stable()
    }
    expect(tokens.appidOf(first)).to.equal(40001)
  })

  describe('of the older token endpoint', () => {
    const plain = ({ tokens }: ReturnType<typeof setUp>, appid = 'wx1') => tokens.plain(appid).access_token
    const MINUTE = 60 * SECOND

    it('a token of the older endpoint is new with each call, and lasts 2 hours', () => {
      const sandbox = setUp()
      const { tokens, time } = sandbox
      const first = tokens.plain('wx1')
      expect(first.expires_in).to.equal(7200)
      time.now += 2 * HOUR - 1
      expect(tokens.appidOf(first.access_token)).to.equal('wx1')
      time.now += 1
      expect(tokens.appidOf(first.access_token)).to.equal(42001)
      expect(plain(sandbox)).to.not.equal(first.access_token)
    })

    it('a token of the older endpoint is valid for 5 minutes beside the next one, and not the latest after that', () => {
      const sandbox = setUp()
      const { tokens, time } = sandbox
      const [old, next] = [plain(sandbox), plain(sandbox)]
      time.now += 5 * MINUTE - 1
      expect([tokens.appidOf(old), tokens.appidOf(next)]).to.deep.equal(['wx1', 'wx1'])
      time.now += 1
      expect([tokens.appidOf(old), tokens.appidOf(next)]).to.deep.equal([40001, 'wx1'])
    })

    it('a token of the older endpoint ends after its 2 hours, also when it was replaced', () => {
      const sandbox = setUp()
      const { tokens, time } = sandbox
      const old = plain(sandbox)
      time.now += 2 * HOUR - MINUTE
      plain(sandbox)
      time.now += MINUTE
      expect(tokens.appidOf(old)).to.equal(42001)
    })

    it('the older endpoint has two valid tokens at most: a third call ends the first one, and brings none back', () => {
      const sandbox = setUp()
      const { tokens, time } = sandbox
      const [first, second, third] = [plain(sandbox), plain(sandbox), plain(sandbox)]
      const known = () => [first, second, third].map((token) => tokens.appidOf(token))
      expect(known()).to.deep.equal([40001, 'wx1', 'wx1'])
      time.now += 5 * MINUTE
      expect(known()).to.deep.equal([40001, 40001, 'wx1'])
      plain(sandbox)
      expect(known()).to.deep.equal([40001, 40001, 'wx1'])
    })

    it('the tokens of the older endpoint, of stable_token and of other apps do not affect each other', () => {
      const sandbox = setUp()
      const { tokens, time, stable } = sandbox
      const stableToken = stable().access_token
      const mine = plain(sandbox)
      for (let index = 0; index < 20; index++) plain(sandbox, 'wx2')
      stable(true)
      time.now += 5 * MINUTE
      expect(tokens.appidOf(mine)).to.equal('wx1')
      expect(tokens.appidOf(stableToken)).to.equal(40001)
      const forced = stable().access_token
      for (let index = 0; index < 3; index++) plain(sandbox)
      time.now += 5 * MINUTE
      expect(tokens.appidOf(forced)).to.equal('wx1')
      expect(stable().access_token).to.equal(forced)
    })
  })
})
