import { expect } from 'chai'
import { demoApp } from '#src/sandbox/index.js'
import { openSealed } from '../../support/service/start-sandbox.js'
import { club, opens, PHONE, STABLE_TOKEN, shop, useSandboxes } from '../../support/service/use-sandboxes.js'

describe("the sandbox's actions over HTTP", () => {
  const start = useSandboxes()

  it('/sandbox/login gives a code of the user, of demo where none is named', async () => {
    const { weixin, post, exchange } = await start()
    for (const [body, user] of [
      [undefined, 'demo'],
      [{}, 'demo'],
      [{ user: 'anna' }, 'anna'],
    ] as const) {
      const { status, type, json } = await post('/sandbox/login', body)
      expect([status, type]).to.deep.equal([200, 'application/json'])
      expect((await exchange(json.code)).json).to.include(weixin.identity(user))
    }
  })

  it('/sandbox/login serves the app that is named', async () => {
    const { weixin, post, exchange } = await start({ apps: [shop, club] })
    const { code } = (await post('/sandbox/login', { user: 'anna', appid: club.appid })).json
    expect((await exchange(code, club)).json).to.include(weixin.identity('anna', { appid: club.appid }))
  })

  it('the actions give user info, phone codes and everything else that the library gives', async () => {
    const { post, session, stableToken } = await start()
    const { openid, session_key } = await session('anna')
    const access_token = await stableToken()
    const ask = async (path: string, body: object = {}) =>
      (await post(`/sandbox/${path}`, { user: 'anna', ...body })).json

    const info = await ask('user-info', { profile: { nickName: 'Anna' } })
    expect(info).to.have.all.keys('userInfo', 'rawData', 'signature', 'encryptedData', 'iv')
    expect(JSON.parse(openSealed(info, session_key))).to.include({ openId: openid, nickName: 'Anna' })
    const { code } = await ask('phone-code')
    expect((await post(PHONE, { code, openid }, { access_token })).json.errcode).to.equal(0)
    expect(openSealed(await ask('phone'), session_key)).to.include('phoneNumber')
    expect(openSealed(await ask('share'), session_key)).to.include('openGId')
    expect(openSealed(await ask('we-run'), session_key)).to.include('stepInfoList')
    expect(openSealed(await ask('seal', { data: { a: 1 } }), session_key)).to.include('{"a":1,"watermark"')
    expect((await ask('identity')).openid).to.equal(openid)
    expect(await ask('rotate-key')).to.deep.equal({})
    expect(opens(await ask('user-info'), session_key)).to.equal(false)
    expect(await ask('block')).to.deep.equal({})
    expect((await session('anna')).errcode).to.equal(40226)
  })

  it('/sandbox/fail and /sandbox/recover set and lift faults, which never concern the actions themselves', async () => {
    const { post, exchange } = await start()
    expect((await post('/sandbox/fail', { errcode: -1, times: 9 })).status).to.equal(200)
    const { code } = (await post('/sandbox/login')).json
    expect((await exchange(code)).json).to.include({ errcode: -1 })
    expect((await post('/sandbox/recover')).status).to.equal(200)
    expect((await exchange(code)).json).to.have.property('openid')
  })

  it("an action answers 400 to what it can't do, and says why", async () => {
    const { post, call } = await start()
    const bad: [string, unknown][] = [
      ['/sandbox/login', { user: '' }],
      ['/sandbox/login', { user: 'x'.repeat(65) }],
      ['/sandbox/login', { user: null }],
      ['/sandbox/login', { appid: 'wx' }],
      ['/sandbox/login', { appid: 7 }],
      ['/sandbox/login', []],
      ['/sandbox/login', 'demo'],
      ['/sandbox/login', null],
      ['/sandbox/user-info', { profile: 'Anna' }],
      ['/sandbox/seal', {}],
      ['/sandbox/seal', { data: [1] }],
      ['/sandbox/seal', { data: 7 }],
      ['/sandbox/seal', { data: null }],
      ['/sandbox/fail', {}],
      ['/sandbox/fail', { errcode: 'x' }],
    ]
    for (const [path, body] of bad) {
      const { status, type, json } = await post(path, body)
      expect({ status, type }, JSON.stringify(body)).to.deep.equal({
        status: 400,
        type: 'application/json',
      })
      expect(json.error).to.be.a('string').and.not.equal('')
    }
    expect(await call('POST', '/sandbox/login', {}, '{"user":')).to.include({ status: 400 })
  })

  it('the sandbox answers 404 and 405 to paths and methods of no action', async () => {
    const { weixin, get, post } = await start()
    expect((await post('/sandbox/log')).status).to.equal(404)
    expect((await post('/sandbox/constructor')).status).to.equal(404)
    expect((await get('/sandbox/login')).status).to.equal(405)
    expect((await fetch(`${weixin.url}/sandbox/login`)).headers.get('allow')).to.equal('POST')
    expect(weixin.calls).to.deep.equal([])
  })

  it('the actions give keys, payments and codes as the library does', async () => {
    const { post, weixin } = await start()
    const by = async (path: string) => (await post(`/sandbox/${path}`, { user: 'anna' })).json
    expect(await by('user-key')).to.deep.equal(await weixin.userKey('anna'))
    expect(await by('pay')).to.have.all.keys('transactionId', 'mchId', 'outTradeNo')
    const codes = [await by('plugin-login'), await by('phone-code')]
    for (const { code } of codes) expect(code).to.match(/^[0-9a-f]{64}$/)
    const { code } = (await post('/sandbox/phone-code', { numericCountryCode: true })).json
    const { appid, secret } = demoApp
    const asked = await post(STABLE_TOKEN, { appid, secret, grant_type: 'client_credential' })
    const { access_token } = asked.json
    expect((await post(PHONE, { code }, { access_token })).json.phone_info.countryCode).to.equal(86)
  })
})
