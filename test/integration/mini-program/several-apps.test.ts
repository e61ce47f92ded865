import { expect } from 'chai'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

describe('several apps', () => {
  const [WXA, WXB] = ['wxaaaaaaaaaaaaaaaa', 'wxbbbbbbbbbbbbbbbb']
  const apps = [
    { appid: WXA, secret: 'secret-a' },
    { appid: WXB, secret: 'secret-b' },
  ]
  let service: RunningService
  beforeEach(async () => {
    service = await startService({ apps })
  })
  afterEach(() => service.close())
  const login = async (appid: string) => {
    const { json } = await service.send('POST', '/v1/login', {
      body: { ...(await service.weixin.login('ann', { appid })), appid },
    })
    return String(json['r3session'])
  }

  it('have users, sessions and keys of their own', async () => {
    const [a, b] = [await login(WXA), await login(WXB)]
    const session = async (token: string) => (await service.send('GET', '/v1/session', { token })).json
    expect(await session(a)).to.include({
      appid: WXA,
      openid: service.weixin.identity('ann', { appid: WXA }).openid,
    })
    expect(await session(b)).to.include({
      appid: WXB,
      openid: service.weixin.identity('ann', { appid: WXB }).openid,
    })
    const forB = await service.weixin.phone('ann', { appid: WXB })
    expectProblem(await service.send('POST', '/v1/decrypt', { token: a, body: forB }), 422, 'decrypt_failed')
    expect((await service.send('POST', '/v1/decrypt', { token: b, body: forB })).status).to.equal(200)
  })

  it('take no code of each other', async () => {
    const { code } = await service.weixin.login('ann', { appid: WXB })
    expectProblem(await service.send('POST', '/v1/login', { body: { code } }), 400, 'code_invalid')
    expectProblem(
      await service.send('POST', '/v1/login', { body: { code, appid: 'wxc' } }),
      400,
      'invalid_request',
    )
  })
})
