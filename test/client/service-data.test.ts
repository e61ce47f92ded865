import type { Client } from '@r3session/client'
import { expect } from 'chai'
import { type PhoneOptions, type ServicePhone, startPhone } from '../support/page/service-phone.js'
import { refusal } from '../support/refusal.js'
import { type RunningService, startService } from '../support/service/start-service.js'
import { startLossyProxy } from '../support/wechat/lossy-proxy.js'

describe('the client and the user’s data, with the service', () => {
  let service: RunningService
  let phone: ServicePhone
  beforeEach(async () => {
    service = await startService()
    phone = start()
  })
  afterEach(() => service.close())

  const start = (options?: PhoneOptions) => startPhone(service, options)
  const openid = (user: string) => service.weixin.identity(user).openid
  /** Calls the route that a gateway asks for forward auth, without the gateway. */
  const callApi = (client: Client, n = 0) => client.request({ url: `/v1/auth?n=${n}` })

  it('client.decrypt() decrypts the user’s data from WeChat', async () => {
    await phone.client.login()
    const result = await phone.wx.getUserInfo()
    expect(await phone.client.decrypt(result)).to.include({ nickName: '微信用户', openId: openid('anna') })
    expect(phone.logins).to.equal(1)
  })

  it('after data with a key that the service does not have, the client logs in and the next data can be decrypted', async () => {
    await phone.client.login()
    service.weixin.rotateKey('anna')
    const stale = await phone.wx.getUserInfo()
    const error = await refusal(phone.client.decrypt(stale))
    // rawData is signed with the same key, and the service checks the signature first.
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

  it('data that was encrypted before the session ended can be decrypted after one login', async () => {
    await service.close()
    service = await startService({ env: { SESSION_TTL: '600' } })
    phone = start()
    await phone.client.login()
    service.time.now += 600_000
    const result = await phone.wx.getUserInfo()
    expect(await phone.client.decrypt(result)).to.include({ openId: openid('anna') })
    expect(phone.logins).to.equal(2)
  })

  it('client.decrypt() does not send data that was encrypted before the first login', async () => {
    const sealed = await service.weixin.userInfo('anna')
    expect(await refusal(phone.client.decrypt(sealed))).to.include({
      code: 'unauthorized',
      action: 'relogin',
    })
    expect(await phone.client.decrypt(await phone.wx.getUserInfo())).to.include({ openId: openid('anna') })
    expect(phone.logins).to.equal(1)
  })

  it('decryption works on two phones of one user, whichever phone logs in last', async () => {
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

  it('client.phoneNumber() gives the number for a tap on the phone button', async () => {
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

  it('a phone number whose answer is lost is paid for once', async () => {
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
})
