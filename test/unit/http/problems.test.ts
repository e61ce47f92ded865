import { expect } from 'chai'
import { ExplainedError, errorForms, problemAnswer } from '#src/app/http/problems.js'
import { errorCodes, R3SessionError } from '#src/domain/errors.js'

const requestId = '5f0c1f6e-7f0a-4a57-8f39-6c3f7a3f2a11'

describe('the answer for an error', () => {
  it('has for every code its status, the headers of every problem, and the code', () => {
    for (const code of errorCodes) {
      const { status, headers, body } = problemAnswer(new R3SessionError(code), { requestId })
      expect(status).to.equal(errorForms[code].status)
      expect(headers).to.include({
        'Content-Type': 'application/problem+json',
        'Content-Language': 'en',
        Vary: 'Accept-Language',
      })
      expect(JSON.parse(body)).to.include({ status, code, requestId })
      expect(headers['Retry-After'] !== undefined, code).to.equal(status === 429 || status === 503)
      expect(headers['WWW-Authenticate'] !== undefined, code).to.equal(status === 401)
    }
  })

  it('names the scheme that was tried, or those there are', () => {
    const challenge = (code: 'unauthorized' | 'invalid_session' | 'invalid_client', authorization?: string) =>
      problemAnswer(new R3SessionError(code), { requestId, ...(authorization && { authorization }) }).headers[
        'WWW-Authenticate'
      ]
    expect(challenge('unauthorized')).to.equal('Bearer')
    expect(challenge('invalid_session')).to.equal('Bearer error="invalid_token"')
    expect(challenge('invalid_client')).to.match(/^Bearer, Basic /)
    expect(challenge('invalid_client', 'Bearer x')).to.equal('Bearer')
    expect(challenge('invalid_client', 'Basic x')).to.match(/^Basic /)
  })

  it('shows a detail in the language of the caller with the place that says more, and nothing of facts and cause', () => {
    const detail = { en: 'Send it again.', zh: '请重新发送。' }
    const error = new ExplainedError('code_invalid', detail, {
      facts: { errcode: 40029, rid: 'a rid', address: '192.0.2.1', reason: 'a reason' },
      cause: new Error('a cause'),
    })
    const english = problemAnswer(error, { requestId })
    const chinese = problemAnswer(error, { requestId, language: 'zh' })
    expect(JSON.parse(english.body)).to.include({
      detail: 'Send it again. See /docs#error-code_invalid.',
    })
    expect(JSON.parse(chinese.body)).to.include({
      detail: '请重新发送。详见 /docs#error-code_invalid。',
    })
    expect(chinese.headers).to.include({ 'Content-Language': 'zh-CN' })
    for (const hidden of ['40029', 'a rid', '192.0.2.1', 'a reason', 'a cause']) {
      expect(english.body + JSON.stringify(english.headers)).not.to.include(hidden)
    }
  })
})
