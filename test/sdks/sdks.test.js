/**
 * Other people's SDKs against the sandbox, each pointed at it by its own means: what works there works at WeChat, and
 * the sandbox is no stricter than WeChat. Run by `npm run test:sdks`.
 */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import WeixinApi from 'co-wechat-api'
import { MiniApp } from 'node-easywechat'
import { Wechat } from 'wechat-jssdk'
import { startSandbox } from '../../dist/sandbox/index.js'

const PHONE = '/wxa/business/getuserphonenumber'

/** @type {string} */
let folder
/** @type {import('../../dist/sandbox/index.js').Sandbox} */
let weixin
beforeEach(async () => {
  // node-easywechat and wechat-jssdk keep tokens in files, and another sandbox does not know them.
  folder = await mkdtemp(join(tmpdir(), 'sdks-'))
  weixin = await startSandbox()
})
afterEach(async () => {
  await weixin.close()
  await rm(folder, { recursive: true })
})

const app = () => weixin.apps[0]
const keyOf = (user) => weixin.keyOf({ appid: app().appid, ...weixin.identity(user) })
const pathsCalled = () => weixin.calls.map(({ path }) => path)
const signature = (user) => createHmac('sha256', keyOf(user)).update('').digest('hex')

describe('co-wechat-api', () => {
  let api
  beforeEach(() => {
    api = new WeixinApi(app().appid, app().secret)
    api.prefix = `${weixin.url}/cgi-bin/`
    api.snsPrefix = `${weixin.url}/sns/`
    api.wxaPrefix = `${weixin.url}/wxa/`
  })

  it('exchanges a code', async () => {
    const { code } = await weixin.login('ann')
    const { openid, unionid, session_key } = await api.code2Session(code)
    assert.deepEqual({ openid, unionid }, weixin.identity('ann'))
    // It takes a backslash in JSON for a character of the text, and WeChat's encoder writes `\/`.
    assert.equal(session_key.replaceAll('\\', ''), keyOf('ann'))
    await assert.rejects(api.code2Session(code), { name: 'WeChatAPIError', code: 40163 })
    await assert.rejects(api.code2Session('unknown'), { name: 'WeChatAPIError', code: 40029 })
  })

  it('gets an access_token once, and asks with it', async () => {
    const ask = async () => {
      const { accessToken } = await api.ensureAccessToken()
      const { code } = await weixin.phoneCode('ann')
      const url = `${api.wxaPrefix}business/getuserphonenumber?access_token=${accessToken}`
      return api.request(url, { method: 'POST', data: JSON.stringify({ code }) })
    }
    assert.match((await ask()).phone_info.phoneNumber, /^1\d{10}$/)
    assert.match((await ask()).phone_info.phoneNumber, /^1\d{10}$/)
    assert.deepEqual(pathsCalled(), ['/cgi-bin/token', PHONE, PHONE])
  })

  it('gets another access_token when WeChat no longer takes the first, and repeats the call', async () => {
    const { accessToken } = await api.ensureAccessToken()
    weixin.fail({ errcode: 42001, path: PHONE })
    const { code } = await weixin.phoneCode('ann')
    const url = `${api.wxaPrefix}business/getuserphonenumber?access_token=${accessToken}`
    const { phone_info } = await api.request(url, { method: 'POST', data: JSON.stringify({ code }) })
    assert.equal(phone_info.countryCode, '86')
    assert.deepEqual(pathsCalled(), ['/cgi-bin/token', PHONE, '/cgi-bin/token', PHONE])
  })

  it('is told what is wrong with its appid and secret', async () => {
    api.appsecret = 'wrong'
    await assert.rejects(api.getAccessToken(), { code: 40125 })
    api.appid = 'wx0000000000000000'
    await assert.rejects(api.getAccessToken(), { code: 40013 })
  })
})

