import { expect } from 'chai'
import { demoApp } from '#src/sandbox/index.js'
import { cafe, club, LOGIN, MINUTE, shop, useSandboxes } from '../../support/service/use-sandboxes.js'

describe('code2Session of the sandbox', () => {
  const start = useSandboxes()

  it('code2Session gives openid and session_key, and a unionid only where the app is bound', async () => {
    const { session, weixin } = await start({ apps: [shop, club] })
    const unbound = await session('anna', shop)
    expect(unbound).to.have.all.keys('openid', 'session_key')
    expect(weixin.identity('anna')).to.deep.equal({ openid: unbound.openid })
    expect(unbound.openid).to.match(/^o[\w-]{27}$/)
    expect(Buffer.from(unbound.session_key, 'base64')).to.have.length(16)
    const bound = await session('anna', club)
    expect(bound).to.have.all.keys('openid', 'session_key', 'unionid')
    expect(bound).to.include(weixin.identity('anna', { appid: club.appid }))
    expect(bound.openid).to.not.equal(unbound.openid)
  })

  it('code2Session gives a user the same unionid in all bound apps, and the same ids after a restart', async () => {
    const first = await start({ apps: [club, cafe] })
    const { openid, unionid } = await first.session('anna', club)
    expect((await first.session('anna', cafe)).unionid).to.equal(unionid)
    expect((await first.session('ben', club)).unionid).to.not.equal(unionid)
    await first.weixin.close()
    const second = await start({ apps: [club] })
    expect(await second.session('anna', club)).to.include({ openid, unionid })
  })

  it('code2Session adds expires_in for old accounts', async () => {
    const { session } = await start({ legacyExpiresIn: true })
    expect(await session()).to.include({ expires_in: 7200 })
  })

  it('code2Session gives no errcode with a success', async () => {
    const { session } = await start()
    expect(await session()).to.have.all.keys('openid', 'session_key', 'unionid')
  })

  it('code2Session takes a code once: 40163 for the second time', async () => {
    const { weixin, exchange } = await start()
    const { code } = await weixin.login()
    expect((await exchange(code)).json).to.have.property('openid')
    expect((await exchange(code)).json).to.include({ errcode: 40163 })
  })

  it('code2Session takes a code for 5 minutes: 40029 from then on', async () => {
    const { weixin, time, exchange } = await start()
    const early = await weixin.login()
    const late = await weixin.login()
    time.now += 5 * MINUTE - 1
    expect((await exchange(early.code)).json).to.have.property('openid')
    time.now += 1
    expect((await exchange(late.code)).json).to.include({ errcode: 40029 })
    expect((await exchange(early.code)).json).to.include({ errcode: 40029 })
  })

  it('code2Session takes codes in any order while they live', async () => {
    const { weixin, exchange } = await start()
    const first = await weixin.login('anna')
    const second = await weixin.login('anna')
    expect(first.code).to.not.equal(second.code)
    expect((await exchange(second.code)).json).to.have.property('openid')
    expect((await exchange(first.code)).json).to.have.property('openid')
  })

  it("code2Session gives 40029 for unknown codes, another app's, and those of the phone button", async () => {
    const { weixin, exchange } = await start({ apps: [shop, club] })
    const foreign = await weixin.login('anna', { appid: club.appid })
    const phone = await weixin.phoneCode('anna')
    for (const code of ['unknown', foreign.code, phone.code]) {
      expect((await exchange(code, shop)).json).to.include({ errcode: 40029 })
    }
    expect((await exchange(foreign.code, club)).json).to.have.property('openid')
  })

  it('code2Session checks what is missing, who asks and what is asked, in this order', async () => {
    const { weixin, get, exchange } = await start({ loginsPerMinute: 1 })
    weixin.refuseAddress()
    weixin.block('mallory')
    const fresh = async (user: string) => (await weixin.login(user)).code
    const used = await fresh('anna')
    const ask = async (query: Record<string, string>) => (await get(LOGIN, query)).json.errcode
    const { appid, secret } = demoApp
    const grant_type = 'authorization_code'

    expect(await ask({})).to.equal(41002)
    expect(await ask({ appid: 'wx' })).to.equal(41004)
    expect(await ask({ appid: 'wx', secret: 'wrong' })).to.equal(41008)
    expect(await ask({ appid: 'wx', secret: 'wrong', js_code: '' })).to.equal(41008)
    expect(await ask({ appid: 'wx', secret: 'wrong', js_code: 'x' })).to.equal(40002)
    expect(await ask({ appid: 'wx', secret: 'wrong', js_code: 'x', grant_type: 'x' })).to.equal(40002)
    expect(await ask({ appid: 'wx', secret: 'wrong', js_code: 'x', grant_type })).to.equal(40013)
    expect(await ask({ appid, secret: 'wrong', js_code: 'x', grant_type })).to.equal(40125)
    expect(await ask({ appid, secret, js_code: 'x', grant_type })).to.equal(40164)
    weixin.refuseAddress(false)
    expect(await ask({ appid, secret, js_code: 'x', grant_type })).to.equal(40029)
    expect((await exchange(used)).json).to.have.property('openid')
    expect((await exchange(used)).json.errcode).to.equal(40163)
    expect((await exchange(await fresh('mallory'))).json.errcode).to.equal(40226)
    expect((await exchange(await fresh('anna'))).json.errcode).to.equal(45011)
  })

  it('code2Session names our address when it refuses it', async () => {
    const { weixin, exchange } = await start()
    weixin.refuseAddress()
    expect((await exchange('x')).json.errmsg).to.include(
      'invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist',
    )
  })

  it('code2Session limits a user to so many exchanges a minute, if told to, and spends no code on it', async () => {
    const { weixin, time, exchange, session } = await start({ loginsPerMinute: 2 })
    await session('anna')
    await session('anna')
    const { code } = await weixin.login('anna')
    expect((await exchange(code)).json).to.include({ errcode: 45011 })
    expect(await session('ben')).to.have.property('openid')
    time.now += MINUTE
    expect((await exchange(code)).json).to.have.property('openid')
  })

  it('the user who was blocked first is let go before too many are blocked', async () => {
    const { weixin, session } = await start()
    for (let index = 0; index <= 10_000; index++) weixin.block(`user ${index}`)
    expect(await session('user 0')).to.have.property('openid')
    expect(await session('user 1')).to.include({ errcode: 40226 })
    expect(await session('user 10000')).to.include({ errcode: 40226 })
  })

  it('a user is blocked in every app, and nobody else is', async () => {
    const { weixin, session } = await start({ apps: [shop, club] })
    weixin.block('mallory')
    expect(await session('mallory', shop)).to.include({ errcode: 40226 })
    expect(await session('mallory', club)).to.include({ errcode: 40226 })
    expect(await session('anna', shop)).to.have.property('openid')
  })
})

