import type { PhoneEvent } from '@r3session/wx-simulator'
import { expect } from 'chai'
import { signRawData } from '#src/sandbox/seal.js'
import { openSealed, startTestSandbox } from '../support/start-sandbox.js'
import { failureOf, phone } from './phone.js'

describe('the data of the user on the simulated phone (C.5)', () => {
  const open: (() => Promise<void>)[] = []

  /** A phone whose user has logged in, and what opens the data that WeChat seals for them. */
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

  describe('from getUserInfo', () => {
    it('comes in the clear, signed, and sealed with the ids', async () => {
      // C.5: "getUserInfo success: {userInfo, rawData, signature, encryptedData, iv, cloudID?, errMsg}"
      const { wx, key, opened, openid, unionid } = await start()
      const answer = await wx.getUserInfo()
      expect(answer).to.have.all.keys('userInfo', 'rawData', 'signature', 'encryptedData', 'iv', 'errMsg')
      expect(answer.errMsg).to.equal('getUserInfo:ok')
      // C.5: "rawData is the JSON text of userInfo as the server produced it (userInfo = JSON.parse(rawData)), signature as B.2"
      expect(answer.userInfo).to.deep.equal(JSON.parse(answer.rawData))
      expect(answer.signature).to.equal(signRawData(answer.rawData, key))
      expect(opened(answer)).to.include({ ...answer.userInfo, openId: openid, unionId: unionid })
    })

    it('is anonymous, as it is since 2021', async () => {
      // C.5: "2021-04-28 24:00: getUserInfo and the button return anonymous data without a dialog, openId/unionId unchanged"
      const { wx } = await start()
      expect((await wx.getUserInfo({ lang: 'zh_CN' })).userInfo).to.include({
        nickName: '微信用户',
        gender: 0,
        language: '',
        is_demote: true,
      })
    })

    it('is not sealed withCredentials: false', async () => {
      // C.5: "with withCredentials: false no encryptedData/iv"
      const { wx } = await start()
      expect(await wx.getUserInfo({ withCredentials: false })).to.have.all.keys(
        'userInfo',
        'rawData',
        'signature',
        'errMsg',
      )
    })

    it('needs a login before, unless withCredentials is false', async () => {
      // C.5: "In the real library withCredentials defaults to true; then a previous live wx.login is required"
      const { weixin } = await start()
      const wx = phone({ weixin: weixin.url, user: 'newcomer' })
      const { errMsg } = await failureOf(wx.getUserInfo())
      expect(errMsg).to.match(/^getUserInfo:fail .*call wx\.login first/)
      expect((await failureOf(wx.getUserInfo({ withCredentials: true }))).errMsg).to.equal(errMsg)
      await wx.getUserInfo({ withCredentials: false })
    })

    it('is refused where the user refuses', async () => {
      // C.5: "Refusal: getUserInfo:fail auth deny"
      const { wx } = await start()
      wx.devtools.allowUserInfo(false)
      expect(await failureOf(wx.getUserInfo())).to.deep.equal({ errMsg: 'getUserInfo:fail auth deny' })
      wx.devtools.allowUserInfo(true)
      await wx.getUserInfo()
    })

    it('is sealed with the key that WeChat has at that time', async () => {
      // C.6: "button callback delivers encryptedData made with key K1; callback calls wx.login → WeChat may mint K2"
      const { wx, weixin, opened } = await start()
      opened(await wx.getUserInfo())
      weixin.rotateKey()
      const answer = await wx.getUserInfo()
      expect(() => opened(answer)).to.throw()
    })
  })

  describe('from getUserProfile', () => {
    it('comes on a tap, sealed without the ids', async () => {
      // B.3: "getUserProfile: as above without openId/unionId"
      const { wx, opened } = await start()
      const answer = await wx.devtools.tap(() => wx.getUserProfile({ desc: '用于完善会员资料' }))
      expect(answer).to.have.all.keys('userInfo', 'rawData', 'signature', 'encryptedData', 'iv', 'errMsg')
      expect(answer.errMsg).to.equal('getUserProfile:ok')
      const { watermark, ...profile } = opened(answer)
      expect(profile).to.deep.equal(answer.userInfo)
      expect(watermark).to.have.property('appid')
    })

    it('comes on nothing but a tap', async () => {
      // C.5: "getUserProfile outside a tap: getUserProfile:fail can only be invoked by user TAP gesture."
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

    it('wants to know what for, in 30 characters at most', async () => {
      // C.5: "desc is mandatory, ≤ 30 chars"
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

    it('is refused where the user refuses', async () => {
      const { wx } = await start()
      wx.devtools.allowUserInfo(false)
      expect(await failureOf(wx.devtools.tap(() => wx.getUserProfile({ desc: 'why' })))).to.deep.equal({
        errMsg: 'getUserProfile:fail auth deny',
      })
    })
  })

  describe('from the phone button', () => {
    const press = async (wx: ReturnType<typeof phone>, choice?: { allow?: boolean }) => {
      const events: PhoneEvent[] = []
      await wx.devtools.tapPhoneButton((event) => events.push(event), choice)
      expect(events).to.have.lengthOf(1)
      expect(events[0]?.type).to.equal('getphonenumber')
      return events[0]?.detail ?? { errMsg: '' }
    }

    it('is a code, and the number sealed beside it', async () => {
      // C.5: "Phone button: e.detail = {code, errMsg:"getPhoneNumber:ok", encryptedData, iv, cloudID?}"
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

    it('is nothing where the user refuses', async () => {
      // C.5: "refusal getPhoneNumber:fail user deny"
      const { wx } = await start()
      expect(await press(wx, { allow: false })).to.deep.equal({ errMsg: 'getPhoneNumber:fail user deny' })
      expect((await press(wx, { allow: true })).errMsg).to.equal('getPhoneNumber:ok')
      expect((await press(wx, {})).errMsg).to.equal('getPhoneNumber:ok')
    })

    it('is a failure in the event where WeChat can not be reached', async () => {
      const detail = await press(phone())
      expect(detail.errMsg).to.match(/^getPhoneNumber:fail WeChat's side can't be reached/)
      expect(detail.errno).to.equal(600001)
    })

    it('is waited for until the handler is done, and what it throws is told', async () => {
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
