import { createHmac } from 'node:crypto'
import { expect } from 'chai'
import { type Sandbox, SandboxError, demoApp as shop, startSandbox } from '#src/sandbox/index.js'
import { NOON } from '../../support/service/start-sandbox.js'
import { LOGIN, STABLE_TOKEN, useSandboxes } from '../../support/service/use-sandboxes.js'

const HOUR = 3600_000

describe('what the sandbox remembers', () => {
  const start = useSandboxes()

  async function ask(weixin: Sandbox, method: string, path: string, body?: unknown) {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
    const response = await fetch(weixin.url + path, init)
    return { status: response.status, json: (await response.json()) as Record<string, unknown> }
  }
  const secret = { appid: shop.appid, secret: shop.secret }
  const exchange = async (weixin: Sandbox, code: string) =>
    (
      await ask(
        weixin,
        'GET',
        `${LOGIN}?${new URLSearchParams({ ...secret, js_code: code, grant_type: 'authorization_code' })}`,
      )
    ).json
  const stableToken = async (weixin: Sandbox) =>
    (await ask(weixin, 'POST', STABLE_TOKEN, { ...secret, grant_type: 'client_credential' })).json

  const buyCoins = (weixin: Sandbox, outTradeNo: string) => {
    const order = { offerId: '1', buyQuantity: 5, env: 0, currencyType: 'CNY', outTradeNo, attach: '' }
    const signData = JSON.stringify(order)
    const sign = (key: string, text: string) => createHmac('sha256', key).update(text).digest('hex')
    const { openid } = weixin.identity('ann')
    return weixin.requestVirtualPayment('ann', {
      mode: 'short_series_coin',
      signData,
      paySig: sign(shop.appKeys?.[0] ?? '', `requestVirtualPayment&${signData}`),
      signature: sign(weixin.keyOf({ ...shop, openid }) ?? '', signData),
    })
  }

  /** A bit of everything. */
  async function use(weixin: Sandbox): Promise<{ used: string; fresh: string }> {
    const used = (await weixin.login('ann')).code
    await exchange(weixin, used)
    await stableToken(weixin)
    await weixin.phone('ann', { numericCountryCode: true })
    await weixin.pluginLogin('ann')
    await weixin.userKey('ann')
    await weixin.pay('ann')
    await buyCoins(weixin, 'coins-000001')
    weixin.block('eve')
    weixin.refuseAddress()
    weixin.fail({ errcode: -1, times: Infinity, path: '/wxa/checksession' })
    return { used, fresh: (await weixin.login('bob')).code }
  }

  it('can be taken out over HTTP and put into another sandbox, which goes on from there', async () => {
    const [one, other] = [
      (await start({ clock: () => NOON })).weixin,
      (await start({ clock: () => NOON })).weixin,
    ]
    const { used, fresh } = await use(one)
    const { json: state } = await ask(one, 'GET', '/sandbox/state')
    expect(await ask(other, 'PUT', '/sandbox/state', state)).to.deep.equal({ status: 200, json: {} })
    expect(other.state()).to.deep.equal(state)
    expect(await buyCoins(other, 'coins-000001')).to.include({ errCode: -15002 })
    expect(await buyCoins(other, 'coins-000002')).to.include({ errCode: 0 })
    other.refuseAddress(false)
    expect(await exchange(other, used)).to.include({ errcode: 40163 })
    const { openid } = one.identity('bob')
    expect(await exchange(other, fresh)).to.include({ openid, session_key: one.keyOf({ ...shop, openid }) })
    one.refuseAddress(false)
    expect((await stableToken(other))['access_token']).to.equal((await stableToken(one))['access_token'])
    expect((await ask(other, 'GET', '/wxa/checksession')).json).to.include({ errcode: -1 })
  })

  it('is forgotten by a reset, time and calls too', async () => {
    const { weixin } = await start({ clock: () => NOON, loginsPerMinute: 1 })
    const fresh = weixin.state()
    await use(weixin)
    weixin.advance(HOUR)
    expect(await ask(weixin, 'POST', '/sandbox/reset')).to.deep.equal({ status: 200, json: {} })
    expect(weixin.state()).to.deep.equal(fresh)
    expect(weixin.calls).to.deep.equal([])
    expect(await exchange(weixin, (await weixin.login('ann')).code)).to.include.keys('openid')
    expect(weixin.calls[0]).to.include({ number: 1, at: NOON })
  })

  it('ages as its time is moved ahead, so that expiry can be tested from any language', async () => {
    const { weixin } = await start({ clock: () => NOON })
    const { code } = await weixin.login('ann')
    expect(await ask(weixin, 'POST', '/sandbox/clock', { advance: 5 * 60_000 })).to.deep.equal({
      status: 200,
      json: { now: NOON + 5 * 60_000 },
    })
    expect(await exchange(weixin, code)).to.include({ errcode: 40029 })
    for (const advance of [-1, 0.5, '1', null, undefined, 2 ** 53, 4e12]) {
      const { status, json } = await ask(weixin, 'POST', '/sandbox/clock', { advance })
      expect(status, String(advance)).to.equal(400)
      expect(json['error']).to.include('milliseconds')
    }
    expect(weixin.advance(0)).to.equal(NOON + 5 * 60_000)
  })

  it('is left as it is by a state that does not fit, which is refused with the place', async () => {
    const { weixin } = await start({ clock: () => NOON })
    await use(weixin)
    const before = weixin.state()
    const account = { user: 'ann', appid: shop.appid }
    const code = { account, issuedAt: NOON, used: false }
    const wrong: [unknown, RegExp][] = [
      [{}, /version 1/],
      [{ version: 2 }, /version 1/],
      [{ version: 1, colour: 'red' }, /state has no "colour"/],
      [{ version: 1, ahead: -1 }, /state.ahead/],
      [{ version: 1, loginCodes: [] }, /state.loginCodes must be an object/],
      [{ version: 1, loginCodes: { a: null } }, /state.loginCodes\["a"\] must be an object/],
      [{ version: 1, loginCodes: { a: { ...code, used: 'no' } } }, /\["a"\].used must be true or false/],
      [{ version: 1, loginCodes: { a: { ...code, issuedAt: 1.5 } } }, /issuedAt must be a whole number/],
      [{ version: 1, loginCodes: { a: { ...code, more: 1 } } }, /has no "more"/],
      [
        { version: 1, loginCodes: { a: { ...code, account: { user: 'ann', appid: 'wx' } } } },
        /account: no such appid/,
      ],
      [
        { version: 1, loginCodes: { a: { ...code, account: { ...account, user: '' } } } },
        /1 to 64 characters/,
      ],
      [{ version: 1, sessionKeys: { a: { text: 'short', createdAt: 1, expiresAt: 2 } } }, /16 bytes/],
      [{ version: 1, encryptKeys: { a: [] } }, /has no key/],
      [{ version: 1, accessTokens: { other: {} } }, /accessTokens has no "other"/],
      [{ version: 1, blocked: Array.from({ length: 10_001 }, String) }, /more than 10000/],
      [{ version: 1, faults: [{ errcode: 0 }] }, /errcode/],
      [{ version: 1, faults: {} }, /list/],
    ]
    for (const [state, text] of wrong) {
      expect(() => weixin.restore(state), JSON.stringify(state).slice(0, 80)).to.throw(SandboxError, text)
      const { status, json } = await ask(weixin, 'PUT', '/sandbox/state', state)
      expect(status).to.equal(400)
      expect(json['error']).to.match(text)
    }
    expect(weixin.state()).to.deep.equal(before)
  })

  it('may be larger than what else is sent to a sandbox', async () => {
    const { weixin } = await start({ clock: () => NOON })
    for (let n = 0; n < 5000; n++) await weixin.login(`user ${n}`)
    const state = weixin.state()
    expect(JSON.stringify(state).length).to.be.greaterThan(256 * 1024)
    const { weixin: other } = await start({ clock: () => NOON })
    expect((await ask(other, 'PUT', '/sandbox/state', state)).status).to.equal(200)
    expect(other.state()).to.deep.equal(state)
    expect(
      (await fetch(`${other.url}/sandbox/seal`, { method: 'POST', body: JSON.stringify(state) })).status,
    ).to.equal(413)
  })

  it('has its methods, and names them', async () => {
    const weixin = await startSandbox()
    try {
      const wrong = await fetch(`${weixin.url}/sandbox/state`, { method: 'POST' })
      expect([wrong.status, wrong.headers.get('allow')]).to.deep.equal([405, 'GET, PUT'])
      const none = await ask(weixin, 'GET', '/sandbox/none')
      expect(none.json['error']).to.include('/sandbox/state').and.include('/sandbox/clock')
    } finally {
      await weixin.close()
    }
  })
})
