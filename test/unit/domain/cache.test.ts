import { expect } from 'chai'
import { createCache } from '#src/domain/concurrency/cache.js'

describe('createCache', () => {
  function setUp(atMost: number) {
    const time = { now: 0 }
    const cache = createCache<number>({ life: 100, atMost, clock: () => time.now })
    const kept = (names: string[]) => names.filter((name) => cache.get(name) !== undefined)
    return { time, cache, kept }
  }
  const names = Array.from({ length: 25 }, (_, n) => `name-${n}`)

  it('keeps an entry for its life, from the last time it was set', () => {
    const { time, cache } = setUp(10)
    cache.set('a', 1)
    time.now = 50
    cache.set('a', 2)
    time.now = 149
    expect(cache.get('a')).to.equal(2)
    time.now = 150
    expect(cache.get('a')).to.equal(undefined)
  })

  it('never keeps more than it may, nor less than nine tenths of it, and always the latest', () => {
    const { cache, kept } = setUp(20)
    for (const [n, name] of names.entries()) {
      cache.set(name, n)
      const all = kept(names)
      expect(all.length).to.be.within(n < 20 ? n + 1 : 19, 20)
      expect(all).to.deep.equal(names.slice(n + 1 - all.length, n + 1))
    }
  })

  it('makes room for one where it may keep but one or two', () => {
    for (const atMost of [1, 2]) {
      const { cache, kept } = setUp(atMost)
      for (const [n, name] of names.entries()) cache.set(name, n)
      expect(kept(names)).to.deep.equal(names.slice(-atMost))
    }
  })

  it('takes an entry that is set again for a new one', () => {
    const { cache, kept } = setUp(2)
    cache.set('a', 1)
    cache.set('b', 1)
    cache.set('a', 2)
    cache.set('c', 1)
    expect(kept(['a', 'b', 'c'])).to.deep.equal(['a', 'c'])
  })

  it('makes room out of what was set longest ago, for whatever is set again in between', () => {
    const { cache, kept } = setUp(20)
    for (const name of [...names.slice(0, 19), 'name-0', ...names.slice(19, 21)]) cache.set(name, 1)
    expect(kept(names)).to.deep.equal(['name-0', ...names.slice(3, 21)])
  })

  it('makes room out of what is over before anything else', () => {
    const { time, cache, kept } = setUp(20)
    for (const name of names.slice(0, 15)) cache.set(name, 1)
    time.now = 100
    for (const name of names.slice(15, 25)) cache.set(name, 1)
    expect(kept(names)).to.deep.equal(names.slice(15))
  })

  it('forgets what is deleted', () => {
    const { cache } = setUp(2)
    cache.set('a', 1)
    cache.delete('a')
    expect(cache.get('a')).to.equal(undefined)
  })
})
