import { expect } from 'chai'
import { nestsDeeperThan } from '#src/domain/json.js'

describe('nestsDeeperThan', () => {
  it('counts arrays and objects that hold something, and takes scalars for no depth', () => {
    for (const flat of [1, 'text', true, null, [], {}]) expect(nestsDeeperThan(0, flat)).to.equal(false)
    for (const one of [[1], { a: 'text' }, [null], [[]], [{}, 1]]) {
      expect(nestsDeeperThan(0, one)).to.equal(true)
      expect(nestsDeeperThan(1, one)).to.equal(false)
    }
    for (const three of [[[[1]]], { a: { b: { c: null } } }, [0, 'x', null, {}, { a: [1] }, [{ b: 1 }]]]) {
      expect(nestsDeeperThan(2, three)).to.equal(true)
      expect(nestsDeeperThan(3, three)).to.equal(false)
    }
  })
})
