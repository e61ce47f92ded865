import { createHmac } from 'node:crypto'
import { expect } from 'chai'
import type { SandboxOptions } from '#src/sandbox/index.js'
import { NOON } from '../../support/service/start-sandbox.js'
import {
  CHECK,
  club,
  hmac,
  MINUTE,
  opens,
  RESET,
  shop,
  useSandboxes,
} from '../../support/service/use-sandboxes.js'

describe('the session keys of the sandbox', () => {
  const start = useSandboxes()

  it('the session_key stays the same however often the user logs in within the refresh interval', async () => {
    const { time, session } = await start({ keyRefreshInterval: MINUTE })
    const { session_key } = await session('anna')
    time.now += MINUTE - 1
    expect((await session('anna')).session_key).to.equal(session_key)
    expect((await session('ben')).session_key).to.not.equal(session_key)
    time.now += 1
    expect((await session('anna')).session_key).to.not.equal(session_key)
  })

  it('the session_key changes with every login when the interval is 0', async () => {
    const { session } = await start({ keyRefreshInterval: 0 })
    expect((await session()).session_key).to.not.equal((await session()).session_key)
  })

  it('code2Session gives the key that lives at the exchange, not the one that lived at wx.login', async () => {
    const { weixin, exchange } = await start({ keyRefreshInterval: 0 })
    const first = await weixin.login()
    const sealedBefore = await weixin.userInfo()
    const second = await weixin.login()
    const { session_key } = (await exchange(first.code)).json
    expect((await exchange(second.code)).json.session_key).to.equal(session_key)
    expect(opens(sealedBefore, session_key)).to.equal(false)
    expect(opens(await weixin.userInfo(), session_key)).to.equal(true)
  })

  it('rotateKey makes another key at once, for that user alone', async () => {
    const { weixin, session } = await start()
    const anna = (await session('anna')).session_key
    const ben = (await session('ben')).session_key
    weixin.rotateKey('anna')
    expect(opens(await weixin.userInfo('anna'), anna)).to.equal(false)
    expect(opens(await weixin.userInfo('ben'), ben)).to.equal(true)
    expect((await session('anna')).session_key).to.not.equal(anna)
  })

  it('checkSession says whether a user has a live key, and makes none for having been asked', async () => {
    const { weixin, time, post } = await start()
    expect(await weixin.checkSession('anna')).to.deep.equal({ valid: false })
    await weixin.login('anna')
    expect(await weixin.checkSession('anna')).to.deep.equal({ valid: true })
    expect((await post('/sandbox/check-session', { user: 'anna' })).json).to.deep.equal({ valid: true })
    expect((await post('/sandbox/check-session', { user: 'ben' })).json).to.deep.equal({ valid: false })
    weixin.rotateKey('anna')
    expect(await weixin.checkSession('anna')).to.deep.equal({ valid: true })
    time.now += 3 * 24 * 60 * MINUTE
    expect(await weixin.checkSession('anna')).to.deep.equal({ valid: false })
  })
})

describe('checkSessionKey and resetUserSessionKey of the sandbox', () => {
  const start = useSandboxes()

  async function loggedIn(options?: SandboxOptions) {
    const sandbox = await start(options)
    const { openid, session_key } = await sandbox.session('anna')
    const access_token = await sandbox.stableToken()
    const query = { access_token, openid, signature: hmac(session_key), sig_method: 'hmac_sha256' }
    return { ...sandbox, session_key: String(session_key), query }
  }

  it('checkSessionKey knows a live key by its signature', async () => {
    const { get, query } = await loggedIn()
    expect((await get(CHECK, query)).json).to.deep.equal({ errcode: 0, errmsg: 'ok' })
  })

  it('checkSessionKey gives 87009 for a wrong signature, a replaced key, an ended key and a stranger alike', async () => {
    const { weixin, time, get, query, session_key, stableToken } = await loggedIn()
    const check = async (change: object) => (await get(CHECK, { ...query, ...change })).json.errcode
    expect(await check({ signature: hmac('another key') })).to.equal(87009)
    const decoded = createHmac('sha256', Buffer.from(session_key, 'base64')).update('').digest('hex')
    expect(await check({ signature: decoded })).to.equal(87009)
    expect(await check({ openid: 'o-stranger' })).to.equal(87009)
    time.now += 3 * 24 * 60 * MINUTE
    expect(await check({ access_token: await stableToken() })).to.equal(87009)
    time.now = NOON
    expect(await check({})).to.equal(0)
    weixin.rotateKey('anna')
    expect(await check({})).to.equal(87009)
  })

  it('resetUserSessionKey ends the old key at once, and the new one opens what comes', async () => {
    const { weixin, get, query, session_key } = await loggedIn()
    const { json } = await get(RESET, query)
    expect(json).to.have.all.keys('errcode', 'errmsg', 'openid', 'session_key')
    expect(json).to.include({ errcode: 0, errmsg: 'ok', openid: query.openid })
    expect(json.session_key).to.not.equal(session_key)
    expect((await get(CHECK, query)).json.errcode).to.equal(87009)
    expect((await get(RESET, query)).json.errcode).to.equal(87009)
    expect((await get(CHECK, { ...query, signature: hmac(json.session_key) })).json.errcode).to.equal(0)
    expect(opens(await weixin.userInfo('anna'), json.session_key)).to.equal(true)
  })

  it('resetUserSessionKey does not prolong the life of a key', async () => {
    const { time, get, query, stableToken } = await loggedIn()
    time.now += 3 * 24 * 60 * MINUTE - 1
    const access_token = await stableToken()
    const { json } = await get(RESET, { ...query, access_token })
    const renewed = { ...query, access_token, signature: hmac(json.session_key) }
    expect((await get(CHECK, renewed)).json.errcode).to.equal(0)
    time.now += 1
    expect((await get(CHECK, renewed)).json.errcode).to.equal(87009)
  })

  it('resetUserSessionKey gives 87007 when there is no key to reset', async () => {
    const { time, get, query, stableToken } = await loggedIn()
    expect((await get(RESET, { ...query, openid: 'o-stranger' })).json.errcode).to.equal(87007)
    time.now += 3 * 24 * 60 * MINUTE
    expect((await get(RESET, { ...query, access_token: await stableToken() })).json.errcode).to.equal(87007)
  })

  it('checkSessionKey and resetUserSessionKey check the token, then the arguments, then the method', async () => {
    const { get, query } = await loggedIn()
    for (const path of [CHECK, RESET]) {
      const ask = async (change: object) =>
        (await get(path, { ...query, sig_method: 'md5', ...change })).json.errcode
      expect(await ask({ openid: '', access_token: '' })).to.equal(41001)
      expect(await ask({ openid: '', access_token: 'ACCESS_TOKEN' })).to.equal(40014)
      expect(await ask({ openid: '' })).to.equal(40097)
      expect(await ask({ signature: '' })).to.equal(40097)
      expect(await ask({ signature: 'x' })).to.equal(87008)
      expect((await get(path, { ...query, signature: 'x' })).json.errcode).to.equal(87009)
    }
  })

  it("checkSessionKey and resetUserSessionKey know the users of the token's app only", async () => {
    const { get, query, stableToken } = await loggedIn({ apps: [shop, club] })
    const access_token = await stableToken(club)
    expect((await get(CHECK, { ...query, access_token })).json.errcode).to.equal(87009)
    expect((await get(RESET, { ...query, access_token })).json.errcode).to.equal(87007)
    expect((await get(CHECK, query)).json.errcode).to.equal(0)
  })
})
