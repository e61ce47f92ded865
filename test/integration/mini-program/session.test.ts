import { expect } from 'chai'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

const DAY = 86_400_000

describe('GET and DELETE /v1/session', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.close())
  const session = (token?: string) => service.send('GET', '/v1/session', token === undefined ? {} : { token })

  it('tells who is logged in and until when', async () => {
    const token = await service.login('ann')
    const answer = await session(token)
    expect(answer.status).to.equal(200)
    expect(answer.json).to.deep.equal({
      appid: service.weixin.apps[0]?.appid,
      ...service.weixin.identity('ann'),
      createdAt: '2026-03-01T04:00:00.000Z',
      expiresAt: '2026-03-04T04:00:00.000Z',
    })
  })

  it('counts as a use, so that a session in use goes on, for 30 days at most', async () => {
    const token = await service.login()
    for (let day = 2; day < 30; day += 2) {
      service.time.now += 2 * DAY
      expect((await session(token)).status, `day ${day}`).to.equal(200)
    }
    expect((await session(token)).json['expiresAt']).to.equal('2026-03-31T04:00:00.000Z')
    service.time.now += 2 * DAY
    expectProblem(await session(token), 401, 'invalid_session', 'relogin')
  })

  it('ends a session that was not used for three days', async () => {
    const token = await service.login()
    service.time.now += 3 * DAY - 1
    expect((await session(token)).status).to.equal(200)
    service.time.now += 3 * DAY
    expectProblem(await session(token), 401, 'invalid_session')
  })

  it('ends a session by DELETE, once and for all, and confirms it for any token', async () => {
    const token = await service.login()
    const logout = (token: string) => service.send('DELETE', '/v1/session', { token })
    const answer = await logout(token)
    expect(answer.status).to.equal(204)
    expect(answer.text).to.equal('')
    expectProblem(await session(token), 401, 'invalid_session')
    expect((await logout(token)).status).to.equal(204)
    expect((await logout('nonsense')).status).to.equal(204)
  })

  it('leaves the other sessions of a user alone when one ends', async () => {
    const [phone, tablet] = [await service.login('ann'), await service.login('ann')]
    await service.send('DELETE', '/v1/session', { token: phone })
    expect((await session(tablet)).status).to.equal(200)
  })

  it('gives the same answer for unknown, malformed, expired and ended tokens', async () => {
    const [ended, expired] = [await service.login(), await service.login()]
    await service.send('DELETE', '/v1/session', { token: ended })
    service.time.now += 3 * DAY
    const tokens = ['0'.repeat(128), 'nonsense', ended, expired, ended.toUpperCase(), `${expired}0`, 'a b']
    const answers = await Promise.all(tokens.map((token) => session(token)))
    const bodies = answers.map(({ text, json }) => text.replaceAll(String(json['requestId']), '<id>'))
    const heads = answers.map(({ headers }) =>
      [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date').join('\n'),
    )
    expect(new Set(bodies).size).to.equal(1)
    expect(new Set(heads).size).to.equal(1)
    expect(answers[0]?.headers.get('www-authenticate')).to.equal('Bearer error="invalid_token"')
  })

  it('asks for credentials where none were sent', async () => {
    for (const authorization of ['', 'Bearer', 'Bearer ', 'Basic dXNlcjpwYXNz']) {
      const answer = await service.call('GET', '/v1/session', { headers: { authorization } })
      expectProblem(answer, 401, 'unauthorized', 'relogin')
      expect(answer.headers.get('www-authenticate')).to.equal('Bearer')
    }
    expectProblem(await session(), 401, 'unauthorized')
    expectProblem(await service.send('DELETE', '/v1/session'), 401, 'unauthorized')
  })
})
