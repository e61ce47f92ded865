import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { demoApp, type SandboxApp, SandboxError } from '#src/sandbox/index.js'
import { NOON } from '../../support/service/start-sandbox.js'
import {
  club,
  HOUR,
  MINUTE,
  NO_TOKEN,
  PHONE,
  shop,
  useSandboxes,
} from '../../support/service/use-sandboxes.js'

const ENCRYPTED_MSG = '/wxa/business/checkencryptedmsg'

describe('getPhoneNumber of the sandbox', () => {
  const start = useSandboxes()

  it('getPhoneNumber gives the number for a code of the phone button and counts what it costs', async () => {
    const { weixin, post, session, stableToken } = await start()
    const { openid } = await session('anna')
    const access_token = await stableToken()
    const { code } = await weixin.phoneCode('anna')
    expect(weixin.paidCalls).to.equal(0)
    const { json } = await post(PHONE, { code, openid }, { access_token })
    expect(json).to.include({ errcode: 0, errmsg: 'ok' })
    expect(json.phone_info).to.have.all.keys('phoneNumber', 'purePhoneNumber', 'countryCode', 'watermark')
    expect(json.phone_info.phoneNumber).to.match(/^1\d{10}$/)
    expect(json.phone_info.purePhoneNumber).to.equal(json.phone_info.phoneNumber)
    expect(json.phone_info.countryCode).to.equal('86')
    expect(json.phone_info.watermark).to.deep.equal({ timestamp: NOON / 1000, appid: demoApp.appid })
    expect(weixin.paidCalls).to.equal(1)
    expect((await post(PHONE, { code, openid }, { access_token })).json.errcode).to.equal(40029)
    expect(weixin.paidCalls).to.equal(1)
  })

  it('getPhoneNumber refuses codes that are unknown, over, of wx.login or of another user', async () => {
    const { weixin, time, post, stableToken } = await start()
    const access_token = await stableToken()
    const { code } = await weixin.phoneCode('anna')
    const ask = async (body: unknown) => (await post(PHONE, body, { access_token })).json.errcode
    expect(await ask({ code: 'unknown' })).to.equal(40029)
    expect(await ask({ code: (await weixin.login('anna')).code })).to.equal(40029)
    expect(await ask({ code, openid: weixin.identity('ben').openid })).to.equal(40029)
    expect(await ask({ code })).to.equal(0)
    const { code: late } = await weixin.phoneCode('anna')
    time.now += 5 * MINUTE
    expect(await ask({ code: late })).to.equal(40029)
    expect(weixin.paidCalls).to.equal(1)
  })

  it("getPhoneNumber gives 40013 when the code is another app's than the token", async () => {
    const { weixin, post, stableToken } = await start({ apps: [shop, club] })
    const { code } = await weixin.phoneCode('anna', { appid: club.appid })
    const ask = async (app: SandboxApp) =>
      (await post(PHONE, { code }, { access_token: await stableToken(app) })).json.errcode
    expect(await ask(shop)).to.equal(40013)
    expect(await ask(club)).to.equal(0)
  })

  it('getPhoneNumber checks the token, then the body', async () => {
    const { time, post, call, stableToken } = await start()
    const access_token = await stableToken()
    const ask = async (body?: unknown, query = { access_token }) =>
      (await post(PHONE, body, query)).json.errcode
    expect(await ask(undefined, { access_token: '' })).to.equal(41001)
    expect(await ask(undefined, { access_token: 'x' })).to.equal(40014)
    expect(await ask(undefined, { access_token: `80_${'x'.repeat(128)}` })).to.equal(40001)
    expect(await ask()).to.equal(44002)
    expect((await call('POST', PHONE, { access_token }, 'code')).json.errcode).to.equal(47001)
    expect(await ask('code')).to.equal(47001)
    expect(await ask({})).to.equal(41008)
    expect(await ask({ code: 7 })).to.equal(41008)
    time.now += 120 * MINUTE
    expect(await ask()).to.equal(42001)
  })

  it('getPhoneNumber gives the country code as a number where the code was asked for so', async () => {
    const { post, weixin, plainToken } = await start()
    const access_token = await plainToken()
    const country = async (body: object) =>
      (await post(PHONE, body, { access_token })).json.phone_info.countryCode
    expect(await country(await weixin.phoneCode('anna'))).to.equal('86')
    expect(await country(await weixin.phoneCode('anna', { numericCountryCode: true }))).to.equal(86)
    expect(await country(await weixin.phoneCode('anna', { numericCountryCode: false }))).to.equal('86')
    const { code } = await weixin.phone('anna', { numericCountryCode: true })
    expect(await country({ code })).to.equal(86)
  })

  it('the phone button refuses a numericCountryCode that is no boolean', async () => {
    const { post, weixin } = await start()
    const wish = { numericCountryCode: 86 } as unknown as { numericCountryCode: boolean }
    const error = await weixin.phoneCode('anna', wish).catch((reason) => reason)
    expect(error).to.be.instanceOf(SandboxError)
    expect((await post('/sandbox/phone-code', { numericCountryCode: 'yes' })).status).to.equal(400)
  })
})

