import { type Client, createClient, type Time } from '@r3session/client'
import { createWx, type WebStorage, type Wx } from '@r3session/wx-simulator'
import { expect } from 'chai'
import { startLossyProxy } from '../support/lossy-proxy.js'
import { refusal } from '../support/refusal.js'
import { type RunningService, startService } from '../support/start-service.js'

/** A mini program on a simulated phone, and how often it has called `wx.login`. */
interface Phone {
  readonly wx: Wx
  readonly client: Client
  logins: number
}

describe('the client with the service', () => {
  let service: RunningService
  let phone: Phone
  beforeEach(async () => {
    service = await startService()
    phone = start()
  })
  afterEach(() => service.close())

  function start({ user = 'anna', storage, baseUrl = service.url }: StartOptions = {}): Phone {
    const [app] = service.weixin.apps
    const clock = () => service.time.now
    const wx = createWx({
      appid: app?.appid ?? '',
      weixin: service.weixin.url,
      user,
      clock,
      ...(storage && { storage }),
    })
    const started: Phone = { wx, logins: 0, client: createClient({ baseUrl, wx, time: hurried(clock) }) }
    const { login } = wx
    wx.login = ((options: Parameters<typeof login>[0]) => {
      started.logins++
      return login(options)
    }) as typeof login
    return started
  }

  const exchanges = () => service.weixin.calls.filter(({ path }) => path === '/sns/jscode2session').length
  const openid = (user: string) => service.weixin.identity(user).openid
  /** Calls an API behind forward auth; the gateway is left out. */
  const callApi = (client: Client, n = 0) => client.request({ url: `/v1/auth?n=${n}` })
  const fifty = () => Promise.all(Array.from({ length: 50 }, (_, n) => callApi(phone.client, n)))

  it('logs in and knows the user', async () => {
    expect(await phone.client.login()).to.deep.equal({ expiresIn: 259_200 })
    expect(await phone.client.session()).to.include({ openid: openid('anna') })
    const { header } = await callApi(phone.client)
    expect(header).to.include({ 'x-wx-openid': openid('anna'), 'x-wx-source': 'wx_client' })
  })

  it('answers 50 requests at once on a cold start, with one wx.login', async () => {
    const answers = await fifty()
    expect(answers.map(({ statusCode }) => statusCode)).to.deep.equal(Array(50).fill(200))
    expect(phone.logins).to.equal(1)
    expect(exchanges()).to.equal(1)
  })

  it('answers 50 requests at once with a token that has expired, with one more wx.login', async () => {
    await phone.client.login()
    service.time.now += 259_200_000
    const answers = await fifty()
    expect(answers.map(({ statusCode }) => statusCode)).to.deep.equal(Array(50).fill(200))
    expect(phone.logins).to.equal(2)
    expect(exchanges()).to.equal(2)
  })

  it('knows from the service how long a stored session lives, and that use prolongs it', async () => {
    const storage = createStorage()
    await start({ storage }).client.login()
    service.time.now += 86_400_000
    const again = start({ storage })
    expect(await again.client.login()).to.deep.equal({ expiresIn: 259_200 })
    expect(again.logins).to.equal(0)
    expect(exchanges()).to.equal(1)
  })

  it('stores the token encrypted, as the Storage panel shows', async () => {
    await phone.client.login()
    const { entries } = phone.wx.devtools.storage()
    expect(entries.map(({ key, type, encrypted }) => ({ key, type, encrypted }))).to.deep.equal([
      { key: 'r3session', type: 'String', encrypted: true },
    ])
    expect(entries[0]?.value).not.to.match(/[0-9a-f]{128}/)
  })

  it('gets the session that the service made when the answer to the login is lost', async () => {
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

  it('opens what WeChat seals for the user', async () => {
    await phone.client.login()
    const result = await phone.wx.getUserInfo()
    expect(await phone.client.decrypt(result)).to.include({ nickName: '微信用户', openId: openid('anna') })
    expect(phone.logins).to.equal(1)
  })

  it('logs in after data that was sealed with a key the service never saw; the next data opens', async () => {
    await phone.client.login()
    service.weixin.rotateKey('anna')
    const stale = await phone.wx.getUserInfo()
    const error = await refusal(phone.client.decrypt(stale))
    // rawData is signed with the same key, and looked at first.
    expect(error).to.include({ code: 'signature_mismatch', action: 'relogin', status: 422 })
    expect(phone.logins).to.equal(2)
    const { encryptedData = '', iv = '' } = stale
    expect(await phone.client.decrypt(await phone.wx.getUserInfo())).to.include({ openId: openid('anna') })

    service.weixin.rotateKey('anna')
    const unsigned = await service.weixin.phone('anna')
    expect(await refusal(phone.client.decrypt(unsigned))).to.include({
      code: 'decrypt_failed',
      action: 'relogin',
    })
    expect(await phone.client.decrypt({ encryptedData, iv })).to.include({ openId: openid('anna') })
    expect(phone.logins).to.equal(3)
  })

  it('opens data that was sealed before the session ended, after one login', async () => {
    await service.close()
    service = await startService({ env: { SESSION_TTL: '600' } })
    phone = start()
    await phone.client.login()
    service.time.now += 600_000
    const result = await phone.wx.getUserInfo()
    expect(await phone.client.decrypt(result)).to.include({ openId: openid('anna') })
    expect(phone.logins).to.equal(2)
  })

  it('does not send data that was sealed before the first login', async () => {
    const sealed = await service.weixin.userInfo('anna')
    expect(await refusal(phone.client.decrypt(sealed))).to.include({
      code: 'unauthorized',
      action: 'relogin',
    })
    expect(await phone.client.decrypt(await phone.wx.getUserInfo())).to.include({ openId: openid('anna') })
    expect(phone.logins).to.equal(1)
  })

  it('works on two phones of one user at once, whichever logs in last', async () => {
    const other = start()
    await phone.client.login()
    const sealed = await phone.wx.getUserInfo()
    service.weixin.rotateKey('anna')
    await other.client.login()
    expect(await phone.client.decrypt(sealed)).to.include({ openId: openid('anna') })
    expect(await other.client.decrypt(await other.wx.getUserInfo())).to.include({ openId: openid('anna') })
    await other.client.logout()
    await callApi(phone.client)
    expect(phone.logins).to.equal(1)
  })

  it('gives the phone number behind the button', async () => {
    let number: unknown
    await phone.wx.devtools.tapPhoneButton(async ({ detail }) => {
      number = await phone.client.phoneNumber(detail.code)
    })
    expect(number).to.have.keys('phoneNumber', 'purePhoneNumber', 'countryCode')
    expect(service.weixin.paidCalls).to.equal(1)
    await phone.wx.devtools.tapPhoneButton(
      async ({ detail }) => {
        expect(await refusal(phone.client.phoneNumber(detail.code))).to.include({ code: 'invalid_request' })
      },
      { allow: false },
    )
  })

  it('pays once for a phone number whose answer is lost', async () => {
    let losses = 2
    const proxy = await startLossyProxy(service.url, (path) => path === '/v1/phone-number' && losses-- > 0)
    try {
      const tunnelled = start({ baseUrl: proxy.url })
      const { code } = await service.weixin.phoneCode('anna')
      expect(await tunnelled.client.phoneNumber(code)).to.have.property('phoneNumber')
      expect(service.weixin.paidCalls).to.equal(1)
    } finally {
      await proxy.close()
    }
  })

  it('waits a moment when WeChat is busy, and needs no other code', async () => {
    service.weixin.fail({ errcode: -1, times: 2 })
    await phone.client.login()
    expect(phone.logins).to.equal(1)
  })

  it('leaves WeChat in peace when it limits the rate', async () => {
    service.weixin.fail({ errcode: 45011 })
    expect(await refusal(callApi(phone.client))).to.include({ code: 'wechat_rate_limited', retryAfter: 60 })
    expect(await refusal(callApi(phone.client))).to.include({ code: 'wechat_rate_limited', retryAfter: 60 })
    expect(phone.logins).to.equal(1)
    expect(exchanges()).to.equal(1)
    service.time.now += 60_000
    await callApi(phone.client)
  })

  it('takes a new code where the first one is used', async () => {
    service.weixin.fail({ errcode: 40163 })
    await phone.client.login()
    expect(phone.logins).to.equal(2)
  })

  it('says that nothing helps a user whom WeChat refuses', async () => {
    service.weixin.block('anna')
    expect(await refusal(phone.client.login())).to.include({ code: 'user_blocked', action: 'none' })
    expect(phone.logins).to.equal(1)
  })

  it('logs out: the service forgets the session, the phone its token', async () => {
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

  it('keeps the users of one phone apart', async () => {
    const storage = createStorage()
    const [anna, ben] = [start({ storage }), start({ storage, user: 'ben' })]
    await Promise.all([anna.client.login(), ben.client.login()])
    expect(await start({ storage }).client.session()).to.include({ openid: openid('anna') })
    expect(await start({ storage, user: 'ben' }).client.session()).to.include({ openid: openid('ben') })
  })

  it('says so when nobody answers', async () => {
    const nowhere = start({ baseUrl: 'http://127.0.0.1:9' })
    expect(await refusal(nowhere.client.login())).to.include({ code: 'network', action: 'retry' })
    expect(nowhere.logins).to.equal(1)
  })
})

interface StartOptions {
  readonly user?: string
  readonly storage?: WebStorage
  readonly baseUrl?: string
}

async function tokenOf({ wx }: Phone): Promise<string> {
  return String((await wx.getStorage({ key: 'r3session', encrypt: true })).data)
}

/** The phone's clock is the service's; its pauses take a tenth of their time, its deadlines (2 s and more) all of it. */
function hurried(now: () => number): Time {
  return {
    now,
    after(milliseconds, run) {
      const timer = setTimeout(run, milliseconds < 2000 ? milliseconds / 10 : milliseconds)
      return () => clearTimeout(timer)
    },
  }
}

/** A phone's memory that outlives the mini program. */
function createStorage(): WebStorage {
  const entries = new Map<string, string>()
  return {
    get length() {
      return entries.size
    },
    key: (index) => [...entries.keys()][index] ?? null,
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => void entries.set(key, value),
    removeItem: (key) => void entries.delete(key),
  }
}
