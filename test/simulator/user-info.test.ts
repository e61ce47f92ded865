import type { PhoneEvent } from '@r3session/wx-simulator'
import { expect } from 'chai'
import { signRawData } from '#src/sandbox/phone/seal.js'
import { openSealed, startTestSandbox } from '../support/service/start-sandbox.js'
import { failureOf, phone } from './phone.js'

describe('the user’s data on the simulated phone', () => {
  const open: (() => Promise<void>)[] = []

  /** A phone whose user has logged in, and a function that decrypts the user's data. */
  async function start() {
    const { weixin, get, post } = await startTestSandbox()
    open.push(weixin.close)
    const wx = phone({ weixin: weixin.url })
    const { code } = await wx.login()
    const { appid = '', secret = '' } = weixin.apps[0] ?? {}
    const query = { appid, secret, js_code: code, grant_type: 'authorization_code' }
    const { session_key: key } = (await get('/sns/jscode2session', query)).json
    const opened = ({ encryptedData = '', iv = '' }) => JSON.parse(openSealed({ encryptedData, iv }, key))
    const { openid, unionid } = weixin.identity()
    return { weixin, post, wx, key, opened, openid, unionid }
  }

  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()))
  })

  describe('the result of getUserInfo', () => {
    it('getUserInfo gives user info in plain text, a signature, and encrypted data with the ids', async () => {
      // WeChat: getUserInfo success: {userInfo, rawData, signature, encryptedData, iv, cloudID?, errMsg}
      const { wx, key, opened, openid, unionid } = await start()
      const answer = await wx.getUserInfo()
      expect(answer).to.have.all.keys('userInfo', 'rawData', 'signature', 'encryptedData', 'iv', 'errMsg')
      expect(answer.errMsg).to.equal('getUserInfo:ok')
      // WeChat: rawData is the JSON text of userInfo as the server produced it (userInfo = JSON.parse(rawData)),
      // signature is sha1 of rawData and session_key
      expect(answer.userInfo).to.deep.equal(JSON.parse(answer.rawData))
      expect(answer.signature).to.equal(signRawData(answer.rawData, key))
      expect(opened(answer)).to.include({ ...answer.userInfo, openId: openid, unionId: unionid })
    })

    it('getUserInfo gives anonymous user info, as WeChat does since 2021', async () => {
      // WeChat: 2021-04-28 24:00: getUserInfo and the button return anonymous data without a dialog, openId/unionId
      // unchanged
      const { wx } = await start()
      expect((await wx.getUserInfo({ lang: 'zh_CN' })).userInfo).to.include({
        nickName: '微信用户',
        gender: 0,
        language: '',
        is_demote: true,
      })
    })

    it('getUserInfo gives no encrypted data with withCredentials: false', async () => {
      // WeChat: with withCredentials: false no encryptedData/iv
      const { wx } = await start()
      expect(await wx.getUserInfo({ withCredentials: false })).to.have.all.keys(
        'userInfo',
        'rawData',
        'signature',
        'errMsg',
      )
    })

    it('getUserInfo needs an earlier login, unless withCredentials is false', async () => {
      // WeChat: In the real library withCredentials defaults to true; then a previous live wx.login is required
      const { weixin } = await start()
      const wx = phone({ weixin: weixin.url, user: 'newcomer' })
      const { errMsg } = await failureOf(wx.getUserInfo())
      expect(errMsg).to.match(/^getUserInfo:fail .*call wx\.login first/)
      expect((await failureOf(wx.getUserInfo({ withCredentials: true }))).errMsg).to.equal(errMsg)
      await wx.getUserInfo({ withCredentials: false })
    })

    it('getUserInfo fails if the user refuses', async () => {
      // WeChat: Refusal: getUserInfo:fail auth deny
      const { wx } = await start()
      wx.devtools.allowUserInfo(false)
      expect(await failureOf(wx.getUserInfo())).to.deep.equal({ errMsg: 'getUserInfo:fail auth deny' })
      wx.devtools.allowUserInfo(true)
      await wx.getUserInfo()
    })

    it('getUserInfo encrypts data with WeChat’s current key', async () => {
      // WeChat: button callback delivers encryptedData made with key K1; callback calls wx.login → WeChat may mint K2
      const { wx, weixin, opened } = await start()
      opened(await wx.getUserInfo())
      weixin.rotateKey()
      const answer = await wx.getUserInfo()
      expect(() => opened(answer)).to.throw()
    })
  })

  describe('the result of getUserProfile', () => {
    it('getUserProfile works on a tap and gives encrypted data without ids', async () => {
      // WeChat: getUserProfile: like getUserInfo, but without openId/unionId
      const { wx, opened } = await start()
      const answer = await wx.devtools.tap(() => wx.getUserProfile({ desc: '用于完善会员资料' }))
      expect(answer).to.have.all.keys('userInfo', 'rawData', 'signature', 'encryptedData', 'iv', 'errMsg')
      expect(answer.errMsg).to.equal('getUserProfile:ok')
      const { watermark, ...profile } = opened(answer)
      expect(profile).to.deep.equal(answer.userInfo)
      expect(watermark).to.have.property('appid')
    })

    it('getUserProfile fails outside a tap', async () => {
      // WeChat: getUserProfile outside a tap: getUserProfile:fail can only be invoked by user TAP gesture.
      const { wx } = await start()
      const desc = 'why'
      const refused = { errMsg: 'getUserProfile:fail can only be invoked by user TAP gesture.' }
      expect(await failureOf(wx.getUserProfile({ desc }))).to.deep.equal(refused)
      const afterwards = wx.devtools.tap(async () => {
        await wx.checkSession()
        return wx.getUserProfile({ desc })
      })
      expect(await failureOf(afterwards)).to.deep.equal(refused)
      const clumsy = () => {
        throw new Error('slipped')
      }
      expect(() => wx.devtools.tap(clumsy)).to.throw('slipped')
      expect(await failureOf(wx.getUserProfile({ desc }))).to.deep.equal(refused)
      await wx.devtools.tap(() => {
        wx.devtools.tap(() => {})
        return wx.getUserProfile({ desc })
      })
    })

    it('getUserProfile needs a desc of at most 30 characters', async () => {
      // WeChat: desc is mandatory, ≤ 30 chars
      const { wx } = await start()
      const ask = (desc: unknown) => wx.devtools.tap(() => wx.getUserProfile({ desc } as { desc: string }))
      expect((await failureOf(ask(undefined))).errMsg).to.equal(
        'getUserProfile:fail parameter error: parameter.desc should be String instead of Undefined;',
      )
      for (const desc of ['', '猪'.repeat(31)]) {
        expect((await failureOf(ask(desc))).errMsg).to.match(/^getUserProfile:fail desc /)
      }
      await ask('猪'.repeat(30))
    })

    it('getUserInfo fails if the user refuses', async () => {
      const { wx } = await start()
      wx.devtools.allowUserInfo(false)
      expect(await failureOf(wx.devtools.tap(() => wx.getUserProfile({ desc: 'why' })))).to.deep.equal({
        errMsg: 'getUserProfile:fail auth deny',
      })
    })
  })

  describe('the event of the phone button', () => {
    const press = async (wx: ReturnType<typeof phone>, choice?: { allow?: boolean }) => {
      const events: PhoneEvent[] = []
      await wx.devtools.tapPhoneButton((event) => events.push(event), choice)
      expect(events).to.have.lengthOf(1)
      expect(events[0]?.type).to.equal('getphonenumber')
      return events[0]?.detail ?? { errMsg: '' }
    }

    it('the phone button’s event has a code and the encrypted number', async () => {
      // WeChat: Phone button: e.detail = {code, errMsg:"getPhoneNumber:ok", encryptedData, iv, cloudID?}
      const { wx, weixin, post, opened } = await start()
      const detail = await press(wx)
      expect(detail).to.have.all.keys('code', 'errMsg', 'encryptedData', 'iv')
      expect(detail.errMsg).to.equal('getPhoneNumber:ok')
      const { appid, secret } = weixin.apps[0] ?? {}
      const grant = { grant_type: 'client_credential', appid, secret }
      const { access_token } = (await post('/cgi-bin/stable_token', grant)).json
      const asked = await post('/wxa/business/getuserphonenumber', { code: detail.code }, { access_token })
      expect(asked.json.phone_info.phoneNumber).to.equal(opened(detail).phoneNumber)
    })

    it('the phone button’s event has no code if the user refuses', async () => {
      // WeChat: refusal getPhoneNumber:fail user deny
      const { wx } = await start()
      expect(await press(wx, { allow: false })).to.deep.equal({ errMsg: 'getPhoneNumber:fail user deny' })
      expect((await press(wx, { allow: true })).errMsg).to.equal('getPhoneNumber:ok')
      expect((await press(wx, {})).errMsg).to.equal('getPhoneNumber:ok')
    })

    it('the phone button’s event reports a failure if WeChat can’t be reached', async () => {
      const detail = await press(phone())
      expect(detail.errMsg).to.match(/^getPhoneNumber:fail WeChat's side can't be reached/)
      expect(detail.errno).to.equal(600001)
    })

    it('tapPhoneButton waits for the handler and rejects with what it throws', async () => {
      const { wx } = await start()
      let done = false
      await wx.devtools.tapPhoneButton(async () => {
        await wx.checkSession()
        done = true
      })
      expect(done).to.equal(true)
      const mishap = new Error('a mishap in the mini program')
      const thrown = await wx.devtools
        .tapPhoneButton(() => {
          throw mishap
        })
        .catch((error: unknown) => error)
      expect(thrown).to.equal(mishap)
    })
  })
})
