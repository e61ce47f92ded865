import { expect } from 'chai'
import fc from 'fast-check'
import { formFields } from '#src/app/http/input/form.js'

describe('a form or a query string', () => {
  it('reads as URLSearchParams reads it, escapes that are none and bad UTF-8 included', () => {
    const piece = fc.constantFrom(
      'a',
      'b=',
      '=',
      '&',
      '+',
      '%',
      '%4',
      '%41',
      '%2B',
      '%ff',
      '%e4%b8%ad',
      '%zz',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('')
        const expected: Record<string, string | string[]> = {}
        const search = new URLSearchParams(text)
        for (const name of search.keys()) {
          const all = search.getAll(name)
          expected[name] = all.length > 1 ? all : String(all[0])
        }
        expect(formFields(text, 100)).to.deep.equal(expected)
      }),
      { numRuns: 2000 },
    )
  })

  it('keeps what is not ASCII, also beside an escape that is none', () => {
    expect(formFields('a=中%zz&中=%41中', 100)).to.deep.equal({ a: '中%zz', 中: 'A中' })
  })

  it('is not looked at when it has too many fields', () => {
    expect(formFields('a=1&b=2&c=3', 3)).to.deep.equal({ a: '1', b: '2', c: '3' })
    expect(formFields('a=1&b=2&c=3&d=4', 3)).to.equal(undefined)
    expect(formFields('&'.repeat(100), 100)).to.equal(undefined)
  })

  it('has fields of any name', () => {
    expect(Object.entries(formFields('__proto__=1&constructor=2', 100) ?? {})).to.deep.equal([
      ['__proto__', '1'],
      ['constructor', '2'],
    ])
  })
})
