import { expect } from 'chai'
import { demoApp } from '#src/sandbox/index.js'
import { NOON } from '../../support/service/start-sandbox.js'
import {
  club,
  HOUR,
  hmac,
  LOGIN,
  MINUTE,
  NO_TOKEN,
  shop,
  useSandboxes,
} from '../../support/service/use-sandboxes.js'

const ENCRYPT_KEY = '/wxa/business/getuserencryptkey'
const PAID_UNIONID = '/wxa/getpaidunionid'
const PLUGIN_OPENPID = '/wxa/getpluginopenpid'

describe('getUserEncryptKey of the sandbox', () => {
  const start = useSandboxes()

  async function loggedIn() {
    const sandbox = await start()
    const { code } = await sandbox.weixin.login('anna')
    const { appid, secret } = demoApp
    const exchange = { appid, secret, js_code: code, grant_type: 'authorization_code' }
    const { openid, session_key } = (await sandbox.get(LOGIN, exchange)).json
    const signature = hmac(session_key)
    const access_token = await sandbox.plainToken()
    return { ...sandbox, query: { access_token, openid, signature, sig_method: 'hmac_sha256' } }
  }

  it('getUserEncryptKey gives the key that the phone has, by GET and by POST', async () => {
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

  it('getUserEncryptKey gives the last three keys, with the seconds they have left', async () => {
    const { get, time, query, plainToken } = await loggedIn()
    for (let index = 0; index < 3; index++) {
      await get(ENCRYPT_KEY, { ...query, access_token: await plainToken() })
      time.now += HOUR
    }
    const access_token = await plainToken()
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

  it('getUserEncryptKey checks the token, the signature and whether there is a key to sign with', async () => {
    const { get, weixin, time, query, plainToken } = await loggedIn()
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
    expect(await errcode({ access_token: await plainToken() })).to.equal(87007)
  })
})

describe('getPaidUnionId of the sandbox', () => {
  const start = useSandboxes()

  it('getPaidUnionId gives the unionid for 5 minutes, by either name of the payment', async () => {
    const { get, weixin, time, plainToken } = await start()
    const { openid, unionid } = weixin.identity('anna')
    const { transactionId, mchId, outTradeNo } = await weixin.pay('anna')
    expect(transactionId).to.match(/^\d{28}$/)
    const access_token = await plainToken()
    const ask = async (payment: object) =>
      (await get(PAID_UNIONID, { access_token, openid, ...payment })).json
    const byTransaction = { transaction_id: transactionId }
    const byOrder = { mch_id: mchId, out_trade_no: outTradeNo }
    time.now += 5 * MINUTE - 1
    for (const payment of [byTransaction, byOrder, byTransaction])
      expect(await ask(payment)).to.deep.equal({ unionid, errcode: 0, errmsg: 'ok' })
    time.now += 1
    for (const payment of [byTransaction, byOrder]) expect(await ask(payment)).to.include({ errcode: 89300 })
  })

  it('getPaidUnionId refuses who did not pay, what was not paid, and apps without a unionid', async () => {
    const { get, post, weixin, plainToken } = await start({ apps: [club, shop] })
    const { openid } = weixin.identity('anna')
    const { transactionId: transaction_id, outTradeNo: out_trade_no } = await weixin.pay('anna')
    const query = { access_token: await plainToken(club), openid, transaction_id }
    const errcode = async (change: object) => (await get(PAID_UNIONID, { ...query, ...change })).json.errcode
    expect(await errcode({})).to.equal(0)
    for (const [wanted, access_token] of Object.entries(NO_TOKEN))
      expect(await errcode({ access_token })).to.equal(Number(wanted))
    expect(await errcode({ openid: '' })).to.equal(40003)
    expect(await errcode({ openid: weixin.identity('ben').openid })).to.equal(40003)
    expect(await errcode({ transaction_id: '42' })).to.equal(89300)
    expect(await errcode({ transaction_id: '' })).to.equal(89300)
    expect(await errcode({ transaction_id: '', out_trade_no })).to.equal(89300)
    expect(await errcode({ transaction_id: '', out_trade_no, mch_id: '1' })).to.equal(89300)
    expect(await errcode({ access_token: await plainToken(shop) })).to.equal(89002)
    expect((await post(PAID_UNIONID, undefined, query)).json.errcode).to.equal(43001)
  })
})

describe('getPluginOpenPId of the sandbox', () => {
  const start = useSandboxes()

  it("getPluginOpenPId gives an openpid of the plugin's own for a code of wx.pluginLogin, once", async () => {
    const { post, weixin, plainToken } = await start()
    const access_token = await plainToken()
    const { code } = await weixin.pluginLogin('anna')
    const ask = async (body: object) => (await post(PLUGIN_OPENPID, body, { access_token })).json
    const { openpid, ...rest } = await ask({ code })
    expect(rest).to.deep.equal({ errcode: 0, errmsg: 'ok' })
    expect(openpid).to.match(/^G[\w-]{27}$/)
    expect(await ask({ code })).to.include({ errcode: 1007 })
    expect(await ask(await weixin.pluginLogin('anna'))).to.include({ openpid })
    expect((await ask(await weixin.pluginLogin('ben'))).openpid).to.not.equal(openpid)
  })

  it('getPluginOpenPId refuses with the errcodes of this endpoint', async () => {
    const { get, post, call, weixin, time, plainToken } = await start({ apps: [shop, club] })
    const query = { access_token: await plainToken(shop) }
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
