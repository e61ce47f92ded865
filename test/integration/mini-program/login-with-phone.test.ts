import { expect } from 'chai'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

const phonePath = '/wxa/business/getuserphonenumber'

describe('a login with phoneCode', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService({ env: { WECHAT_TIMEOUT: '2000' } })
  })
  afterEach(() => service.close())
  const login = (body: object, key?: string) =>
    service.call('POST', '/v1/login', {
      headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
      body: JSON.stringify(body),
    })
  const codes = async (user = 'ann', pressedBy = user) => ({
    code: (await service.weixin.login(user)).code,
    phoneCode: (await service.weixin.phoneCode(pressedBy)).code,
  })
  const works = async ({ json }: { json: Record<string, unknown> }) =>
    (await service.send('GET', '/v1/session', { token: String(json['r3session']) })).status === 200
  const phoneCalls = () => service.weixin.calls.filter(({ path }) => path === phonePath)

  it('gives session and number, having sent the openid along', async () => {
    const answer = await login(await codes())
    expect(answer.status, answer.text).to.equal(201)
    expect(answer.json).to.have.all.keys('r3session', 'expiresIn', 'phone')
    expect(answer.json['phone']).to.have.all.keys('phoneNumber', 'purePhoneNumber', 'countryCode')
    expect(phoneCalls()[0]?.body).to.include({ openid: service.weixin.identity('ann').openid })
    expect(service.lines.filter((line) => 'did' in line)).to.have.lengthOf(2)
    expect(await works(answer)).to.equal(true)
  })

  it('has no phone without one, whole wx results included', async () => {
    const answer = await login({ ...(await service.weixin.login('ann')), errMsg: 'login:ok' })
    expect(answer.json).to.have.all.keys('r3session', 'expiresIn')
  })

  it('costs nothing more when it is repeated with its key, at once or later, or asked for again', async () => {
    const body = await codes()
    const both = await Promise.all([login(body, 'attempt-1'), login(body, 'attempt-1')])
    const third = await login(body, 'attempt-1')
    for (const { json } of both) expect(json).to.deep.equal(third.json)
    const again = await service.send('POST', '/v1/phone-number', {
      token: String(third.json['r3session']),
      body: { code: body.phoneCode },
    })
    expect(again.json).to.deep.equal(third.json['phone'])
    expect(service.weixin.paidCalls).to.equal(1)
    expect(phoneCalls()).to.have.lengthOf(1)
    expectProblem(await login(body, 'attempt-2'), 400, 'code_used')
  })

  it('gives the number to a retry when only that half had failed', async () => {
    const body = await codes()
    service.weixin.fail({ errcode: 45011, path: phonePath })
    const first = await login(body, 'attempt-1')
    expect(first.json['phone']).to.deep.equal({ code: 'wechat_rate_limited', action: 'retry' })
    const retry = await login(body, 'attempt-1')
    expect(retry.json['r3session']).to.equal(first.json['r3session'])
    expect(retry.json['phone']).to.include.keys('phoneNumber')
  })

  it('is a login whatever becomes of the number', async () => {
    const notCodes = ['', ' ', '中', '\ud83d', 'x'.repeat(10_000), 'the code is a mock one', '<html>']
    for (const phoneCode of notCodes) {
      const answer = await login({ ...(await codes()), phoneCode })
      expect(answer.status, phoneCode).to.equal(201)
      expect(answer.json['phone']).to.deep.equal({ code: 'code_invalid', action: 'relogin' })
    }
    expect(phoneCalls()).to.deep.equal([])

    const faults = [
      [{ errcode: -1, times: 2 }, 'wechat_busy', 'retry'],
      [{ errcode: 40029 }, 'code_invalid', 'relogin'],
      [{ errcode: 48001 }, 'wechat_misconfigured', 'contact_operator'],
      [{ errcode: 45009 }, 'wechat_quota', 'retry'],
      [{ errcode: 42001, times: 2 }, 'wechat_invalid_response', 'relogin'],
      [{ half: true }, 'wechat_invalid_response', 'relogin'],
      [{ status: 502 }, 'wechat_invalid_response', 'relogin'],
    ] as const
    for (const [fault, code, action] of faults) {
      service.weixin.fail({ ...fault, path: phonePath })
      const answer = await login(await codes())
      expect(answer.status).to.equal(201)
      expect(answer.json['phone'], JSON.stringify(fault)).to.deep.equal({ code, action })
      expect(await works(answer)).to.equal(true)
    }
    service.weixin.fail({ errcode: 40164, path: '/cgi-bin/stable_token' })
    // The access_token is still good, so nobody asks for another.
    expect((await login(await codes())).json['phone']).to.include.keys('phoneNumber')
    expect((await login(await codes('bob', 'ann'))).json['phone']).to.include({ code: 'code_invalid' })
    // A login code for a phone code.
    const { code } = await service.weixin.login('ann')
    expect((await login({ ...(await codes()), phoneCode: code })).json['phone']).to.include({
      code: 'code_invalid',
    })
  })

  it('says in the log why there is no number: what is ours to mend as an error, with the request that met it', async () => {
    const linesOf = async (answer: Promise<{ headers: Headers }>) => {
      const id = (await answer).headers.get('x-request-id')
      return service.lines.filter(
        (line) => 'requestId' in line && line.requestId === id && !('method' in line),
      ) as object[]
    }
    service.weixin.fail({ errcode: 48001, path: phonePath })
    expect(await linesOf(login(await codes()))).to.have.nested.property('[0].errcode', 48001)
    expect(await linesOf(login(await codes('bob', 'ann')))).to.have.nested.property(
      '[0].code',
      'code_invalid',
    )
  })

  it('that fails fails as every login does, and spends no phone code', async () => {
    const { phoneCode } = await codes()
    expectProblem(await login({ code: 'none', phoneCode }), 400, 'code_invalid', 'relogin')
    expectProblem(await login({ phoneCode }), 400, 'invalid_request')
    for (const wrong of [1, null, {}, ['x']])
      expectProblem(await login({ ...(await codes()), phoneCode: wrong }), 400, 'invalid_request')
    const answer = await login({ ...(await codes()), phoneCode })
    expect(answer.json['phone']).to.include.keys('phoneNumber')
  })

  it('works in the app that it names, and is no matter of the tutorial', async () => {
    const [app] = service.weixin.apps
    const answer = await login({ ...(await codes()), appid: app?.appid })
    expect(answer.json['phone']).to.include.keys('phoneNumber')
    const tutorial = await service.send('POST', '/user/getuserinfo', { body: await codes() })
    expect(tutorial.text).to.match(/^[0-9a-f]{128}$/)
    expect(phoneCalls()).to.have.lengthOf(1)
  })
})
