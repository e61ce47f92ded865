import { expect } from 'chai'
import fc from 'fast-check'
import type { AccessTokenRepository } from '#src/domain/ports.js'
import { createFakeStore } from '../support/store/fake-store.js'
import { describeEachStore } from './stores.js'

const start = Date.UTC(2026, 0, 1)
const tokenOf = (n: number) => ({
  accessToken: `the-access-token-${n}`,
  expiresAt: start + n * 1000 + 7_200_000,
  refreshAt: start + n * 1000 + 6_900_000,
})

describeEachStore('AccessTokenRepository', (current) => {
  let tokens: AccessTokenRepository
  let other: AccessTokenRepository
  beforeEach(() => {
    tokens = current().here.tokens
    other = current().there.tokens
  })

  it('reads nothing before the first token, also while somebody fetches it', async () => {
    expect(await tokens.read('wx')).to.equal(undefined)
    await tokens.claim('wx', start, start + 10)
    expect(await other.read('wx')).to.equal(undefined)
  })

  it('reads the latest token just as it was written, also past its end', async () => {
    await tokens.write('wx', tokenOf(1))
    await tokens.write('wx', tokenOf(2))
    for (const each of [tokens, other]) expect(await each.read('wx')).to.deep.equal(tokenOf(2))
    const over = { accessToken: 'over', expiresAt: 2, refreshAt: 1 }
    await other.write('wx', over)
    expect(await tokens.read('wx')).to.deep.equal(over)
  })

  it('keeps one token and one claim per app', async () => {
    await tokens.write('wx-one', tokenOf(1))
    await other.write('wx-two', tokenOf(2))
    expect(await tokens.read('wx-one')).to.deep.equal(tokenOf(1))
    expect(await tokens.read('wx-two')).to.deep.equal(tokenOf(2))
    expect(await tokens.claim('wx-one', start, start + 10)).to.equal(true)
    expect(await other.claim('wx-two', start, start + 10)).to.equal(true)
    await tokens.release('wx-two')
    expect(await other.claim('wx-one', start, start + 10)).to.equal(false)
  })

  it('lets one caller fetch at a time, until the claim runs out', async () => {
    expect(await tokens.claim('wx', start, start + 10)).to.equal(true)
    expect(await tokens.claim('wx', start, start + 10)).to.equal(false)
    expect(await other.claim('wx', start + 9, start + 90)).to.equal(false)
    expect(await other.claim('wx', start + 10, start + 20)).to.equal(true)
    expect(await tokens.claim('wx', start + 19, start + 90)).to.equal(false)
  })

  it('ends the claim with the next token', async () => {
    await tokens.claim('wx', start, start + 10)
    await tokens.write('wx', tokenOf(1))
    expect(await other.claim('wx', start, start + 10)).to.equal(true)
    expect(await other.read('wx')).to.deep.equal(tokenOf(1))
  })

  it('ends the claim without one, and keeps what there was', async () => {
    await tokens.write('wx', tokenOf(1))
    await tokens.claim('wx', start, start + 10)
    await tokens.release('wx')
    expect(await other.claim('wx', start, start + 10)).to.equal(true)
    expect(await other.read('wx')).to.deep.equal(tokenOf(1))
  })

  it('has nothing to release for an app it does not know', async () => {
    expect(await tokens.release('wx')).to.equal(undefined)
    expect(await tokens.read('wx')).to.equal(undefined)
  })

  it('gives the claim to one of many at the same time, also when it ran out', async () => {
    for (const now of [start, start + 10, start + 20]) {
      const many = Array.from({ length: 40 }, (_, n) => (n % 2 ? other : tokens).claim('wx', now, now + 10))
      expect((await Promise.all(many)).filter(Boolean)).to.have.length(1)
    }
  })

  it('does over any run of calls what the model does', async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        run++
        const expected = await play([createFakeStore().tokens], steps, run)
        expect(await play([tokens, other], steps, run)).to.deep.equal(expected)
      }),
      { numRuns: 60 },
    )
  }).timeout(120_000)

  it('opens tokens sealed under a secret that is no longer the newest, and none of a stranger', async () => {
    await tokens.write('wx', tokenOf(1))
    expect(await current().with(['newest', 'secret']).tokens.read('wx')).to.deep.equal(tokenOf(1))
    const stranger = current().with(['other']).tokens
    expect(await stranger.read('wx')).to.equal(undefined)
    expect(await stranger.claim('wx', 0, 1)).to.equal(true)
    await stranger.write('wx', tokenOf(2))
    expect(await stranger.read('wx')).to.deep.equal(tokenOf(2))
  })

  it('opens a token for no other app than its own', async () => {
    await tokens.write('wx-one', tokenOf(1))
    const exchanged = current().over({ ...current().raw, token: () => current().raw.token('wx-one') })
    expect(await exchanged.tokens.read('wx-one')).to.deep.equal(tokenOf(1))
    expect(await exchanged.tokens.read('wx-two')).to.equal(undefined)
  })
})

const step = fc.record({
  name: fc.constantFrom('read', 'claim', 'write', 'release'),
  appid: fc.constantFrom('wx-one', 'wx-two', ''),
  after: fc.constantFrom(0, 1, 9, 10),
})
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** What each call gives, the instances taking turns. The apps are those of this run alone. */
async function play(stores: AccessTokenRepository[], steps: readonly Step[], run: number) {
  const told: unknown[] = []
  let now = start
  for (const [n, { name, after, ...given }] of steps.entries()) {
    const tokens = stores[n % stores.length]
    const appid = `${given.appid}-${run}`
    now += after
    if (name === 'claim') told.push(await tokens?.claim(appid, now, now + 10))
    else if (name === 'write') await tokens?.write(appid, tokenOf(n))
    else if (name === 'release') await tokens?.release(appid)
    else told.push(await tokens?.read(appid))
  }
  return told
}
