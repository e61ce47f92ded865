import { expect } from 'chai'
import fc from 'fast-check'
import {
  type KeyRing,
  liveKeys,
  REPLACED_KEY_LIFE,
  RING_SIZE,
  withKey,
  withoutKey,
  withResetKey,
} from '#src/domain/key-ring.js'

const keysOf = (ring: KeyRing) => ring.map(({ key }) => key)

describe("a user's key ring", () => {
  it('puts the latest key first and remembers when the one before was replaced', () => {
    const ring = withKey(withKey([], 'a', 50), 'b', 100)
    expect(ring).to.deep.equal([
      { key: 'b', at: 100 },
      { key: 'a', at: 50, replacedAt: 100 },
    ])
  })

  it('keeps the order in which WeChat gave the keys when they are recorded in another', () => {
    const inOrder = withKey(withKey([], 'old', 50), 'new', 100)
    const late = withKey(withKey([], 'new', 100), 'old', 50)
    expect(late).to.deep.equal(inOrder)
    expect(withKey(inOrder, 'old', 50)).to.deep.equal(inOrder)
  })

  it('changes nothing when a login is recorded again, whatever came within the same millisecond', () => {
    const ring = withKey(withKey([], 'a', 50), 'b', 50)
    expect(ring).to.deep.equal([
      { key: 'b', at: 50 },
      { key: 'a', at: 50, replacedAt: 50 },
    ])
    expect(withKey(ring, 'a', 50)).to.deep.equal(ring)
    expect(withKey(ring, 'b', 50)).to.deep.equal(ring)
  })

  it('takes the same key again as given later, and replaces nothing', () => {
    const ring = withKey(withKey([], 'a', 50), 'b', 100)
    expect(withKey(ring, 'b', 200)).to.deep.equal([
      { key: 'b', at: 200 },
      { key: 'a', at: 50, replacedAt: 100 },
    ])
  })

  it('takes an older key back to the front when WeChat gives it again', () => {
    const ring = withKey(withKey(withKey([], 'a', 50), 'b', 100), 'a', 200)
    expect(ring).to.deep.equal([
      { key: 'a', at: 200 },
      { key: 'b', at: 100, replacedAt: 200 },
    ])
  })

  it('marks its newest key, and no other, when WeChat no longer honours that', () => {
    const ring = withKey(withKey([], 'a', 50), 'b', 100)
    const marked = withoutKey(ring, 'b', 150)
    expect(marked).to.deep.equal([
      { key: 'b', at: 100, replacedAt: 150 },
      { key: 'a', at: 50, replacedAt: 100 },
    ])
    for (const [same, key] of [
      [ring, 'a'],
      [ring, 'c'],
      [marked, 'b'],
      [[], 'a'],
    ] as const)
      expect(withoutKey(same, key, 200)).to.equal(same)
    expect(withKey(marked, 'b', 100), 'a login of that time, recorded late').to.deep.equal(marked)
  })

  it('takes a key that came outside a login only where there is one already', () => {
    expect(withResetKey([], 'a', 100)).to.deep.equal([])
    expect(keysOf(withResetKey(withKey([], 'a', 50), 'b', 100))).to.deep.equal(['b', 'a'])
  })

  it('keeps a replaced key for 15 minutes and no longer', () => {
    expect(REPLACED_KEY_LIFE).to.equal(15 * 60 * 1000)
    const ring = withKey(withKey([], 'a', 50), 'b', 100)
    expect(keysOf(liveKeys(ring, 100 + REPLACED_KEY_LIFE - 1))).to.deep.equal(['b', 'a'])
    expect(keysOf(liveKeys(ring, 100 + REPLACED_KEY_LIFE))).to.deep.equal(['b'])
  })

  it('keeps the newest key for as long as nothing replaces it', () => {
    expect(keysOf(liveKeys([{ key: 'a', at: 0 }], 1e15))).to.deep.equal(['a'])
  })

  it('holds three keys at most and drops the oldest', () => {
    expect(RING_SIZE).to.equal(3)
    const ring = ['a', 'b', 'c', 'd'].reduce<KeyRing>((ring, key, i) => withKey(ring, key, i), [])
    expect(keysOf(ring)).to.deep.equal(['d', 'c', 'b'])
  })

  it('is the same whatever the order in which logins are recorded', () => {
    const logins = fc.uniqueArray(fc.record({ key: fc.constantFrom('a', 'b', 'c'), at: fc.nat(800_000) }), {
      selector: ({ at }) => at,
      maxLength: 6,
    })
    fc.assert(
      fc.property(logins, (given) => {
        const record = (order: typeof given) =>
          order.reduce<KeyRing>((ring, { key, at }) => withKey(ring, key, at), [])
        const inOrder = record([...given].sort((one, other) => one.at - other.at))
        expect(record(given)[0]).to.deep.equal(inOrder[0])
        expect(keysOf(record(given)).sort()).to.deep.equal(keysOf(inOrder).sort())
      }),
    )
  })

  it('keeps its rules in any order of keys and times', () => {
    const steps = fc.array(
      fc.record({
        key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        wait: fc.integer({ min: 1, max: 1_000_000 }),
      }),
    )
    fc.assert(
      fc.property(steps, (given) => {
        let ring: KeyRing = []
        let now = 0
        for (const { key, wait } of given) {
          now += wait
          ring = withKey(ring, key, now)
          expect(ring[0]).to.deep.equal({ key, at: now })
          expect(ring.length).to.be.at.most(3)
          expect(new Set(keysOf(ring)).size).to.equal(ring.length)
          const ages = ring.slice(1).map(({ replacedAt = Number.NaN }) => now - replacedAt)
          expect(ages.every((age) => age >= 0 && age < REPLACED_KEY_LIFE)).to.equal(true)
          expect(ages).to.deep.equal([...ages].sort((one, other) => one - other))
        }
      }),
    )
  })
})
