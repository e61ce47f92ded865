import type { Client } from '@r3session/client'
import { createMemoryStorage } from '@r3session/wx-simulator'
import { expect } from 'chai'
import { type PhoneOptions, type ServicePhone, startPhone, tokenOf } from '../support/page/service-phone.js'
import { refusal } from '../support/refusal.js'
import { type RunningService, startService } from '../support/service/start-service.js'
import { startLossyProxy } from '../support/wechat/lossy-proxy.js'

describe('the client with the service', () => {
  let service: RunningService
  let phone: ServicePhone
  beforeEach(async () => {
    service = await startService()
    phone = start()
  })
  afterEach(() => service.close())

  const start = (options?: PhoneOptions) => startPhone(service, options)
  const exchanges = () => service.weixin.calls.filter(({ path }) => path === '/sns/jscode2session').length
  const openid = (user: string) => service.weixin.identity(user).openid
  /** Calls the route that a gateway asks for forward auth, without the gateway. */
  const callApi = (client: Client, n = 0) => client.request({ url: `/v1/auth?n=${n}` })
  const fifty = () => Promise.all(Array.from({ length: 50 }, (_, n) => callApi(phone.client, n)))

  it('the client logs in and knows the user', async () => {
    expect(await phone.client.login()).to.deep.equal({ expiresIn: 259_200 })
    expect(await phone.client.session()).to.include({ openid: openid('anna') })
    const { header } = await callApi(phone.client)
    expect(header).to.include({ 'x-wx-openid': openid('anna'), 'x-wx-source': 'wx_client' })
  })

  it('the client answers 50 requests at once after a start, with one wx.login', async () => {
    const answers = await fifty()
    expect(answers.map(({ statusCode }) => statusCode)).to.deep.equal(Array(50).fill(200))
    expect(phone.logins).to.equal(1)
    expect(exchanges()).to.equal(1)
  })

  it('the client answers 50 requests at once with an expired token, with one more wx.login', async () => {
    await phone.client.login()
    service.time.now += 259_200_000
    const answers = await fifty()
    expect(answers.map(({ statusCode }) => statusCode)).to.deep.equal(Array(50).fill(200))
    expect(phone.logins).to.equal(2)
    expect(exchanges()).to.equal(2)
  })

  it('the client asks the service how long a stored session is valid, and use extends it', async () => {
    const storage = createMemoryStorage()
    await start({ storage }).client.login()
    service.time.now += 86_400_000
    const again = start({ storage })
    expect(await again.client.login()).to.deep.equal({ expiresIn: 259_200 })
    expect(again.logins).to.equal(0)
    expect(exchanges()).to.equal(1)
  })

  it('the client stores the token encrypted, as the Storage panel shows', async () => {
    await phone.client.login()
    const { entries } = phone.wx.devtools.storage()
    expect(entries.map(({ key, type, encrypted }) => ({ key, type, encrypted }))).to.deep.equal([
      { key: 'r3session', type: 'String', encrypted: true },
    ])
    expect(entries[0]?.value).not.to.match(/[0-9a-f]{128}/)
  })

  it('the client gets the session that the service created when the answer to the login is lost', async () => {
    let losses = 2
    const proxy = await startLossyProxy(service.url, (path) => path === '/v1/login' && losses-- > 0)
    try {
      const tunnelled = start({ baseUrl: proxy.url })
      await tunnelled.client.login()
      expect(await tunnelled.client.session()).to.include({ openid: openid('anna') })
      expect(tunnelled.logins).to.equal(1)
      expect(exchanges()).to.equal(1)
      expect(losses).to.equal(-1)
    } finally {
      await proxy.close()
    }
  })

  it('the client waits when WeChat is busy, and then uses the same code', async () => {
    service.weixin.fail({ errcode: -1, times: 2 })
    await phone.client.login()
    expect(phone.logins).to.equal(1)
  })

  it('the client sends nothing to WeChat after its rate limit, until the pause is over', async () => {
    service.weixin.fail({ errcode: 45011 })
    expect(await refusal(callApi(phone.client))).to.include({ code: 'wechat_rate_limited', retryAfter: 60 })
    expect(await refusal(callApi(phone.client))).to.include({ code: 'wechat_rate_limited', retryAfter: 60 })
    expect(phone.logins).to.equal(1)
    expect(exchanges()).to.equal(1)
    service.time.now += 60_000
    await callApi(phone.client)
  })

  it('the client gets a new code when the first one is used', async () => {
    service.weixin.fail({ errcode: 40163 })
    await phone.client.login()
    expect(phone.logins).to.equal(2)
  })

  it('the client says that nothing helps when WeChat blocks the user', async () => {
    service.weixin.block('anna')
    expect(await refusal(phone.client.login())).to.include({ code: 'user_blocked', action: 'none' })
    expect(phone.logins).to.equal(1)
  })

  it('after a logout, the service has no session and the phone no token', async () => {
    await phone.client.login()
    const { json } = await service.send('GET', '/v1/session', { token: await tokenOf(phone) })
    expect(json).to.include({ openid: openid('anna') })
    const token = await tokenOf(phone)
    await phone.client.logout()
    expect((await service.send('GET', '/v1/session', { token })).status).to.equal(401)
    expect(phone.wx.devtools.storage().entries).to.deep.equal([])
    await callApi(phone.client)
    expect(phone.logins).to.equal(2)
  })

  it('two users of one phone have separate sessions', async () => {
    const storage = createMemoryStorage()
    const [anna, ben] = [start({ storage }), start({ storage, user: 'ben' })]
    await Promise.all([anna.client.login(), ben.client.login()])
    expect(await start({ storage }).client.session()).to.include({ openid: openid('anna') })
    expect(await start({ storage, user: 'ben' }).client.session()).to.include({ openid: openid('ben') })
  })

  it('the client rejects with network when no server answers', async () => {
    const nowhere = start({ baseUrl: 'http://127.0.0.1:9' })
    expect(await refusal(nowhere.client.login())).to.include({ code: 'network', action: 'retry' })
    expect(nowhere.logins).to.equal(1)
  })
})