describe('node-easywechat', () => {
  const open = (more = {}) => {
    const { appid, secret } = app()
    const http = { baseURL: `${weixin.url}/` }
    return new MiniApp({ app_id: appid, secret, http, file_cache: { path: folder }, ...more })
  }

  it('exchanges a code, and opens what is sealed with the key', async () => {
    const utils = open().getUtils()
    const { code } = await weixin.login('ann')
    const { openid, unionid, session_key } = await utils.codeToSession(code)
    assert.deepEqual({ openid, unionid }, weixin.identity('ann'))
    const { iv, encryptedData } = await weixin.userInfo('ann')
    const data = utils.decryptSession(session_key, iv, encryptedData)
    assert.equal(data.openId, openid)
    assert.equal(data.watermark.appid, app().appid)
    await assert.rejects(utils.codeToSession(code), /40163/)
  })

  for (const use_stable_access_token of [false, true]) {
    const path = use_stable_access_token ? '/cgi-bin/stable_token' : '/cgi-bin/token'

    it(`gets an access_token by ${path}, and all that it is good for around login`, async () => {
      const client = open({ use_stable_access_token }).getClient()
      const json = async (answer) => (await answer).toObject()
      const { openid, unionid } = weixin.identity('ann')
      await weixin.login('ann')
      const signed = { params: { openid, signature: signature('ann'), sig_method: 'hmac_sha256' } }

      const { code, encryptedData } = await weixin.phone('ann')
      const { phone_info } = await json(client.postJson(PHONE, { code, openid }))
      assert.equal(phone_info.watermark.appid, app().appid)
      const encrypted_msg_hash = await sha256(encryptedData)
      const checked = await json(client.postJson('/wxa/business/checkencryptedmsg', { encrypted_msg_hash }))
      assert.equal(checked.vaild, true)

      assert.equal((await json(client.get('/wxa/checksession', signed))).errmsg, 'ok')
      const { key_info_list } = await json(client.get('/wxa/business/getuserencryptkey', signed))
      assert.equal(key_info_list[0].encrypt_key, (await weixin.userKey('ann')).encryptKey)
      const reset = await json(client.get('/wxa/resetusersessionkey', signed))
      assert.equal(reset.session_key, keyOf('ann'))

      const { transactionId } = await weixin.pay('ann')
      const params = { openid, transaction_id: transactionId }
      assert.equal((await json(client.get('/wxa/getpaidunionid', { params }))).unionid, unionid)
      const { openpid } = await json(
        client.postJson('/wxa/getpluginopenpid', await weixin.pluginLogin('ann')),
      )
      assert.match(openpid, /^G/)
      assert.deepEqual(
        pathsCalled().filter((called) => called.startsWith('/cgi-bin/')),
        [path],
      )
    })
  }

  it('reads a country code that comes as a number', async () => {
    const { code } = await weixin.phoneCode('ann', { numericCountryCode: true })
    const answer = await open().getClient().postJson(PHONE, { code })
    assert.equal(answer.toObject().phone_info.countryCode, 86)
  })

  it('is told what is wrong with its secret', async () => {
    await assert.rejects(open({ secret: 'wrong' }).getAccessToken().getToken(), /40125/)
  })
})

describe('wechat-jssdk', () => {
  let wechat
  beforeEach(() => {
    const { appid: appId, secret: appSecret } = app()
    wechat = new Wechat({
      appId,
      appSecret,
      wechatRedirectUrl: 'http://127.0.0.1/',
      accessTokenUrl: `${weixin.url}/cgi-bin/token`,
      miniProgram: { appId, appSecret, GET_SESSION_KEY_URL: `${weixin.url}/sns/jscode2session` },
      storeOptions: { fileStorePath: join(folder, 'store.json') },
    })
  })
  afterEach(() => wechat.store.destroy())

  it('exchanges a code, checks a signature and opens what is sealed', async () => {
    const { code } = await weixin.login('ann')
    const { miniProgram } = wechat
    const { openid, session_key } = await miniProgram.getSession(code)
    assert.equal(openid, weixin.identity('ann').openid)
    assert.equal(session_key, keyOf('ann'))
    const { rawData, signature, encryptedData, iv } = await weixin.userInfo('ann')
    await miniProgram.verifySignature(rawData, signature, session_key)
    assert.equal((await miniProgram.decryptData(encryptedData, iv, session_key)).openId, openid)
    const refused = await miniProgram.getSession(code).catch((reason) => reason)
    assert.equal(refused.errcode, 40163)
  })

  it('gets an access_token', async () => {
    const { access_token, expires_in } = await wechat.jssdk.getAccessToken()
    assert.equal(expires_in, 7200)
    const response = await fetch(`${weixin.url}${PHONE}?access_token=${access_token}`, {
      method: 'POST',
      body: JSON.stringify(await weixin.phoneCode('ann')),
    })
    assert.equal((await response.json()).errcode, 0)
  })
})

async function sha256(text) {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Buffer.from(bytes).toString('hex')
}
