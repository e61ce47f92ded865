import { expect } from 'chai'
import { createBoundedCache } from '#src/adapters/store/bounded-cache.js'

describe('the bounded cache', () => {
  const named = (name: string) => ({ name, wasUsed: false })

  function filled(most: number, names: string) {
    const cache = createBoundedCache<ReturnType<typeof named>>(most)
    const add = (more: string) => {
      for (const name of more) cache.set(name, named(name))
    }
    add(names)
    const kept = (asked: string) => [...asked].filter((name) => cache.get(name) !== undefined).join('')
    return { ...cache, add, kept }
  }

  it('keeps as many as it may, and drops one for each that comes then', () => {
    const { add, kept } = filled(3, 'abc')
    add('d')
    expect(kept('abcd')).to.equal('bcd')
  })

  it('drops what was not used before what was, and what was used long ago before what was lately', () => {
    const { add, get, kept } = filled(3, 'abc')
    get('a')
    get('b')
    add('d')
    get('b')
    add('e')
    expect(kept('abcde')).to.equal('bde')
  })

  it('takes those who come now in the place of those who came once, however rarely they are used', () => {
    const { add, kept } = filled(4, 'abcd')
    for (let round = 0; round < 8; round++) for (const name of 'wxyz') if (kept(name) === '') add(name)
    expect(kept('wxyz')).to.equal('wxyz')
  })

  it('makes room also where all were used', () => {
    const { add, kept } = filled(3, 'abc')
    kept('abc')
    add('d')
    expect(kept('abcd')).to.have.lengthOf(3).and.include('d')
  })

  it('drops nothing for another value of what is there', () => {
    const { set, kept, get } = filled(2, 'ab')
    set('a', { ...named('a'), name: 'other' })
    expect(kept('ab')).to.equal('ab')
    expect(get('a')?.name).to.equal('other')
  })

  it('has room again for what was deleted, and for all after it was cleared', () => {
    const { delete: remove, clear, add, kept } = filled(2, 'ab')
    remove('a')
    add('c')
    expect(kept('abc')).to.equal('bc')
    clear()
    add('de')
    expect(kept('bcde')).to.equal('de')
  })

  it('never holds more, whatever comes and goes', () => {
    const { add, delete: remove, kept } = filled(4, '')
    const letters = 'abcdefghijklmnopqrstuvwxyz'
    for (let n = 0; n < 500; n++) {
      const letter = letters[(n * n + 7 * n) % letters.length] ?? ''
      if (n % 5 === 4) remove(letter)
      else add(letter)
      if (n % 3 === 0) kept(letter)
    }
    expect(kept(letters).length).to.be.within(1, 4)
  })
})
