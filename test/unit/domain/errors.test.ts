import { expect } from 'chai'
import { R3SessionError } from '#src/domain/errors.js'

describe('an R3SessionError', () => {
  it('says its name and its code, and has no cause where there is none', () => {
    const error = new R3SessionError('wechat_busy')
    expect(String(error)).to.equal('R3SessionError: wechat_busy')
    expect(error).to.include({ code: 'wechat_busy', retryAfter: undefined })
    expect(error.facts).to.deep.equal({})
    expect(error).not.to.have.property('cause')
  })

  it('keeps what the log should say of it', () => {
    const cause = new Error('ECONNRESET')
    const error = new R3SessionError('wechat_invalid_response', {
      cause,
      facts: { errcode: 7 },
      retryAfter: 3,
    })
    expect(error).to.include({ cause, retryAfter: 3 })
    expect(error.facts).to.deep.equal({ errcode: 7 })
  })
})
