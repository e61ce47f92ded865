import { expect } from 'chai'
import fc from 'fast-check'
import { type KeyRing, liveKeys, REPLACED_KEY_LIFE, RING_SIZE, withKey } from '#src/domain/key-ring.js'

const keysOf = (ring: KeyRing) => ring.map(({ key }) => key)

describe("a user's key ring", () => {
  it('puts the latest key first and remembers when the one before was replaced', () => {
    expect(withKey([{ key: 'a' }], 'b', 100)).to.deep.equal([{ key: 'b' }, { key: 'a', replacedAt: 100 }])
  })

  it('stays as it is when WeChat gives the same key again', () => {
    const ring = [{ key: 'b' }, { key: 'a', replacedAt: 100 }]
    expect(withKey(ring, 'b', 200)).to.deep.equal(ring)
  })

  it('takes an older key back to the front when WeChat gives it again', () => {
    const ring = withKey([{ key: 'b' }, { key: 'a', replacedAt: 100 }], 'a', 200)
    expect(ring).to.deep.equal([{ key: 'a' }, { key: 'b', replacedAt: 200 }])
  })

  it('keeps a replaced key for 15 minutes and no longer', () => {
    expect(REPLACED_KEY_LIFE).to.equal(15 * 60 * 1000)
    const ring = [{ key: 'b' }, { key: 'a', replacedAt: 100 }]
    expect(keysOf(liveKeys(ring, 100 + REPLACED_KEY_LIFE - 1))).to.deep.equal(['b', 'a'])
    expect(keysOf(liveKeys(ring, 100 + REPLACED_KEY_LIFE))).to.deep.equal(['b'])
  })

  it('keeps the newest key for as long as nothing replaces it', () => {
    expect(keysOf(liveKeys([{ key: 'a' }], 1e15))).to.deep.equal(['a'])
  })

  it('holds three keys at most and drops the oldest', () => {
    expect(RING_SIZE).to.equal(3)
    const ring = ['a', 'b', 'c', 'd'].reduce<KeyRing>((ring, key, i) => withKey(ring, key, i), [])
    expect(keysOf(ring)).to.deep.equal(['d', 'c', 'b'])
  })

  it('keeps its rules in any order of keys and times', () => {
    const steps = fc.array(
      fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), wait: fc.nat(1_000_000) }),
    )
    fc.assert(
      fc.property(steps, (given) => {
        let ring: KeyRing = []
        let now = 0
        for (const { key, wait } of given) {
          now += wait
          ring = withKey(ring, key, now)
          expect(ring[0]).to.deep.equal({ key })
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
