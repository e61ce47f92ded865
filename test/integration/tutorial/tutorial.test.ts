import { expect } from 'chai'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

describe("the tutorial's routes", () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.close())

  const expectToken = (answer: { status: number; text: string; headers: Headers }) => {
    expect(answer.status, answer.text).to.equal(200)
    expect(answer.headers.get('content-type')).to.equal('text/plain; charset=utf-8')
    expect(answer.text).to.match(/^[0-9a-f]{128}$/)
  }

  const types = [
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    'text/html; charset=utf-8',
    'text/plain; charset=gbk',
    'nonsense',
  ]
  for (const type of types) {
    it(`give the bare token for a bare code sent as ${type}`, async () => {
      const { code } = await service.weixin.login()
      const body = Buffer.from(code)
      expectToken(
        await service.call('POST', '/user/getuserinfo', { headers: { 'content-type': type }, body }),
      )
    })
  }

  it('give the bare token for a code without any content type', async () => {
    const { code } = await service.weixin.login()
    expectToken(await service.call('POST', '/user/getuserinfo', { body: Buffer.from(code) }))
  })

  it('take the code as a JSON string, as an object, as a form, and in the query of GET and POST', async () => {
    const { weixin, call } = service
    const post = (body: string, type: string) =>
      call('POST', '/user/getuserinfo', { headers: { 'content-type': type }, body })
    expectToken(await post(JSON.stringify((await weixin.login()).code), 'application/json'))
    expectToken(await post(JSON.stringify(await weixin.login()), 'application/json'))
    expectToken(await post(JSON.stringify(await weixin.login()), 'text/plain'))
    expectToken(await post(`code=${(await weixin.login()).code}`, 'application/x-www-form-urlencoded'))
    expectToken(await post(`\n ${(await weixin.login()).code}\r\n`, 'application/json'))
    expectToken(await call('GET', `/user/getuserinfo?code=${(await weixin.login()).code}`))
    expectToken(await call('POST', `/user/getuserinfo?code=${(await weixin.login()).code}`))
  })

  it('open sealed data sent by POST and by GET, to the decrypted object itself', async () => {
    const r3session = await service.login('ann')
    const { encryptedData, iv } = await service.weixin.userInfo('ann')
    const { openid } = service.weixin.identity('ann')
    const posted = await service.send('POST', '/user/getuserunionid', {
      body: { r3session, encryptedData, iv },
    })
    expect(posted.status, posted.text).to.equal(200)
    expect(posted.json).to.include({ openId: openid })
    const query = new URLSearchParams({
      r3session,
      encryptedData,
      iv,
      errMsg: 'getUserInfo:ok',
      userInfo: '{}',
    })
    const got = await service.call('GET', `/user/getuserunionid?${query}`)
    expect(got.json).to.deep.equal(posted.json)
  })

  it('repair a query whose pluses were not escaped', async () => {
    const r3session = await service.login('ann')
    const { encryptedData, iv } = await service.weixin.userInfo('ann')
    const raw = `r3session=${r3session}&encryptedData=${encryptedData}&iv=${iv}`
    expect((await service.call('GET', `/user/getuserunionid?${raw}`)).status).to.equal(200)
  })

  it('check rawData and signature when both come', async () => {
    const r3session = await service.login('ann')
    const { encryptedData, iv, rawData, signature } = await service.weixin.userInfo('ann')
    const post = (body: object) => service.send('POST', '/user/getuserunionid', { body })
    expect((await post({ r3session, encryptedData, iv, rawData, signature })).status).to.equal(200)
    expectProblem(
      await post({ r3session, encryptedData, iv, rawData: `${rawData} `, signature }),
      422,
      'signature_mismatch',
    )
  })

  it('fail like every other route, never with something that passes for a token', async () => {
    const { call, send } = service
    expectProblem(
      await call('POST', '/user/getuserinfo', { body: 'unknown-code' }),
      400,
      'code_invalid',
      'relogin',
    )
    expectProblem(await call('GET', '/user/getuserinfo?code=unknown'), 400, 'code_invalid')
    const bad = [
      '',
      ' ',
      '{',
      '{"code":1}',
      '{}',
      '"',
      '[]',
      'two words',
      'code=',
      'code=a&code=b',
      '{"code":["a"]}',
    ]
    for (const body of bad)
      expectProblem(await call('POST', '/user/getuserinfo', { body }), 400, 'invalid_request')
    expectProblem(await call('GET', '/user/getuserinfo'), 400, 'invalid_request')
    expectProblem(await call('GET', '/user/getuserinfo?code=a&code=b'), 400, 'invalid_request')

    const sealed = { encryptedData: 'x', iv: 'y' }
    expectProblem(
      await send('POST', '/user/getuserunionid', { body: sealed }),
      401,
      'unauthorized',
      'relogin',
    )
    expectProblem(
      await send('POST', '/user/getuserunionid', { body: { ...sealed, r3session: '' } }),
      401,
      'unauthorized',
    )
    expectProblem(
      await send('POST', '/user/getuserunionid', { body: { ...sealed, r3session: 1 } }),
      400,
      'invalid_request',
    )
    expectProblem(
      await send('POST', '/user/getuserunionid', { body: { ...sealed, r3session: '0'.repeat(128) } }),
      401,
      'invalid_session',
    )
    expectProblem(await call('GET', '/user/getuserunionid?r3session=0'), 400, 'invalid_request')
    expectProblem(await call('POST', '/user/getuserunionid', { body: '[1]' }), 401, 'unauthorized')
  })

  it('give the activity id of a private message as an object of its own', async () => {
    const { code } = await service.weixin.login('ann')
    const { text: r3session } = await service.call('POST', '/user/getuserinfo', { body: code })
    const activityId = `1151_${'x'.repeat(80)}`
    const body = { ...(await service.weixin.seal('ann', activityId)), r3session }
    const opened = await service.send('POST', '/user/getuserunionid', { body })
    expect(opened.status, opened.text).to.equal(200)
    expect(opened.json).to.deep.equal({ activityId })
  })

  it('do not spend a code on HEAD', async () => {
    const { code } = await service.weixin.login()
    const head = await service.call('HEAD', `/user/getuserinfo?code=${code}`)
    expect(head.status).to.equal(405)
    expect(head.headers.get('allow')).to.equal('GET, POST')
    expect(service.weixin.calls).to.have.lengthOf(0)
  })
})
