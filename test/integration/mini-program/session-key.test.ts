import { expect } from 'chai'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

describe('the session_key over HTTP', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.close())
  const check = (token: string) => service.send('POST', '/v1/session/check', { token })
  const reset = (token: string) => service.send('POST', '/v1/session/reset-key', { token })

  it('is checked at WeChat', async () => {
    const token = await service.login('ann')
    expect((await check(token)).json).to.deep.equal({ valid: true })
    service.weixin.rotateKey('ann')
    expect((await check(token)).json).to.deep.equal({ valid: false })
    expect((await check(await service.login('ann'))).json).to.deep.equal({ valid: true })
  })

  it('is replaced, and data sealed with the new one opens', async () => {
    const token = await service.login('ann')
    const before = await service.weixin.userInfo('ann')
    const answer = await reset(token)
    expect(answer.status, answer.text).to.equal(204)
    expect((await check(token)).json).to.deep.equal({ valid: true })
    for (const body of [before, await service.weixin.userInfo('ann')]) {
      expect((await service.send('POST', '/v1/decrypt', { token, body })).status).to.equal(200)
    }
  })

  it('asks for a new login when it is dead', async () => {
    const token = await service.login('ann')
    service.weixin.rotateKey('ann')
    expectProblem(await reset(token), 401, 'invalid_session', 'relogin')
  })
})
