import { createHash, createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { expect } from 'chai'
import {
  demoApp,
  type SandboxApp,
  SandboxError,
  type SandboxOptions,
  startSandbox,
} from '#src/sandbox/index.js'
import { NOON, openSealed, startTestSandbox, until } from '../support/start-sandbox.js'

const LOGIN = '/sns/jscode2session'
const TOKEN = '/cgi-bin/stable_token'
const CHECK = '/wxa/checksession'
const RESET = '/wxa/resetusersessionkey'
const PHONE = '/wxa/business/getuserphonenumber'

const MINUTE = 60_000
const shop: SandboxApp = { appid: 'wx00000000000000a1', secret: 'secret of the shop' }
const club: SandboxApp = { appid: 'wx00000000000000b2', secret: 'secret of the club', bound: true }
const cafe: SandboxApp = { appid: 'wx00000000000000c3', secret: 'secret of the café', bound: true }

describe('the sandbox', () => {
  const open: (() => Promise<void>)[] = []

  /** A sandbox that ends with the test, and the calls a service makes. */
  async function start(options?: SandboxOptions) {
    const sandbox = await startTestSandbox(options)
    const { weixin, get, post } = sandbox
    open.push(weixin.close)

    const exchange = async (code: string, app = weixin.apps[0] ?? demoApp) =>
      get(LOGIN, { ...secretOf(app), js_code: code, grant_type: 'authorization_code' })
    /** Logs in and gives what code2Session says. */
    const session = async (user?: string, app = weixin.apps[0] ?? demoApp) => {
      const { code } = await weixin.login(user, { appid: app.appid })
      return (await exchange(code, app)).json
    }
    const accessToken = async (app = weixin.apps[0] ?? demoApp): Promise<string> =>
      (await post(TOKEN, { ...secretOf(app), grant_type: 'client_credential' })).json.access_token
    return { ...sandbox, exchange, session, accessToken }
  }

  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()))
  })

  describe('as a server', () => {
    it('listens on 127.0.0.1 alone', async () => {
      const { weixin } = await start()
      const { hostname, port } = new URL(weixin.url)
      expect(hostname).to.equal('127.0.0.1')
      const foreign = Object.values(networkInterfaces())
        .flatMap((addresses) => addresses ?? [])
        .filter(({ address, family }) => family === 'IPv4' && address !== '127.0.0.1')
      for (const host of ['127.0.0.2', ...foreign.map(({ address }) => address)]) {
        const outcome = await new Promise((resolve) => {
          const socket = connect({ host, port: Number(port) }, () => {
            socket.destroy()
            resolve('connected')
          })
          socket.once('error', () => resolve('refused'))
        })
        expect(outcome, host).to.equal('refused')
      }
    })

    it('takes the port it is told to, and says so when that is taken', async () => {
      const { weixin } = await start()
      const port = Number(new URL(weixin.url).port)
      const error = await startSandbox({ port }).catch((reason) => reason)
      expect(error).to.include({ code: 'EADDRINUSE' })
      await weixin.close()
      const again = await start({ port })
      expect(again.weixin.url).to.equal(weixin.url)
    })

    it('closes twice as well as once, and ends calls that hang, wait or pour', async () => {
      const { weixin, get } = await start()
      weixin.fail({ hang: true })
      weixin.fail({ delay: 3600_000 })
      weixin.fail({ oversize: 2_000_000_000 })
      const calls = [1, 2, 3].map(() => get(LOGIN).then(String, () => 'cut off'))
      await until(() => weixin.calls.length === 3)
      await Promise.all([weixin.close(), weixin.close()])
      await weixin.close()
      expect(await Promise.all(calls)).to.deep.equal(['cut off', 'cut off', 'cut off'])
      expect(await get(LOGIN).then(String, () => 'refused')).to.equal('refused')
    })

    it('serves the demo app unless told otherwise', async () => {
      const { weixin, session } = await start()
      expect(weixin.apps).to.deep.equal([demoApp])
      expect(await session()).to.include(weixin.identity('demo'))
    })

    it('refuses apps it can not serve', async () => {
      for (const [apps, help] of [
        [[], 'one {appid, secret} at least'],
        [[shop, club, shop], 'twice'],
      ] as const) {
        const error = await startSandbox({ apps }).catch((reason) => reason)
        expect(error).to.be.instanceOf(SandboxError)
        expect(error.message).to.include(help)
      }
    })

    it('works by the real clock and real chance when given none', async () => {
      const weixin = await startSandbox()
      open.push(weixin.close)
      const { code } = await weixin.login()
      const { code: other } = await weixin.login()
      expect(code)
        .to.match(/^0[0-9A-Za-z]{31}$/)
        .and.not.equal(other)
      await fetch(weixin.url)
      expect(weixin.calls[0]?.at).to.be.closeTo(Date.now(), 60_000)
    })

    it('reads no more of a body than a genuine one may have', async () => {
      const { weixin, call } = await start()
      expect(await call('POST', TOKEN, {}, 'x'.repeat(256 * 1024 + 1))).to.include({ status: 413 })
      expect(await call('POST', TOKEN, {}, 'x'.repeat(256 * 1024))).to.include({ status: 200 })
      expect(weixin.calls.map(({ body }) => body)).to.deep.equal(['x'.repeat(256 * 1024)])
    })

    it('survives a body that nests too deep to be sealed', async () => {
      const { call, session } = await start()
      const body = `{"data":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`
      expect(await call('POST', '/sandbox/seal', {}, body)).to.include({ status: 500 })
      expect(await session()).to.have.property('openid')
    })

    it('survives a caller that hangs up in the middle of a body', async () => {
      const { weixin, get } = await start()
      const socket = connect(Number(new URL(weixin.url).port), '127.0.0.1')
      const request = `POST ${TOKEN} HTTP/1.1\r\nhost: weixin\r\ncontent-length: 100\r\n\r\n{`
      await new Promise((resolve) => socket.write(request, resolve))
      socket.destroy()
      expect(await get(LOGIN)).to.include({ status: 200 })
      expect(weixin.calls).to.have.length(1)
    })
  })

  describe('answering', () => {
    it('gives success and failure with status 200 as text/plain', async () => {
      const { weixin, exchange } = await start()
      const { code } = await weixin.login()
      expect(await exchange(code)).to.include({ status: 200, type: 'text/plain' })
      expect(await exchange(code)).to.include({ status: 200, type: 'text/plain' })
    })

    it('puts a rid into errors that begins with the time of the call', async () => {
      const { exchange } = await start()
      const { json } = await exchange('nonsense')
      expect(json).to.have.all.keys('errcode', 'errmsg')
      const [, seconds] = /^invalid code rid: ([0-9a-f]{8})-[0-9a-f]{8}-[0-9a-f]{8}$/.exec(json.errmsg) ?? []
      expect(Number.parseInt(seconds ?? '', 16) * 1000).to.equal(NOON)
    })

    it('escapes slashes', async () => {
      const randomBytes = (size: number) => Buffer.alloc(size, 255)
      const { weixin, exchange } = await start({ randomBytes })
      const { text, json } = await exchange((await weixin.login()).code)
      expect(json.session_key).to.equal('/////////////////////w==')
      expect(text).to.include('"session_key":"\\/\\/')
    })

    it('knows no other paths and no other methods', async () => {
      const { get, post, call } = await start()
      expect((await get('/')).json.errcode).to.equal(40066)
      expect((await get('/sns/jscode2session/')).json.errcode).to.equal(40066)
      for (const path of [CHECK, RESET]) {
        expect((await post(path, {})).json.errcode, path).to.equal(43001)
      }
      expect((await call('PUT', LOGIN, {}, '{}')).json.errcode).to.equal(43001)
      for (const path of [TOKEN, PHONE]) expect((await get(path)).json.errcode, path).to.equal(43002)
      expect((await call('PUT', TOKEN, {}, '{}')).json.errcode).to.equal(43002)
    })
  })

  describe('exchanging codes', () => {
    it('gives openid and session_key, and a unionid only where the app is bound', async () => {
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

    it('gives a user the same unionid in all bound apps, and the same ids after a restart', async () => {
      const first = await start({ apps: [club, cafe] })
      const { openid, unionid } = await first.session('anna', club)
      expect((await first.session('anna', cafe)).unionid).to.equal(unionid)
      expect((await first.session('ben', club)).unionid).to.not.equal(unionid)
      await first.weixin.close()
      const second = await start({ apps: [club] })
      expect(await second.session('anna', club)).to.include({ openid, unionid })
    })

    it('adds expires_in for accounts of old', async () => {
      const { session } = await start({ legacyExpiresIn: true })
      expect(await session()).to.include({ expires_in: 7200 })
    })

    it('gives no errcode with a success', async () => {
      const { session } = await start()
      expect(await session()).to.have.all.keys('openid', 'session_key', 'unionid')
    })

    it('takes a code once: 40163 for the second time', async () => {
      const { weixin, exchange } = await start()
      const { code } = await weixin.login()
      expect((await exchange(code)).json).to.have.property('openid')
      expect((await exchange(code)).json).to.include({ errcode: 40163 })
    })

    it('takes a code for 5 minutes: 40029 from then on', async () => {
      const { weixin, time, exchange } = await start()
      const early = await weixin.login()
      const late = await weixin.login()
      time.now += 5 * MINUTE - 1
      expect((await exchange(early.code)).json).to.have.property('openid')
      time.now += 1
      expect((await exchange(late.code)).json).to.include({ errcode: 40029 })
      expect((await exchange(early.code)).json).to.include({ errcode: 40029 })
    })

    it('takes codes in any order while they live', async () => {
      const { weixin, exchange } = await start()
      const first = await weixin.login('anna')
      const second = await weixin.login('anna')
      expect(first.code).to.not.equal(second.code)
      expect((await exchange(second.code)).json).to.have.property('openid')
      expect((await exchange(first.code)).json).to.have.property('openid')
    })

    it("gives 40029 for unknown codes, another app's, and those of the phone button", async () => {
      const { weixin, exchange } = await start({ apps: [shop, club] })
      const foreign = await weixin.login('anna', { appid: club.appid })
      const phone = await weixin.phoneCode('anna')
      for (const code of ['unknown', foreign.code, phone.code]) {
        expect((await exchange(code, shop)).json).to.include({ errcode: 40029 })
      }
      expect((await exchange(foreign.code, club)).json).to.have.property('openid')
    })

    it('checks what is missing, who asks and what is asked, in this order', async () => {
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

    it('names our address when it refuses it', async () => {
      const { weixin, exchange } = await start()
      weixin.refuseAddress()
      expect((await exchange('x')).json.errmsg).to.include(
        'invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist',
      )
    })

    it('limits a user to so many exchanges a minute, if told to, and spends no code on it', async () => {
      const { weixin, time, exchange, session } = await start({ loginsPerMinute: 2 })
      await session('anna')
      await session('anna')
      const { code } = await weixin.login('anna')
      expect((await exchange(code)).json).to.include({ errcode: 45011 })
      expect(await session('ben')).to.have.property('openid')
      time.now += MINUTE
      expect((await exchange(code)).json).to.have.property('openid')
    })

    it('lets go whom it blocked first before it blocks too many', async () => {
      const { weixin, session } = await start()
      for (let index = 0; index <= 10_000; index++) weixin.block(`user ${index}`)
      expect(await session('user 0')).to.have.property('openid')
      expect(await session('user 1')).to.include({ errcode: 40226 })
      expect(await session('user 10000')).to.include({ errcode: 40226 })
    })

    it('blocks a user in every app, and nobody else', async () => {
      const { weixin, session } = await start({ apps: [shop, club] })
      weixin.block('mallory')
      expect(await session('mallory', shop)).to.include({ errcode: 40226 })
      expect(await session('mallory', club)).to.include({ errcode: 40226 })
      expect(await session('anna', shop)).to.have.property('openid')
    })
  })

  describe('keeping session keys', () => {
    it('gives one key however often the user logs in within the refresh interval', async () => {
      const { time, session } = await start({ keyRefreshInterval: MINUTE })
      const { session_key } = await session('anna')
      time.now += MINUTE - 1
      expect((await session('anna')).session_key).to.equal(session_key)
      expect((await session('ben')).session_key).to.not.equal(session_key)
      time.now += 1
      expect((await session('anna')).session_key).to.not.equal(session_key)
    })

    it('gives every login another key when the interval is 0', async () => {
      const { session } = await start({ keyRefreshInterval: 0 })
      expect((await session()).session_key).to.not.equal((await session()).session_key)
    })

    it('gives the key that lives at the exchange, not the one that lived at wx.login', async () => {
      const { weixin, exchange } = await start({ keyRefreshInterval: 0 })
      const first = await weixin.login()
      const sealedBefore = await weixin.userInfo()
      const second = await weixin.login()
      const { session_key } = (await exchange(first.code)).json
      expect((await exchange(second.code)).json.session_key).to.equal(session_key)
      expect(opens(sealedBefore, session_key)).to.equal(false)
      expect(opens(await weixin.userInfo(), session_key)).to.equal(true)
    })

    it('mints another key at once when told to rotate, for that user alone', async () => {
      const { weixin, session } = await start()
      const anna = (await session('anna')).session_key
      const ben = (await session('ben')).session_key
      weixin.rotateKey('anna')
      expect(opens(await weixin.userInfo('anna'), anna)).to.equal(false)
      expect(opens(await weixin.userInfo('ben'), ben)).to.equal(true)
      expect((await session('anna')).session_key).to.not.equal(anna)
    })

    it('tells the phone whether its user has a live key, and gives none for having been asked', async () => {
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

  describe('checking and resetting session keys', () => {
    async function loggedIn(options?: SandboxOptions) {
      const sandbox = await start(options)
      const { openid, session_key } = await sandbox.session('anna')
      const access_token = await sandbox.accessToken()
      const query = { access_token, openid, signature: hmac(session_key), sig_method: 'hmac_sha256' }
      return { ...sandbox, session_key: String(session_key), query }
    }

    it('knows a live key by its signature', async () => {
      const { get, query } = await loggedIn()
      expect((await get(CHECK, query)).json).to.deep.equal({ errcode: 0, errmsg: 'ok' })
    })

    it('gives 87009 for a wrong signature, a replaced key, an ended key and a stranger alike', async () => {
      const { weixin, time, get, query, session_key, accessToken } = await loggedIn()
      const check = async (change: object) => (await get(CHECK, { ...query, ...change })).json.errcode
      expect(await check({ signature: hmac('another key') })).to.equal(87009)
      const decoded = createHmac('sha256', Buffer.from(session_key, 'base64')).update('').digest('hex')
      expect(await check({ signature: decoded })).to.equal(87009)
      expect(await check({ openid: 'o-stranger' })).to.equal(87009)
      time.now += 3 * 24 * 60 * MINUTE
      expect(await check({ access_token: await accessToken() })).to.equal(87009)
      time.now = NOON
      expect(await check({})).to.equal(0)
      weixin.rotateKey('anna')
      expect(await check({})).to.equal(87009)
    })

    it('resets a key: the old one is dead at once, the new one opens what comes', async () => {
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

    it('does not prolong the life of a key by resetting it', async () => {
      const { time, get, query, accessToken } = await loggedIn()
      time.now += 3 * 24 * 60 * MINUTE - 1
      const access_token = await accessToken()
      const { json } = await get(RESET, { ...query, access_token })
      const renewed = { ...query, access_token, signature: hmac(json.session_key) }
      expect((await get(CHECK, renewed)).json.errcode).to.equal(0)
      time.now += 1
      expect((await get(CHECK, renewed)).json.errcode).to.equal(87009)
    })

    it('gives 87007 when there is no key to reset', async () => {
      const { time, get, query, accessToken } = await loggedIn()
      expect((await get(RESET, { ...query, openid: 'o-stranger' })).json.errcode).to.equal(87007)
      time.now += 3 * 24 * 60 * MINUTE
      expect((await get(RESET, { ...query, access_token: await accessToken() })).json.errcode).to.equal(87007)
    })

    it('checks the token, then the arguments, then the method', async () => {
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

    it("knows the users of the token's app only", async () => {
      const { get, query, accessToken } = await loggedIn({ apps: [shop, club] })
      const access_token = await accessToken(club)
      expect((await get(CHECK, { ...query, access_token })).json.errcode).to.equal(87009)
      expect((await get(RESET, { ...query, access_token })).json.errcode).to.equal(87007)
      expect((await get(CHECK, query)).json.errcode).to.equal(0)
    })
  })

  describe('giving access_tokens', () => {
    const ask = { ...secretOf(demoApp), grant_type: 'client_credential' }

    it('gives the same one with the seconds that are left, without an errcode', async () => {
      const { time, post } = await start()
      const { json } = await post(TOKEN, ask)
      expect(json).to.have.all.keys('access_token', 'expires_in')
      expect(json.expires_in).to.equal(7200)
      time.now += MINUTE
      expect((await post(TOKEN, ask)).json).to.deep.equal({ ...json, expires_in: 7140 })
    })

    it('renews it 5 minutes before its end and honours both until then', async () => {
      const { time, get, accessToken } = await start()
      const old = await accessToken()
      time.now += 116 * MINUTE
      const renewed = await accessToken()
      expect(renewed).to.not.equal(old)
      const errcode = async (access_token: string) => (await get(CHECK, { access_token })).json.errcode
      expect([await errcode(old), await errcode(renewed)]).to.deep.equal([40097, 40097])
      time.now += 4 * MINUTE
      expect([await errcode(old), await errcode(renewed)]).to.deep.equal([42001, 40097])
    })

    it('forces a refresh at most every 30 seconds and 20 times a day', async () => {
      const { time, get, post, accessToken } = await start()
      const old = await accessToken()
      const force = async () => (await post(TOKEN, { ...ask, force_refresh: true })).json
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

    it('checks the body, what is missing, and who asks, in this order', async () => {
      const { weixin, post, call } = await start()
      weixin.refuseAddress()
      const errcode = async (body?: unknown) => (await post(TOKEN, body)).json.errcode
      expect(await errcode()).to.equal(44002)
      expect((await call('POST', TOKEN, {}, '{"appid":')).json.errcode).to.equal(47001)
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
      expect((await post(TOKEN, ask)).json).to.have.property('access_token')
    })
  })

  describe('giving phone numbers', () => {
    it('gives the number for a code of the phone button and counts what it costs', async () => {
      const { weixin, post, session, accessToken } = await start()
      const { openid } = await session('anna')
      const access_token = await accessToken()
      const { code } = await weixin.phoneCode('anna')
      expect(weixin.paidCalls).to.equal(0)
      const { json } = await post(PHONE, { code, openid }, { access_token })
      expect(json).to.include({ errcode: 0, errmsg: 'ok' })
      expect(json.phone_info).to.have.all.keys('phoneNumber', 'purePhoneNumber', 'countryCode', 'watermark')
      expect(json.phone_info.phoneNumber).to.match(/^1\d{10}$/)
      expect(json.phone_info.purePhoneNumber).to.equal(json.phone_info.phoneNumber)
      expect(json.phone_info.countryCode).to.equal('86')
      expect(json.phone_info.watermark).to.deep.equal({ timestamp: NOON / 1000, appid: demoApp.appid })
      expect(weixin.paidCalls).to.equal(1)
      expect((await post(PHONE, { code, openid }, { access_token })).json.errcode).to.equal(40029)
      expect(weixin.paidCalls).to.equal(1)
    })

    it('refuses codes that are unknown, over, of wx.login or of another user', async () => {
      const { weixin, time, post, accessToken } = await start()
      const access_token = await accessToken()
      const { code } = await weixin.phoneCode('anna')
      const ask = async (body: unknown) => (await post(PHONE, body, { access_token })).json.errcode
      expect(await ask({ code: 'unknown' })).to.equal(40029)
      expect(await ask({ code: (await weixin.login('anna')).code })).to.equal(40029)
      expect(await ask({ code, openid: weixin.identity('ben').openid })).to.equal(40029)
      expect(await ask({ code })).to.equal(0)
      const { code: late } = await weixin.phoneCode('anna')
      time.now += 5 * MINUTE
      expect(await ask({ code: late })).to.equal(40029)
      expect(weixin.paidCalls).to.equal(1)
    })

    it("gives 40013 when the code is another app's than the token", async () => {
      const { weixin, post, accessToken } = await start({ apps: [shop, club] })
      const { code } = await weixin.phoneCode('anna', { appid: club.appid })
      const ask = async (app: SandboxApp) =>
        (await post(PHONE, { code }, { access_token: await accessToken(app) })).json.errcode
      expect(await ask(shop)).to.equal(40013)
      expect(await ask(club)).to.equal(0)
    })

    it('checks the token, then the body', async () => {
      const { time, post, call, accessToken } = await start()
      const access_token = await accessToken()
      const ask = async (body?: unknown, query = { access_token }) =>
        (await post(PHONE, body, query)).json.errcode
      expect(await ask(undefined, { access_token: '' })).to.equal(41001)
      expect(await ask(undefined, { access_token: 'x' })).to.equal(40014)
      expect(await ask(undefined, { access_token: `80_${'x'.repeat(128)}` })).to.equal(40001)
      expect(await ask()).to.equal(44002)
      expect((await call('POST', PHONE, { access_token }, 'code')).json.errcode).to.equal(47001)
      expect(await ask('code')).to.equal(47001)
      expect(await ask({})).to.equal(41008)
      expect(await ask({ code: 7 })).to.equal(41008)
      time.now += 120 * MINUTE
      expect(await ask()).to.equal(42001)
    })
  })

  describe('sealing', () => {
    it('gives what wx.getUserInfo gives since 2021: real ids, anonymous profile, genuine watermark', async () => {
      const { weixin, session } = await start()
      const { openid, unionid, session_key } = await session('anna')
      const info = await weixin.userInfo('anna')
      expect(info).to.have.all.keys('userInfo', 'rawData', 'signature', 'encryptedData', 'iv')
      expect(JSON.parse(info.rawData)).to.deep.equal(info.userInfo)
      expect(info.userInfo).to.deep.include({ nickName: '微信用户', gender: 0, city: '', is_demote: true })
      expect(info.userInfo).to.not.have.any.keys('openId', 'unionId', 'watermark')
      expect(info.signature).to.equal(sha1(info.rawData + session_key))
      const watermark = { timestamp: NOON / 1000, appid: demoApp.appid }
      const data = { openId: openid, ...info.userInfo, unionId: unionid, watermark }
      const text = openSealed(info, session_key)
      expect(JSON.parse(text)).to.deep.equal(data)
      expect(text.startsWith('{"openId":"o')).to.equal(true)
    })

    it('seals no unionId where the app is not bound', async () => {
      const { weixin, session } = await start({ apps: [shop] })
      const { session_key } = await session()
      expect(JSON.parse(openSealed(await weixin.userInfo(), session_key))).to.not.have.property('unionId')
    })

    it('takes a profile of the days before', async () => {
      const { weixin, session } = await start()
      const { session_key } = await session('anna')
      const profile = { nickName: 'Anna', gender: 2, city: '广州' }
      const info = await weixin.userInfo('anna', { profile })
      expect(info.userInfo)
        .to.include({ ...profile, country: '' })
        .and.not.have.property('is_demote')
      expect(info.signature).to.equal(sha1(info.rawData + session_key))
      expect(JSON.parse(openSealed(info, session_key))).to.include(profile)
    })

    it('uses another iv each time', async () => {
      const { weixin } = await start()
      const first = await weixin.userInfo()
      const second = await weixin.userInfo()
      expect(first.iv).to.not.equal(second.iv)
      expect(first.encryptedData).to.not.equal(second.encryptedData)
    })

    it('mints the key for a user who never logged in, and the next login finds it', async () => {
      const { weixin, session } = await start()
      const info = await weixin.userInfo('new')
      expect(opens(info, (await session('new')).session_key)).to.equal(true)
    })

    it('seals phone numbers, groups and steps', async () => {
      const { weixin, post, session, accessToken } = await start()
      const { session_key } = await session('anna')
      const watermark = { timestamp: NOON / 1000, appid: demoApp.appid }
      const phone = await weixin.phone('anna')
      expect(phone).to.have.all.keys('encryptedData', 'iv', 'code')
      const access_token = await accessToken()
      const { phone_info } = (await post(PHONE, { code: phone.code }, { access_token })).json
      expect(JSON.parse(openSealed(phone, session_key))).to.deep.equal(phone_info)

      const share = JSON.parse(openSealed(await weixin.share('anna'), session_key))
      expect(share).to.have.all.keys('openGId', 'watermark')
      expect(share.openGId).to.match(/^tG[\w-]{26}$/)
      const run = JSON.parse(openSealed(await weixin.weRun('anna'), session_key))
      expect(run).to.have.all.keys('stepInfoList', 'watermark')
      expect(run.stepInfoList).to.have.length(31)
      expect([share.watermark, run.watermark]).to.deep.equal([watermark, watermark])
    })

    it('seals any data, with a watermark unless it brings one', async () => {
      const { weixin, session } = await start({ apps: [shop, club] })
      const { session_key } = await session('anna', club)
      const opened = async (data: object) =>
        JSON.parse(openSealed(await weixin.seal('anna', data, { appid: club.appid }), session_key))
      const watermark = { timestamp: NOON / 1000, appid: club.appid }
      expect(await opened({ a: [1] })).to.deep.equal({ a: [1], watermark })
      expect(await opened({ watermark: { appid: 'wx' } })).to.deep.equal({ watermark: { appid: 'wx' } })
      expect(await opened({ a: 1, watermark: undefined })).to.deep.equal({ a: 1 })
      expect(await opened({ a: 1, watermark: null })).to.deep.equal({ a: 1 })
    })

    it('seals a bare text as it stands', async () => {
      const { weixin, post, session } = await start()
      const { session_key } = await session('anna')
      for (const text of ['1151_x', '{"watermark":null}', '']) {
        expect(openSealed(await weixin.seal('anna', text), session_key)).to.equal(text)
        const { json } = await post('/sandbox/seal', { user: 'anna', data: text })
        expect(openSealed(json, session_key)).to.equal(text)
      }
    })

    it('refuses bad names and unknown apps', async () => {
      const { weixin } = await start()
      const failures = [
        weixin.login(''),
        weixin.userInfo('x'.repeat(65)),
        weixin.phoneCode('anna', { appid: 'wx' }),
        weixin.phone('anna', { appid: 'constructor' }),
      ]
      for (const failure of failures) {
        expect(await failure.catch((error) => error)).to.be.instanceOf(SandboxError)
      }
      expect(() => weixin.rotateKey('')).to.throw(SandboxError)
      expect(() => weixin.block('')).to.throw(SandboxError)
    })
  })

  describe('failing on demand', () => {
    it('answers any errcode, then goes on; the code is not spent', async () => {
      const { weixin, exchange } = await start()
      const { code } = await weixin.login()
      weixin.fail({ errcode: -1 })
      weixin.fail({ errcode: 99999 })
      expect((await exchange(code)).json.errmsg).to.match(/^system error rid: /)
      expect((await exchange(code)).json).to.include({ errcode: 99999 })
      expect((await exchange(code)).json).to.have.property('openid')
    })

    it('answers HTTP errors, HTML and redirects; the code is not spent', async () => {
      const { weixin, exchange } = await start()
      const { code } = await weixin.login()
      weixin.fail({ status: 502 })
      const broken = await exchange(code)
      expect(broken).to.include({ status: 502, type: 'text/html' })
      expect(broken.text).to.match(/^<html>[\s\S]*502/)
      weixin.fail({ html: true })
      expect(await exchange(code)).to.include({ status: 200, type: 'text/html' })
      weixin.fail({ redirect: `${weixin.url}/elsewhere` })
      expect((await exchange(code)).json).to.include({ errcode: 40066 })
      expect(weixin.calls.at(-1)?.path).to.equal('/elsewhere')
      weixin.fail({ redirect: `${weixin.url}/\r\n微信` })
      expect((await exchange(code)).json).to.include({ errcode: 40066 })
      expect(weixin.calls.at(-1)?.path).to.equal(encodeURI('/微信'))
      expect((await exchange(code)).json).to.have.property('openid')
    })

    it('resets and hangs; the code is spent all the same', async () => {
      const { weixin, exchange, call } = await start()
      const query = async () => {
        const { code } = await weixin.login()
        return { ...secretOf(demoApp), js_code: code, grant_type: 'authorization_code' }
      }
      const reset = await query()
      weixin.fail({ reset: true })
      const error = await call('GET', LOGIN, reset).catch((reason) => reason)
      expect(error.cause).to.include({ code: 'ECONNRESET' })
      expect((await exchange(reset.js_code)).json).to.include({ errcode: 40163 })

      const hung = await query()
      weixin.fail({ hang: true })
      let settled = false
      const pending = call('GET', LOGIN, hung)
        .catch(() => {})
        .then(() => {
          settled = true
        })
      await until(() => weixin.calls.at(-1)?.query['js_code'] === hung.js_code)
      expect((await exchange(hung.js_code)).json).to.include({ errcode: 40163 })
      expect(settled).to.equal(false)
      await weixin.close()
      await pending
    })

    it('answers late; the code is spent before', async () => {
      const { weixin, exchange } = await start()
      const { code } = await weixin.login()
      weixin.fail({ delay: 60 })
      const begun = performance.now()
      const late = exchange(code)
      await until(() => weixin.calls.length > 0)
      expect((await exchange(code)).json).to.include({ errcode: 40163 })
      expect((await late).json).to.have.property('openid')
      expect(performance.now() - begun).to.be.at.least(59)
    })

    it('sends half an answer, or far too much of one; the code is spent', async () => {
      const { weixin, exchange } = await start()
      const { code } = await weixin.login()
      weixin.fail({ half: true })
      const half = await exchange(code)
      expect(half.text).to.match(/^\{"/)
      expect(half.json).to.equal(undefined)
      expect((await exchange(code)).json).to.include({ errcode: 40163 })

      weixin.fail({ oversize: 3_000_000 })
      const huge = await exchange((await weixin.login()).code)
      expect(huge).to.include({ status: 200, type: 'text/plain' })
      expect(huge.text).to.have.length(3_000_000)
      expect(huge.json).to.have.property('openid')
      weixin.fail({ oversize: 1 })
      expect((await exchange(code)).json).to.include({ errcode: 40163 })
    })

    it('goes on when a caller hangs up on too much of an answer', async () => {
      const { weixin, exchange } = await start()
      weixin.fail({ oversize: 2_000_000_000 })
      const response = await fetch(weixin.url)
      await response.body?.cancel()
      expect((await exchange('x')).json).to.include({ errcode: 40029 })
    })

    it('fails the path it is told to, as often as it is told to, until it recovers', async () => {
      const { weixin, exchange, post } = await start()
      weixin.fail({ errcode: 45009, path: TOKEN, times: 2 })
      weixin.fail({ errcode: 40243, times: Infinity })
      expect((await exchange('x')).json).to.include({ errcode: 40243 })
      expect((await post(TOKEN, {})).json).to.include({ errcode: 45009 })
      expect((await post(TOKEN, {})).json).to.include({ errcode: 45009 })
      expect((await post(TOKEN, {})).json).to.include({ errcode: 40243 })
      weixin.recover()
      expect((await exchange('x')).json).to.include({ errcode: 40029 })
    })

    it('notes what it answered: 0 for a success, the errcode of a fault, nothing where the answer was spoilt', async () => {
      const { weixin, session } = await start()
      const errcodes = () => weixin.calls.map(({ errcode }) => errcode)
      await session()
      weixin.fail({ errcode: -1 })
      await session()
      weixin.fail({ half: true })
      await session().catch(() => {})
      expect(errcodes()).to.deep.equal([0, -1, undefined])
    })

    it('lists what it saw, with the time, faults included, the phone left out', async () => {
      const { weixin, time, exchange, post, call } = await start()
      const { calls } = weixin
      expect(calls).to.deep.equal([])
      await post('/sandbox/login')
      await exchange('x')
      time.now += 1500
      weixin.fail({ status: 500 })
      await post(TOKEN, { appid: 'wx' }, { a: '1' })
      await call('POST', TOKEN, {}, 'no JSON')
      const query = { ...secretOf(demoApp), js_code: 'x', grant_type: 'authorization_code' }
      expect(calls).to.deep.equal([
        { number: 1, at: NOON, method: 'GET', path: LOGIN, query, errcode: 40029 },
        { number: 2, at: NOON + 1500, method: 'POST', path: TOKEN, query: { a: '1' }, body: { appid: 'wx' } },
        {
          number: 3,
          at: NOON + 1500,
          method: 'POST',
          path: TOKEN,
          query: {},
          body: 'no JSON',
          errcode: 47001,
        },
      ])
    })
  })

  describe('as a phone over HTTP', () => {
    it('logs in: demo where no user is named', async () => {
      const { weixin, post, exchange } = await start()
      for (const [body, user] of [
        [undefined, 'demo'],
        [{}, 'demo'],
        [{ user: 'anna' }, 'anna'],
      ] as const) {
        const { status, type, json } = await post('/sandbox/login', body)
        expect([status, type]).to.deep.equal([200, 'application/json'])
        expect((await exchange(json.code)).json).to.include(weixin.identity(user))
      }
    })

    it('serves the app that is named', async () => {
      const { weixin, post, exchange } = await start({ apps: [shop, club] })
      const { code } = (await post('/sandbox/login', { user: 'anna', appid: club.appid })).json
      expect((await exchange(code, club)).json).to.include(weixin.identity('anna', { appid: club.appid }))
    })

    it('gives user info, phone codes and everything else that the library gives', async () => {
      const { post, session, accessToken } = await start()
      const { openid, session_key } = await session('anna')
      const access_token = await accessToken()
      const ask = async (path: string, body: object = {}) =>
        (await post(`/sandbox/${path}`, { user: 'anna', ...body })).json

      const info = await ask('user-info', { profile: { nickName: 'Anna' } })
      expect(info).to.have.all.keys('userInfo', 'rawData', 'signature', 'encryptedData', 'iv')
      expect(JSON.parse(openSealed(info, session_key))).to.include({ openId: openid, nickName: 'Anna' })
      const { code } = await ask('phone-code')
      expect((await post(PHONE, { code, openid }, { access_token })).json.errcode).to.equal(0)
      expect(openSealed(await ask('phone'), session_key)).to.include('phoneNumber')
      expect(openSealed(await ask('share'), session_key)).to.include('openGId')
      expect(openSealed(await ask('we-run'), session_key)).to.include('stepInfoList')
      expect(openSealed(await ask('seal', { data: { a: 1 } }), session_key)).to.include('{"a":1,"watermark"')
      expect((await ask('identity')).openid).to.equal(openid)
      expect(await ask('rotate-key')).to.deep.equal({})
      expect(opens(await ask('user-info'), session_key)).to.equal(false)
      expect(await ask('block')).to.deep.equal({})
      expect((await session('anna')).errcode).to.equal(40226)
    })

    it('sets and lifts faults, which never concern the phone itself', async () => {
      const { post, exchange } = await start()
      expect((await post('/sandbox/fail', { errcode: -1, times: 9 })).status).to.equal(200)
      const { code } = (await post('/sandbox/login')).json
      expect((await exchange(code)).json).to.include({ errcode: -1 })
      expect((await post('/sandbox/recover')).status).to.equal(200)
      expect((await exchange(code)).json).to.have.property('openid')
    })

    it('answers 400 to what it can not do, and says why', async () => {
      const { post, call } = await start()
      const bad: [string, unknown][] = [
        ['/sandbox/login', { user: '' }],
        ['/sandbox/login', { user: 'x'.repeat(65) }],
        ['/sandbox/login', { user: null }],
        ['/sandbox/login', { appid: 'wx' }],
        ['/sandbox/login', { appid: 7 }],
        ['/sandbox/login', []],
        ['/sandbox/login', 'demo'],
        ['/sandbox/login', null],
        ['/sandbox/user-info', { profile: 'Anna' }],
        ['/sandbox/seal', {}],
        ['/sandbox/seal', { data: [1] }],
        ['/sandbox/seal', { data: 7 }],
        ['/sandbox/seal', { data: null }],
        ['/sandbox/fail', {}],
        ['/sandbox/fail', { errcode: 'x' }],
      ]
      for (const [path, body] of bad) {
        const { status, type, json } = await post(path, body)
        expect({ status, type }, JSON.stringify(body)).to.deep.equal({
          status: 400,
          type: 'application/json',
        })
        expect(json.error).to.be.a('string').and.not.equal('')
      }
      expect(await call('POST', '/sandbox/login', {}, '{"user":')).to.include({ status: 400 })
    })

    it('answers 404 and 405 to other paths and methods', async () => {
      const { weixin, get, post } = await start()
      expect((await post('/sandbox/log')).status).to.equal(404)
      expect((await post('/sandbox/constructor')).status).to.equal(404)
      expect((await get('/sandbox/login')).status).to.equal(405)
      expect((await fetch(`${weixin.url}/sandbox/login`)).headers.get('allow')).to.equal('POST')
      expect(weixin.calls).to.deep.equal([])
    })
  })
})

function secretOf({ appid, secret }: SandboxApp) {
  return { appid, secret }
}

function hmac(key: string): string {
  return createHmac('sha256', key).update('').digest('hex')
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}

/** A wrong key gives bad padding, or 1 time in 256 garbage. */
function opens(sealed: { encryptedData: string; iv: string }, key: string): boolean {
  try {
    JSON.parse(openSealed(sealed, key))
    return true
  } catch {
    return false
  }
}