describe('code2Session of the sandbox, by POST,', () => {
  const start = useSandboxes()

  async function asked(user = 'anna') {
    const sandbox = await start()
    const { code } = await sandbox.weixin.login(user)
    const { appid, secret } = demoApp
    const ask = { appid, secret, js_code: code, grant_type: 'authorization_code' }
    return { ...sandbox, ask, form: String(new URLSearchParams(ask)) }
  }

  it('code2Session answers a POST as a GET, the parameters in the query', async () => {
    const { post, ask, weixin } = await asked()
    const { json } = await post(LOGIN, undefined, ask)
    expect(json).to.include(weixin.identity('anna')).and.to.have.property('session_key')
    expect((await post(LOGIN, undefined, ask)).json.errcode).to.equal(40163)
  })

  it('code2Session answers a POST as a GET, the parameters in a form', async () => {
    const { call, form, weixin } = await asked()
    expect((await call('POST', LOGIN, {}, form)).json).to.include(weixin.identity('anna'))
    expect((await call('POST', LOGIN, {}, form)).json.errcode).to.equal(40163)
  })

  it('code2Session takes a query before a form, and nothing from JSON', async () => {
    const { call, post, ask, form } = await asked()
    expect((await call('POST', LOGIN, { appid: 'wx' }, form)).json.errcode).to.equal(40013)
    expect((await post(LOGIN, ask)).json.errcode).to.equal(41002)
    expect((await call('POST', LOGIN, {}, '7')).json.errcode).to.equal(41002)
    expect((await call('POST', LOGIN, {}, '%%%')).json.errcode).to.equal(41002)
    expect((await call('POST', LOGIN, ask, 'unheard=of')).json).to.have.property('session_key')
  })
})
