import { createHmac } from 'node:crypto'
import { expect } from 'chai'
import { demoApp } from '#src/sandbox/index.js'
import { LOGIN, useSandboxes } from '../../support/service/use-sandboxes.js'

const sign = (key: string, text: string) => createHmac('sha256', key).update(text).digest('hex')
const [liveKey = '', testKey = ''] = demoApp.appKeys ?? []
const order = {
  offerId: '123',
  buyQuantity: 2,
  env: 0,
  currencyType: 'CNY',
  productId: 'book',
  goodsPrice: 10,
  outTradeNo: 'order-00000001',
  attach: 'from the cart',
}

describe('virtual payment in the sandbox', () => {
  const start = useSandboxes()

  async function loggedIn(app = demoApp) {
    const sandbox = await start({ apps: [app] })
    const { code } = await sandbox.weixin.login('anna')
    const exchange = {
      appid: app.appid,
      secret: app.secret,
      js_code: code,
      grant_type: 'authorization_code',
    }
    const { openid, session_key: key } = (await sandbox.get(LOGIN, exchange)).json
    const access_token = await sandbox.plainToken()
    const pay = (fields: object = {}, more: object = {}) => {
      const signData = JSON.stringify({ ...order, ...fields })
      const paySig = sign(
        'env' in fields && fields.env === 1 ? testKey : liveKey,
        `requestVirtualPayment&${signData}`,
      )
      const mode = 'short_series_goods'
      const payment = { mode, signData, paySig, signature: sign(key, signData), ...more }
      return sandbox.weixin.requestVirtualPayment('anna', payment)
    }
    /** Calls an endpoint of /xpay with both signatures, or with what a test has in their place. */
    const call = async (name: string, fields: object, signatures: Record<string, string> = {}) => {
      // Not as JSON.stringify would write it: a signature is over what is sent.
      const body = JSON.stringify({ openid, user_ip: '127.0.0.1', env: 0, ...fields }, null, 1)
      const path = `/xpay/${name}`
      const signed = { pay_sig: sign(liveKey, `${path}&${body}`), signature: sign(key, body) }
      return (await sandbox.call('POST', path, { access_token, ...signed, ...signatures }, body)).json
    }
    return { ...sandbox, openid, key, pay, call }
  }

  describe('a payment', () => {
    it('is made where both signatures are right, once for an order, and with each AppKey in its env', async () => {
      const { pay } = await loggedIn()
      expect(await pay()).to.include({ errCode: 0, errMsg: 'ok' })
      expect(await pay()).to.include({ errCode: -15002 })
      expect(await pay({ env: 1 })).to.include({ errCode: 0 })
    })

    it('is not made with a wrong signature of either kind', async () => {
      const { pay, key } = await loggedIn()
      expect(await pay({}, { signature: sign('other', JSON.stringify(order)) })).to.include({
        errCode: -15005,
      })
      expect(await pay({}, { signature: '' })).to.include({ errCode: -15005 })
      expect(await pay({}, { paySig: sign(testKey, 'x') })).to.include({ errCode: -15006 })
      // Whoever parses and writes the order anew signs another text than is paid with.
      const spaced = JSON.stringify(order, null, 1)
      const signature = sign(key, JSON.stringify(order))
      expect(await pay({}, { signData: spaced, signature })).to.include({ errCode: -15005 })
    })

    it('is not made with a key that WeChat has replaced, or that has ended', async () => {
      const { pay, weixin, time } = await loggedIn()
      weixin.rotateKey('anna')
      expect(await pay()).to.include({ errCode: -15005 })
      time.now += 4 * 24 * 3_600_000
      expect(await pay()).to.include({ errCode: -15007 })
    })

    it('has to say what is paid for', async () => {
      const { pay } = await loggedIn()
      const wrong = [
        { offerId: undefined },
        { buyQuantity: 0 },
        { buyQuantity: '1' },
        { env: 2 },
        { productId: '' },
        { goodsPrice: 1.5 },
        { attach: undefined },
        { outTradeNo: 'short' },
        { outTradeNo: '_order-00000001' },
        { outTradeNo: 'order 00000001' },
        { activitySellingPrice: -1 },
      ]
      for (const fields of wrong)
        expect(await pay(fields), JSON.stringify(fields)).to.include({ errCode: -15001 })
      expect(await pay({ currencyType: 'USD' })).to.include({ errCode: -15004 })
      expect(await pay({}, { mode: 'game' })).to.include({ errCode: -15001 })
      for (const signData of ['', 'x', '[]', 'null'])
        expect(await pay({}, { signData })).to.include({ errCode: -15016 })
      expect(await pay({}, { signData: order })).to.include({ errCode: -15001 })
    })

    it('has no checked paySig where the app has no AppKeys', async () => {
      const { appKeys: _, ...app } = demoApp
      const { pay, call } = await loggedIn(app)
      expect(await pay({}, { paySig: 'any' })).to.include({ errCode: 0 })
      expect(await call('query_user_balance', {}, { pay_sig: 'any' })).to.include({ errcode: 0 })
    })
  })

  describe('an order', () => {
    it('is told of in the notification of goods, and delivered by who says so', async () => {
      const { pay, call, weixin, openid, time } = await loggedIn()
      const numbers = { order_id: order.outTradeNo }
      await pay()
      const told = await weixin.paymentNotification(order.outTradeNo)
      expect(told).to.deep.include({
        Event: 'xpay_goods_deliver_notify',
        OpenId: openid,
        OutTradeNo: order.outTradeNo,
        Env: 0,
        GoodsInfo: {
          ProductId: 'book',
          Quantity: 2,
          OrigPrice: 10,
          ActualPrice: 10,
          Attach: 'from the cart',
        },
      })
      const { order: paid } = await call('query_order', numbers)
      expect(paid).to.include({ status: 2, order_fee: 20, paid_fee: 20, biz_meta: order.attach, env_type: 1 })
      time.now += 1000
      const byOther = await call('notify_provide_goods', { wx_order_id: paid.wx_order_id })
      expect(byOther).to.deep.equal({ errcode: 0, errmsg: 'ok' })
      expect((await call('query_order', numbers)).order).to.include({ status: 4, paid_time: paid.paid_time })
      expect((await call('query_order', numbers)).order.provide_time).to.equal(paid.paid_time + 1)
    })

    it('that was not paid, or of another env, is not to be delivered, nor told of', async () => {
      const { pay, call, weixin } = await loggedIn()
      expect(await pay({}, { cancel: true })).to.deep.equal({ errCode: -2, errMsg: 'cancel' })
      const numbers = { order_id: order.outTradeNo }
      expect((await call('query_order', numbers)).order).to.include({ status: 1, paid_fee: 0, paid_time: 0 })
      expect(await call('notify_provide_goods', numbers)).to.include({ errcode: 268490002 })
      for (const env of [0, 1] as const) {
        const told = weixin.paymentNotification(order.outTradeNo, { env })
        expect(await told.catch((error: Error) => error.message)).to.equal('no such order was paid')
      }
      expect(await call('query_order', { order_id: 'nobody-knows-it' })).to.include({ errcode: 268490002 })
    })

    it('is asked for with a payment signature, and no other', async () => {
      const { pay, call } = await loggedIn()
      await pay()
      const numbers = { order_id: order.outTradeNo }
      expect(await call('query_order', numbers, { signature: '' })).to.include({ errcode: 0 })
      for (const pay_sig of ['', 'x', sign(testKey, 'x')])
        expect(await call('query_order', numbers, { pay_sig })).to.include({ errcode: 268490003 })
    })
  })

  describe('coins', () => {
    const coins = { mode: 'short_series_coin' }

    it('are bought, spent once for an order, and given back', async () => {
      const { pay, call } = await loggedIn()
      expect(await call('query_user_balance', {})).to.deep.equal({
        errcode: 0,
        errmsg: 'ok',
        balance: 0,
        present_balance: 0,
        sum_save: 0,
        sum_present: 0,
        sum_balance: 0,
        sum_cost: 0,
        first_save_flag: true,
      })
      await pay({ buyQuantity: 100, productId: undefined, goodsPrice: undefined }, coins)
      const spend = { amount: 60, order_id: 'spend-1', payitem: '[]' }
      expect(await call('currency_pay', spend)).to.include({
        errcode: 0,
        balance: 40,
        used_present_amount: 0,
      })
      expect(await call('currency_pay', spend)).to.include({ errcode: 268490004 })
      expect(await call('currency_pay', { ...spend, order_id: 'spend-2' })).to.include({ errcode: 268490006 })
      const back = { pay_order_id: 'spend-1', order_id: 'back-1', amount: 50 }
      expect(await call('cancel_currency_pay', back)).to.include({ errcode: 0, order_id: 'back-1' })
      expect(await call('cancel_currency_pay', back)).to.include({ errcode: 268490004 })
      expect(await call('cancel_currency_pay', { ...back, order_id: 'back-2' })).to.include({
        errcode: 268490006,
      })
      expect(await call('query_user_balance', {})).to.include({ balance: 90, sum_save: 100, sum_cost: 10 })
    })

    it('are told of in the notification of coins', async () => {
      const { pay, weixin } = await loggedIn()
      await pay({ buyQuantity: 100 }, coins)
      const told = await weixin.paymentNotification(order.outTradeNo)
      expect(told).to.deep.include({ Event: 'xpay_coin_pay_notify' })
      expect(told).to.have.nested.property('CoinInfo.Quantity', 100)
    })

    for (const name of ['query_user_balance', 'currency_pay', 'cancel_currency_pay']) {
      it(`are touched by ${name} with both signatures only, made with the user's live key`, async () => {
        const { call, weixin, time } = await loggedIn()
        expect(await call(name, {}, { signature: '' })).to.include({ errcode: 268490003 })
        expect(await call(name, {}, { signature: sign('other', '') })).to.include({ errcode: 268490003 })
        expect(await call(name, {}, { pay_sig: '' })).to.include({ errcode: 268490003 })
        expect(await call(name, { openid: '' })).to.include({ errcode: 268490001 })
        expect(await call(name, { openid: weixin.identity('ben').openid })).to.include({ errcode: 268490009 })
        expect(await call(name, { user_ip: undefined })).to.include({ errcode: 268490002 })
        expect(await call(name, { env: 2 })).to.include({ errcode: 268490002 })
        expect(await call(name, {}, { access_token: 'none' })).to.include({ errcode: 40014 })
        weixin.rotateKey('anna')
        expect(await call(name, {})).to.include({ errcode: 268490003 })
        time.now += 1
      })
    }
  })

  it('is done by another process over HTTP as well', async () => {
    const { post, key, weixin } = await loggedIn()
    const signData = JSON.stringify(order)
    const body = {
      user: 'anna',
      mode: 'short_series_goods',
      signData,
      paySig: sign(liveKey, `requestVirtualPayment&${signData}`),
      signature: sign(key, signData),
    }
    const { json } = await post('/sandbox/virtual-payment', body)
    expect(json).to.include({ errCode: 0 })
    expect(json.notification).to.deep.equal(await weixin.paymentNotification(order.outTradeNo))
  })
})
