import { createHash, createHmac } from 'node:crypto'
import { expect } from 'chai'
import { demoApp, type SandboxApp, SandboxError, type SandboxOptions } from '#src/sandbox/index.js'
import { NOON, startTestSandbox } from '../support/start-sandbox.js'

const LOGIN = '/sns/jscode2session'
const TOKEN = '/cgi-bin/token'
const STABLE_TOKEN = '/cgi-bin/stable_token'
const CHECK = '/wxa/checksession'
const PHONE = '/wxa/business/getuserphonenumber'
const ENCRYPT_KEY = '/wxa/business/getuserencryptkey'
const ENCRYPTED_MSG = '/wxa/business/checkencryptedmsg'
const PAID_UNIONID = '/wxa/getpaidunionid'
const PLUGIN_OPENPID = '/wxa/getpluginopenpid'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NO_TOKEN = { 41001: '', 40014: 'x', 40001: `80_${'x'.repeat(128)}` }
const shop: SandboxApp = { appid: 'wx00000000000000a1', secret: 'secret of the shop' }
const club: SandboxApp = { appid: 'wx00000000000000b2', secret: 'secret of the club', bound: true }

describe('the sandbox, asked as other SDKs ask WeChat,', () => {
  const open: (() => Promise<void>)[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()))
  })

  async function start(options?: SandboxOptions) {
    const sandbox = await startTestSandbox(options)
    open.push(sandbox.weixin.close)
    const accessToken = async ({ appid, secret }: SandboxApp = demoApp): Promise<string> =>
      (await sandbox.get(TOKEN, { appid, secret, grant_type: 'client_credential' })).json.access_token
    return { ...sandbox, accessToken }
  }

  describe('for an access_token by GET', () => {
    const { appid, secret } = demoApp
    const ask = { appid, secret, grant_type: 'client_credential' }

    it('gives a new one each time, without an errcode, and both work for 5 minutes', async () => {
      const { get, time } = await start()
      const { json, status, type } = await get(TOKEN, ask)
      expect([status, type]).to.deep.equal([200, 'text/plain'])
      expect(json).to.have.all.keys('access_token', 'expires_in')
      expect(json.expires_in).to.equal(7200)
      const next = (await get(TOKEN, ask)).json.access_token
      const errcode = async (access_token: string) => (await get(CHECK, { access_token })).json.errcode
      expect([await errcode(json.access_token), await errcode(next)]).to.deep.equal([40097, 40097])
      time.now += 5 * MINUTE
      expect([await errcode(json.access_token), await errcode(next)]).to.deep.equal([40001, 40097])
    })

    it('leaves the token of stable_token as it is', async () => {
      const { get, post, time } = await start()
      const stable = async () => (await post(STABLE_TOKEN, ask)).json.access_token
      const before = await stable()
      for (let index = 0; index < 10; index++) await get(TOKEN, ask)
      time.now += 6 * MINUTE
      expect(await stable()).to.equal(before)
      expect((await get(CHECK, { access_token: before })).json.errcode).to.equal(40097)
    })

    it('checks what is missing, then who asks, and knows no other method', async () => {
      const { get, post, weixin } = await start()
      weixin.refuseAddress()
      const errcode = async (query: Record<string, string>) => (await get(TOKEN, query)).json.errcode
      expect(await errcode({})).to.equal(41002)
      expect(await errcode({ appid: '' })).to.equal(41002)
      expect(await errcode({ appid: 'wx' })).to.equal(41004)
      expect(await errcode({ appid: 'wx', secret: 'wrong' })).to.equal(40002)
      expect(await errcode({ ...ask, grant_type: 'authorization_code' })).to.equal(40002)
      expect(await errcode({ ...ask, appid: 'wx' })).to.equal(40013)
      expect(await errcode({ ...ask, secret: 'wrong' })).to.equal(40125)
      expect(await errcode(ask)).to.equal(40164)
      expect((await post(TOKEN, undefined, ask)).json.errcode).to.equal(43001)
      expect((await get('/cgi-bin/ticket/getticket', ask)).json.errcode).to.equal(40066)
    })
  })

  describe('for a session by POST', () => {
    async function asked(user = 'anna') {
      const sandbox = await start()
      const { code } = await sandbox.weixin.login(user)
      const { appid, secret } = demoApp
      const ask = { appid, secret, js_code: code, grant_type: 'authorization_code' }
      return { ...sandbox, ask, form: String(new URLSearchParams(ask)) }
    }

    it('answers as by GET, the parameters in the query', async () => {
      const { post, ask, weixin } = await asked()
      const { json } = await post(LOGIN, undefined, ask)
      expect(json).to.include(weixin.identity('anna')).and.to.have.property('session_key')
      expect((await post(LOGIN, undefined, ask)).json.errcode).to.equal(40163)
    })

    it('answers as by GET, the parameters in a form', async () => {
      const { call, form, weixin } = await asked()
      expect((await call('POST', LOGIN, {}, form)).json).to.include(weixin.identity('anna'))
      expect((await call('POST', LOGIN, {}, form)).json.errcode).to.equal(40163)
    })

    it('takes a query before a form, and nothing from JSON', async () => {
      const { call, post, ask, form } = await asked()
      expect((await call('POST', LOGIN, { appid: 'wx' }, form)).json.errcode).to.equal(40013)
      expect((await post(LOGIN, ask)).json.errcode).to.equal(41002)
      expect((await call('POST', LOGIN, {}, '7')).json.errcode).to.equal(41002)
      expect((await call('POST', LOGIN, {}, '%%%')).json.errcode).to.equal(41002)
      expect((await call('POST', LOGIN, ask, 'unheard=of')).json).to.have.property('session_key')
    })
  })

  describe('for the keys that mini programs encrypt with', () => {
    async function loggedIn() {
      const sandbox = await start()
      const { code } = await sandbox.weixin.login('anna')
      const { appid, secret } = demoApp
      const exchange = { appid, secret, js_code: code, grant_type: 'authorization_code' }
      const { openid, session_key } = (await sandbox.get(LOGIN, exchange)).json
      const signature = createHmac('sha256', session_key).update('').digest('hex')
      const access_token = await sandbox.accessToken()
      return { ...sandbox, query: { access_token, openid, signature, sig_method: 'hmac_sha256' } }
    }

    it('gives the one that the phone has, by GET and by POST', async () => {
      const { get, post, weixin, query } = await loggedIn()
      const { encryptKey, iv, version, expireTime } = await weixin.userKey('anna')
      expect(expireTime).to.equal((NOON + HOUR) / 1000)
      const { json } = await get(ENCRYPT_KEY, query)
      expect(json).to.deep.equal({
        errcode: 0,
        errmsg: 'ok',
        key_info_list: [{ encrypt_key: encryptKey, iv, version, expire_in: 3600, create_time: NOON / 1000 }],
      })
      expect((await post(ENCRYPT_KEY, undefined, query)).json).to.deep.equal(json)
    })

    it('gives the last three, with the seconds they have left', async () => {
      const { get, time, query, accessToken } = await loggedIn()
      for (let index = 0; index < 3; index++) {
        await get(ENCRYPT_KEY, { ...query, access_token: await accessToken() })
        time.now += HOUR
      }
      const access_token = await accessToken()
      await get(ENCRYPT_KEY, { ...query, access_token })
      time.now += MINUTE
      const { key_info_list } = (await get(ENCRYPT_KEY, { ...query, access_token })).json
      const told = key_info_list.map((key: Record<string, unknown>) => [key['version'], key['expire_in']])
      expect(told).to.deep.equal([
        [4, 3540],
        [3, 0],
        [2, 0],
      ])
    })

    it('checks the token, the signature and whether there is a key to sign with', async () => {
      const { get, weixin, time, query, accessToken } = await loggedIn()
      const errcode = async (change: object) => (await get(ENCRYPT_KEY, { ...query, ...change })).json.errcode
      for (const [wanted, access_token] of Object.entries(NO_TOKEN))
        expect(await errcode({ access_token })).to.equal(Number(wanted))
      expect(await errcode({ openid: '' })).to.equal(40097)
      expect(await errcode({ sig_method: 'md5' })).to.equal(87008)
      expect(await errcode({ signature: 'x' })).to.equal(87009)
      expect(await errcode({ openid: weixin.identity('ben').openid })).to.equal(87007)
      weixin.rotateKey('anna')
      expect(await errcode({})).to.equal(87009)
      time.now += 3 * 24 * HOUR
      expect(await errcode({ access_token: await accessToken() })).to.equal(87007)
    })
  })

  describe('whether it sealed something', () => {
    const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')

    it('knows its phone numbers by the hash of the text and of the bytes, and nothing else', async () => {
      const { post, weixin, time, accessToken } = await start()
      const access_token = await accessToken()
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

    it('has forgotten after 3 days, and tells no other app', async () => {
      const { post, weixin, time, accessToken } = await start({ apps: [shop, club] })
      const { encryptedData } = await weixin.phone('anna')
      const vaild = async (app: SandboxApp) => {
        const access_token = await accessToken(app)
        return (await post(ENCRYPTED_MSG, { encrypted_msg_hash: sha256(encryptedData) }, { access_token }))
          .json.vaild
      }
      expect([await vaild(shop), await vaild(club)]).to.deep.equal([true, false])
      time.now += 3 * 24 * HOUR
      expect(await vaild(shop)).to.equal(false)
    })

    it('checks the token, then the body', async () => {
      const { get, post, call, accessToken } = await start()
      const query = { access_token: await accessToken() }
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

  describe('for the unionid of who has paid', () => {
    it('gives it for 5 minutes, by either name of the payment', async () => {
      const { get, weixin, time, accessToken } = await start()
      const { openid, unionid } = weixin.identity('anna')
      const { transactionId, mchId, outTradeNo } = await weixin.pay('anna')
      expect(transactionId).to.match(/^\d{28}$/)
      const access_token = await accessToken()
      const ask = async (payment: object) =>
        (await get(PAID_UNIONID, { access_token, openid, ...payment })).json
      const byTransaction = { transaction_id: transactionId }
      const byOrder = { mch_id: mchId, out_trade_no: outTradeNo }
      time.now += 5 * MINUTE - 1
      for (const payment of [byTransaction, byOrder, byTransaction])
        expect(await ask(payment)).to.deep.equal({ unionid, errcode: 0, errmsg: 'ok' })
      time.now += 1
      for (const payment of [byTransaction, byOrder])
        expect(await ask(payment)).to.include({ errcode: 89300 })
    })

    it('refuses who did not pay, what was not paid, and apps without a unionid', async () => {
      const { get, post, weixin, accessToken } = await start({ apps: [club, shop] })
      const { openid } = weixin.identity('anna')
      const { transactionId: transaction_id, outTradeNo: out_trade_no } = await weixin.pay('anna')
      const query = { access_token: await accessToken(club), openid, transaction_id }
      const errcode = async (change: object) =>
        (await get(PAID_UNIONID, { ...query, ...change })).json.errcode
      expect(await errcode({})).to.equal(0)
      for (const [wanted, access_token] of Object.entries(NO_TOKEN))
        expect(await errcode({ access_token })).to.equal(Number(wanted))
      expect(await errcode({ openid: '' })).to.equal(40003)
      expect(await errcode({ openid: weixin.identity('ben').openid })).to.equal(40003)
      expect(await errcode({ transaction_id: '42' })).to.equal(89300)
      expect(await errcode({ transaction_id: '' })).to.equal(89300)
      expect(await errcode({ transaction_id: '', out_trade_no })).to.equal(89300)
      expect(await errcode({ transaction_id: '', out_trade_no, mch_id: '1' })).to.equal(89300)
      expect(await errcode({ access_token: await accessToken(shop) })).to.equal(89002)
      expect((await post(PAID_UNIONID, undefined, query)).json.errcode).to.equal(43001)
    })
  })

  describe("for a plugin's user", () => {
    it('gives an openpid of their own for a code of wx.pluginLogin, once', async () => {
      const { post, weixin, accessToken } = await start()
      const access_token = await accessToken()
      const { code } = await weixin.pluginLogin('anna')
      const ask = async (body: object) => (await post(PLUGIN_OPENPID, body, { access_token })).json
      const { openpid, ...rest } = await ask({ code })
      expect(rest).to.deep.equal({ errcode: 0, errmsg: 'ok' })
      expect(openpid).to.match(/^G[\w-]{27}$/)
      expect(await ask({ code })).to.include({ errcode: 1007 })
      expect(await ask(await weixin.pluginLogin('anna'))).to.include({ openpid })
      expect((await ask(await weixin.pluginLogin('ben'))).openpid).to.not.equal(openpid)
    })

    it('refuses with the errcodes of this endpoint', async () => {
      const { get, post, call, weixin, time, accessToken } = await start({ apps: [shop, club] })
      const query = { access_token: await accessToken(shop) }
      const errcode = async (body?: unknown) => (await post(PLUGIN_OPENPID, body, query)).json.errcode
      for (const [wanted, access_token] of Object.entries(NO_TOKEN))
        expect((await post(PLUGIN_OPENPID, {}, { access_token })).json.errcode).to.equal(Number(wanted))
      expect(await errcode()).to.equal(1022)
      expect((await call('POST', PLUGIN_OPENPID, query, 'code=x')).json.errcode).to.equal(1022)
      for (const body of [{}, { code: '' }, { code: 7 }]) expect(await errcode(body)).to.equal(1001)
      for (const { code } of [{ code: 'x' }, await weixin.login(), await weixin.phoneCode()])
        expect(await errcode({ code })).to.equal(1007)
      expect(await errcode(await weixin.pluginLogin('anna', { appid: club.appid }))).to.equal(1005)
      const late = await weixin.pluginLogin()
      time.now += 5 * MINUTE
      expect(await errcode(late)).to.equal(1007)
      expect((await get(PLUGIN_OPENPID, query)).json.errcode).to.equal(43002)
    })
  })

  describe('for a phone number', () => {
    it('gives the country code as a number where the code was asked for so', async () => {
      const { post, weixin, accessToken } = await start()
      const access_token = await accessToken()
      const country = async (body: object) =>
        (await post(PHONE, body, { access_token })).json.phone_info.countryCode
      expect(await country(await weixin.phoneCode('anna'))).to.equal('86')
      expect(await country(await weixin.phoneCode('anna', { numericCountryCode: true }))).to.equal(86)
      expect(await country(await weixin.phoneCode('anna', { numericCountryCode: false }))).to.equal('86')
      const { code } = await weixin.phone('anna', { numericCountryCode: true })
      expect(await country({ code })).to.equal(86)
    })

    it('refuses a wish that is none', async () => {
      const { post, weixin } = await start()
      const wish = { numericCountryCode: 86 } as unknown as { numericCountryCode: boolean }
      const error = await weixin.phoneCode('anna', wish).catch((reason) => reason)
      expect(error).to.be.instanceOf(SandboxError)
      expect((await post('/sandbox/phone-code', { numericCountryCode: 'yes' })).status).to.equal(400)
    })
  })

  it('does over HTTP what it does as a library', async () => {
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

  it('meets faults at the new paths too', async () => {
    const { get, weixin } = await start()
    weixin.fail({ errcode: -1, path: TOKEN })
    expect((await get(LOGIN)).json.errcode).to.equal(41002)
    expect((await get(TOKEN)).json.errcode).to.equal(-1)
    expect((await get(TOKEN)).json.errcode).to.equal(41002)
  })
})
