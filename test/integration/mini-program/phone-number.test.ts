import { expect } from 'chai'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

describe('POST /v1/phone-number', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService({ env: { WECHAT_TIMEOUT: '2000' } })
  })
  afterEach(() => service.close())
  const ask = (token: string, body: unknown) => service.send('POST', '/v1/phone-number', { token, body })
  const phonePath = '/wxa/business/getuserphonenumber'

  it("gives the number, having sent the session's openid along", async () => {
    const token = await service.login('ann')
    const answer = await ask(token, await service.weixin.phoneCode('ann'))
    expect(answer.status, answer.text).to.equal(200)
    expect(answer.json).to.have.all.keys('phoneNumber', 'purePhoneNumber', 'countryCode')
    expect(service.weixin.calls.at(-1)?.body).to.include({ openid: service.weixin.identity('ann').openid })
  })

  it('pays once for a code that is sent twice, and refuses it in the session of another', async () => {
    const [ann, bob] = [await service.login('ann'), await service.login('bob')]
    const body = await service.weixin.phoneCode('ann')
    const both = await Promise.all([ask(ann, body), ask(ann, body)])
    expect(both.map(({ status }) => status)).to.deep.equal([200, 200])
    expect((await ask(ann, body)).json).to.deep.equal(both[0]?.json)
    expectProblem(await ask(bob, body), 400, 'code_invalid', 'relogin')
    expect(service.weixin.paidCalls).to.equal(1)
  })

  it('says so when a login code is sent by mistake, and the login does the reverse', async () => {
    const token = await service.login('ann')
    const wrong = await ask(token, await service.weixin.login('ann'))
    expectProblem(wrong, 400, 'code_invalid')
    expect(wrong.json['detail']).to.match(/A code of wx\.login does not work here/)
    const chinese = await service.call('POST', '/v1/phone-number', {
      headers: {
        authorization: `Bearer ${token}`,
        'accept-language': 'zh-CN',
        'content-type': 'application/json',
      },
      body: JSON.stringify(await service.weixin.login('ann')),
    })
    expect(chinese.json['detail']).to.match(
      /^请发送手机号按钮事件中的 code.*wx\.login 的 code 在此无效。详见 \/docs#error-code_invalid。$/,
    )
    const reverse = await service.send('POST', '/v1/login', { body: await service.weixin.phoneCode('ann') })
    expectProblem(reverse, 400, 'code_invalid')
    expect(reverse.json['detail']).to.match(/A code of the phone button does not work here/)
  })

  it('refreshes an access_token that WeChat does not take, once, and repeats the call', async () => {
    const token = await service.login('ann')
    service.weixin.fail({ errcode: 42001, path: phonePath })
    expect((await ask(token, await service.weixin.phoneCode('ann'))).status).to.equal(200)
    service.weixin.fail({ errcode: 40001, path: phonePath, times: 2 })
    expectProblem(await ask(token, await service.weixin.phoneCode('ann')), 502, 'wechat_invalid_response')
  })

  it('fails as the contract says when there is no access_token, while logins go on', async () => {
    const token = await service.login('ann')
    service.weixin.fail({ errcode: 40164, path: '/cgi-bin/stable_token', times: 100 })
    expectProblem(await ask(token, await service.weixin.phoneCode('ann')), 502, 'wechat_misconfigured')
    expectProblem(await service.send('POST', '/v1/session/check', { token }), 502, 'wechat_misconfigured')
    await service.login('bob')
  })

  it('wants a session and a code', async () => {
    expectProblem(
      await service.send('POST', '/v1/phone-number', { body: { code: 'x' } }),
      401,
      'unauthorized',
    )
    expectProblem(await ask('0'.repeat(128), { code: 'x' }), 401, 'invalid_session')
    expectProblem(await ask(await service.login(), {}), 400, 'invalid_request')
  })
})
