import { createHmac } from 'node:crypto'
import type { Failure, Wx } from '@r3session/wx-simulator'
import { expect } from 'chai'
import { startTestSandbox } from '../support/service/start-sandbox.js'
import { calledBack, phone } from './phone.js'

const sign = (key: string, text: string) => createHmac('sha256', key).update(text).digest('hex')

describe("the user's keys on the simulated phone", () => {
  const open: (() => Promise<void>)[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()))
  })

  async function start() {
    const { weixin } = await startTestSandbox()
    open.push(weixin.close)
    const wx = phone({ weixin: weixin.url, user: 'anna' })
    await wx.login()
    const [{ appid = '', appKeys: [appKey = ''] = [] } = {}] = weixin.apps
    const key = weixin.keyOf({ appid, openid: weixin.identity('anna').openid }) ?? ''
    const options = (outTradeNo = 'order-00000001') => {
      const fields = { buyQuantity: 1, productId: 'book', goodsPrice: 10, outTradeNo, attach: '' }
      const signData = JSON.stringify({ offerId: '123', env: 0, currencyType: 'CNY', ...fields })
      const paySig = sign(appKey, `requestVirtualPayment&${signData}`)
      return { mode: 'short_series_goods', signData, paySig, signature: sign(key, signData) } as const
    }
    return { weixin, wx, options }
  }

  const pay = (wx: Wx, options: Parameters<Wx['requestVirtualPayment']>[0]) =>
    calledBack<object>((callbacks) => wx.requestVirtualPayment({ ...options, ...callbacks }))

  it('requestVirtualPayment pays for what both signatures are over, once', async () => {
    const { wx, weixin, options } = await start()
    const paid = await pay(wx, options())
    expect(paid).to.deep.equal({ by: 'success', answer: { errMsg: 'requestVirtualPayment:ok' } })
    expect(await weixin.paymentNotification('order-00000001')).to.include({ OutTradeNo: 'order-00000001' })
    const again = await pay(wx, options())
    expect(again.by).to.equal('fail')
    expect(again.answer).to.include({ errCode: -15002 })
    expect(again.answer.errMsg).to.match(/^requestVirtualPayment:fail outTradeNo/)
  })

  it('requestVirtualPayment fails with the errCode of WeChat', async () => {
    // WeChat: -15005 signature, -15006 paySig, -15016 signData, -2 cancelled
    const { wx, weixin, options } = await start()
    const codeOf = async (changed: object) => (await pay(wx, { ...options(), ...changed })).answer.errCode
    expect(await codeOf({ signature: '0'.repeat(64) })).to.equal(-15005)
    expect(await codeOf({ paySig: '0'.repeat(64) })).to.equal(-15006)
    expect(await codeOf({ signData: 'x' })).to.equal(-15016)
    wx.devtools.allowPayment(false)
    const { by, answer } = await pay(wx, options())
    expect([by, answer]).to.deep.equal(['fail', { errMsg: 'requestVirtualPayment:fail cancel', errCode: -2 }])
    wx.devtools.allowPayment(true)
    weixin.rotateKey('anna')
    expect(await codeOf({})).to.equal(-15005)
  })

  it('requestVirtualPayment takes texts, also where the typings have an object', async () => {
    // WeChat: 该参数需以string形式传递; 1001: wrong parameter
    const { wx, options } = await start()
    const { answer } = await pay(wx, { ...options(), signData: JSON.parse(options().signData) })
    expect(answer).to.deep.equal({
      errMsg:
        'requestVirtualPayment:fail parameter error: parameter.signData should be String instead of Object;',
      errCode: 1001,
    })
    expect((await pay(wx, {} as never)).answer.errCode).to.equal(1001)
  })

  it('requestVirtualPayment and the crypto manager give no promise', async () => {
    // WeChat: Promise 风格 调用：不支持
    const { wx, options } = await start()
    const manager = wx.getUserCryptoManager()
    expect([wx.requestVirtualPayment(options()), manager.getLatestUserKey()]).to.deep.equal([
      undefined,
      undefined,
    ])
    const complete = await new Promise<unknown>((complete) =>
      wx.requestVirtualPayment({ ...options('order-00000002'), complete }),
    )
    expect(complete).to.deep.equal({ errMsg: 'requestVirtualPayment:ok' })
  })

  it('requestVirtualPayment fails where WeChat is out of reach', async () => {
    const { options } = await start()
    const { answer } = await pay(phone(), options())
    expect(answer).to.include({ errCode: -1, errno: 600001 })
  })

  it('getLatestUserKey gives the key that WeChat tells a server', async () => {
    const { wx, weixin } = await start()
    const manager = wx.getUserCryptoManager()
    const { answer } = await calledBack<object>((callbacks) => manager.getLatestUserKey(callbacks))
    expect(answer).to.deep.equal({ ...(await weixin.userKey('anna')), errMsg: 'getLatestUserKey:ok' })
  })

  it('getRandomValues gives as many bytes as were asked for, up to a mebibyte', async () => {
    const manager = phone().getUserCryptoManager()
    const bytes = (length: unknown) =>
      calledBack<{ randomValues: ArrayBuffer }>((callbacks) =>
        manager.getRandomValues({ length: length as number, ...callbacks }),
      )
    for (const length of [0, 6, 1_048_576])
      expect((await bytes(length)).answer.randomValues.byteLength).to.equal(length)
    const [one, other] = [await bytes(16), await bytes(16)].map(({ answer }) =>
      Buffer.from(answer.randomValues).toString('hex'),
    )
    expect(one).not.to.equal(other)
    for (const length of [-1, 1.5, 1_048_577, '6', undefined]) {
      const { by, answer }: { by: string; answer: Failure } = await bytes(length)
      expect(by).to.equal('fail')
      expect(answer.errMsg).to.match(/^getRandomValues:fail .*length/)
    }
  })
})