describe('checkEncryptedData of the sandbox', () => {
  const start = useSandboxes()

  const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')

  it('checkEncryptedData knows sealed phone numbers by the hash of the text and of the bytes, and nothing else', async () => {
    const { post, weixin, time, plainToken } = await start()
    const access_token = await plainToken()
    const { encryptedData } = await weixin.phone('anna')
    const ask = async (hash: string) =>
      (await post(ENCRYPTED_MSG, { encrypted_msg_hash: hash }, { access_token })).json
    time.now += MINUTE
    const known = { errcode: 0, errmsg: 'ok', vaild: true, create_time: NOON / 1000 }
    const bytes = Buffer.from(encryptedData, 'base64')
    for (const hash of [sha256(encryptedData), sha256(encryptedData).toUpperCase(), sha256(bytes)])
      expect(await ask(hash)).to.deep.equal(known)
    const { encryptedData: profile } = await weixin.userInfo('anna')
    const { encryptedData: forged } = await weixin.seal('anna', { phoneNumber: '13800000000' })
    for (const data of [profile, forged])
      expect(await ask(sha256(data))).to.deep.equal({ errcode: 0, errmsg: 'ok', vaild: false })
  })

  it('checkEncryptedData has forgotten after 3 days, and tells no other app', async () => {
    const { post, weixin, time, plainToken } = await start({ apps: [shop, club] })
    const { encryptedData } = await weixin.phone('anna')
    const vaild = async (app: SandboxApp) => {
      const access_token = await plainToken(app)
      return (await post(ENCRYPTED_MSG, { encrypted_msg_hash: sha256(encryptedData) }, { access_token })).json
        .vaild
    }
    expect([await vaild(shop), await vaild(club)]).to.deep.equal([true, false])
    time.now += 3 * 24 * HOUR
    expect(await vaild(shop)).to.equal(false)
  })

  it('checkEncryptedData checks the token, then the body', async () => {
    const { get, post, call, plainToken } = await start()
    const query = { access_token: await plainToken() }
    const errcode = async (body?: unknown) => (await post(ENCRYPTED_MSG, body, query)).json.errcode
    for (const [wanted, access_token] of Object.entries(NO_TOKEN))
      expect((await post(ENCRYPTED_MSG, {}, { access_token })).json.errcode).to.equal(Number(wanted))
    expect(await errcode()).to.equal(44002)
    expect((await call('POST', ENCRYPTED_MSG, query, 'hash')).json.errcode).to.equal(47001)
    for (const encrypted_msg_hash of [undefined, '', 7, 'f'.repeat(63), 'g'.repeat(64)])
      expect(await errcode({ encrypted_msg_hash })).to.equal(40097)
    expect((await get(ENCRYPTED_MSG, query)).json.errcode).to.equal(43002)
  })
})
