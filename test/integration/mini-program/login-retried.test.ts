import { expect } from 'chai'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

describe('an Idempotency-Key', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.close())
  const login = (body: object, key?: string) =>
    service.call('POST', '/v1/login', {
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
    })

  it('makes a retry get its session, and costs one exchange', async () => {
    const body = await service.weixin.login('ann')
    const first = await login(body, 'attempt-1')
    const retry = await login(body, 'attempt-1')
    expect(retry.status).to.equal(201)
    expect(retry.json).to.deep.equal(first.json)
    expect(service.weixin.calls).to.have.lengthOf(1)
    expectProblem(await login(body, 'attempt-2'), 400, 'code_used', 'relogin')
    expectProblem(await login(body), 400, 'code_used')
  })

  it('of a hundred parallel logins with one code lets its owner in, once', async () => {
    const body = await service.weixin.login('ann')
    const keys = Array.from({ length: 100 }, (_, i) => ['mine', 'other', undefined][i % 3])
    const answers = await Promise.all(keys.map(async (key) => ({ key, answer: await login(body, key) })))
    const winners = answers.filter(({ answer }) => answer.status === 201)
    expect(new Set(winners.map(({ key }) => key)).size).to.equal(1)
    expect(new Set(winners.map(({ answer }) => answer.json['r3session'])).size).to.equal(1)
    for (const { answer } of answers) if (answer.status !== 201) expectProblem(answer, 400, 'code_used')
    expect(service.weixin.calls).to.have.lengthOf(1)
  })

  it('is visible ASCII', async () => {
    for (const key of ['with space', 'x'.repeat(256)]) {
      expectProblem(await login({ code: 'x' }, key), 400, 'invalid_request')
    }
  })
})
