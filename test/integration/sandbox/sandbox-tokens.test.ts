import { expect } from 'chai'
import { demoApp } from '#src/sandbox/index.js'
import {
  CHECK,
  MINUTE,
  STABLE_TOKEN,
  secretOf,
  TOKEN,
  useSandboxes,
} from '../../support/service/use-sandboxes.js'

describe('stable_token of the sandbox', () => {
  const start = useSandboxes()

  const ask = { ...secretOf(demoApp), grant_type: 'client_credential' }

  it('stable_token gives the same token with the seconds that are left, without an errcode', async () => {
    const { time, post } = await start()
    const { json } = await post(STABLE_TOKEN, ask)
    expect(json).to.have.all.keys('access_token', 'expires_in')
    expect(json.expires_in).to.equal(7200)
    time.now += MINUTE
    expect((await post(STABLE_TOKEN, ask)).json).to.deep.equal({ ...json, expires_in: 7140 })
  })

  it('stable_token renews the token 5 minutes before its end and honours both until then', async () => {
    const { time, get, stableToken } = await start()
    const old = await stableToken()
    time.now += 116 * MINUTE
    const renewed = await stableToken()
    expect(renewed).to.not.equal(old)
    const errcode = async (access_token: string) => (await get(CHECK, { access_token })).json.errcode
    expect([await errcode(old), await errcode(renewed)]).to.deep.equal([40097, 40097])
    time.now += 4 * MINUTE
    expect([await errcode(old), await errcode(renewed)]).to.deep.equal([42001, 40097])
  })

  it('stable_token forces a refresh at most every 30 seconds and 20 times a day', async () => {
    const { time, get, post, stableToken } = await start()
    const old = await stableToken()
    const force = async () => (await post(STABLE_TOKEN, { ...ask, force_refresh: true })).json
    const { access_token } = await force()
    expect((await get(CHECK, { access_token: old })).json.errcode).to.equal(40001)
    expect((await force()).access_token).to.equal(access_token)
    for (let index = 1; index < 20; index++) {
      time.now += MINUTE / 2
      expect(await force()).to.have.property('access_token')
    }
    time.now += MINUTE / 2
    expect(await force()).to.include({ errcode: 45009 })
  })

  it('stable_token checks the body, what is missing, and who asks, in this order', async () => {
    const { weixin, post, call } = await start()
    weixin.refuseAddress()
    const errcode = async (body?: unknown) => (await post(STABLE_TOKEN, body)).json.errcode
    expect(await errcode()).to.equal(44002)
    expect((await call('POST', STABLE_TOKEN, {}, '{"appid":')).json.errcode).to.equal(47001)
    expect(await errcode([])).to.equal(47001)
    expect(await errcode({})).to.equal(41002)
    expect(await errcode({ appid: 7 })).to.equal(41002)
    expect(await errcode({ appid: 'wx' })).to.equal(41004)
    expect(await errcode({ appid: 'wx', secret: 7 })).to.equal(41004)
    expect(await errcode({ appid: 'wx', secret: 'wrong' })).to.equal(40002)
    expect(await errcode({ ...ask, appid: 'wx' })).to.equal(40013)
    expect(await errcode({ ...ask, secret: 'wrong' })).to.equal(40125)
    expect(await errcode(ask)).to.equal(40164)
    weixin.refuseAddress(false)
    expect((await post(STABLE_TOKEN, ask)).json).to.have.property('access_token')
  })
})

describe('token of the sandbox, the older endpoint,', () => {
  const start = useSandboxes()

  const { appid, secret } = demoApp
  const ask = { appid, secret, grant_type: 'client_credential' }

  it('the older token endpoint gives a new one each time, without an errcode, and both work for 5 minutes', async () => {
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

  it('the older token endpoint leaves the token of stable_token as it is', async () => {
    const { get, post, time } = await start()
    const stable = async () => (await post(STABLE_TOKEN, ask)).json.access_token
    const before = await stable()
    for (let index = 0; index < 10; index++) await get(TOKEN, ask)
    time.now += 6 * MINUTE
    expect(await stable()).to.equal(before)
    expect((await get(CHECK, { access_token: before })).json.errcode).to.equal(40097)
  })

  it('the older token endpoint checks what is missing, then who asks, and knows no other method', async () => {
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
