import { expect } from 'chai'
import fc from 'fast-check'
import { codeFields } from '#src/app/routes/tutorial.js'

const types = [
  '',
  'application/json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/octet-stream',
]

describe("the body of the tutorial's login", () => {
  it('gives its code in every shape and under every content type', () => {
    const code = fc.stringMatching(/^[A-Za-z0-9_-]{1,128}$/)
    fc.assert(
      fc.property(code, fc.constantFrom(...types), (code, type) => {
        const shapes = [
          code,
          JSON.stringify(code),
          JSON.stringify({ code, errMsg: 'login:ok' }),
          `code=${code}`,
          `a=1&code=${code}`,
        ]
        for (const text of shapes) expect(codeFields({ text, type })['code'], text).to.equal(code)
      }),
    )
  })

  it('survives a form encoder that took the bare code for a field name', () => {
    expect(codeFields({ text: 'abc=', type: 'application/x-www-form-urlencoded' })['code']).to.equal('abc')
  })

  it('never does worse than refuse, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...types), (text, type) => {
        try {
          codeFields({ text, type })
        } catch (error) {
          expect(error).to.have.property('code', 'invalid_request')
        }
      }),
    )
  })
})
