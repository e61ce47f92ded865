import { expect } from 'chai'
import {
  expectProblem,
  type Json,
  type RunningService,
  startService,
} from '../../support/service/start-service.js'

describe('the shop behind a service with a sandbox', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService({ env: { WECHAT_APPID: '', WECHAT_SECRET: '', WECHAT_API: '' } })
  })
  afterEach(() => service.close())

  const post = (path: string, body: object = {}) => service.send('POST', path, { body })
  const logIn = async (user: string) => {
    const { json } = await post('/v1/login', (await post('/sandbox/login', { user })).json)
    return String(json['r3session'])
  }
  const order = async (token: string) => (await service.send('POST', '/sandbox/order', { token })).json
  const pay = async (user: string, { mode, signData, paySig, signature }: Json, more: object = {}) =>
    (await post('/sandbox/virtual-payment', { user, mode, signData, paySig, signature, ...more })).json
  const look = (token: string) => service.send('GET', '/sandbox/order', { token })

  it('an order of the shop is signed so that WeChat takes it, and is delivered once it is paid', async () => {
    const token = await logIn('ann')
    const placed = await order(token)
    expect(placed['asked']).to.have.nested.property('[0].path', '/v1/sign')
    expect((await pay('ann', placed, { cancel: true }))['errCode']).to.equal(-2)
    expect((await look(token)).json['state']).to.equal('ordered')
    const another = await order(token)
    expect((await pay('ann', another))['errCode']).to.equal(0)
    expect((await look(token)).json['state']).to.equal('delivered')
    expect((await look(token)).json['state']).to.equal('delivered')
  })

  it('an order is known to who placed it, and to nobody else', async () => {
    const placed = await order(await logIn('ann'))
    await pay('ann', placed)
    expect((await look(await logIn('bob'))).json).to.deep.equal({ state: 'none' })
    const { json } = await look(await logIn('ann'))
    expect(json).to.deep.equal({ outTradeNo: placed['outTradeNo'], state: 'delivered' })
    for (const method of ['GET', 'POST'])
      expectProblem(await service.send(method, '/sandbox/order'), 401, 'unauthorized')
  })

  it('an order whose session_key WeChat has replaced is refused there; after a check the shop asks for a login', async () => {
    const token = await logIn('ann')
    await post('/sandbox/rotate-key', { user: 'ann' })
    expect((await pay('ann', await order(token)))['errCode']).to.equal(-15005)
    const { json } = await service.send('POST', '/v1/session/check', { token })
    expect(json).to.deep.equal({ valid: false })
    expectProblem(await service.send('POST', '/sandbox/order', { token }), 401, 'invalid_session')
    expect((await pay('ann', await order(await logIn('ann'))))['errCode']).to.equal(0)
  })

  it('a WeChat out of order is an error of WeChat’s, and the order is found later', async () => {
    const token = await logIn('ann')
    const placed = await order(token)
    await pay('ann', placed)
    await post('/sandbox/fail', { html: true, path: '/xpay/query_order' })
    expectProblem(await look(token), 502, 'wechat_invalid_response')
    expect((await look(token)).json['state']).to.equal('delivered')
  })

  it('whoever closes their account has neither session nor key left, and begins anew with the next login', async () => {
    const [token, other] = [await logIn('ann'), await logIn('ann')]
    const { json } = await service.send('DELETE', '/sandbox/account', { token })
    expect(json['left']).to.deep.equal({ sessions: 0, sessionKeys: 0 })
    for (const ended of [token, other])
      expectProblem(await service.send('GET', '/v1/session', { token: ended }), 401, 'invalid_session')
    const again = await logIn('ann')
    const view = (await service.send('GET', '/sandbox/session', { token: again })).json
    expect([view['sessions'], view['ring']].map((list) => (list as unknown[]).length)).to.deep.equal([1, 1])
  })
})
