import { expect } from 'chai'
import type { Sandbox, SandboxOptions } from '#src/sandbox/index.js'
import { respond, startRecordingServer } from '../support/service/recording-server.js'
import { NOON, startTestSandbox } from '../support/service/start-sandbox.js'
import { failureOf, NOWHERE, phone } from './phone.js'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

describe('login on the simulated phone', () => {
  const open: (() => Promise<void>)[] = []

  async function start(options: SandboxOptions = {}) {
    const { weixin, time, get } = await startTestSandbox(options)
    open.push(weixin.close)
    const exchange = async (code: string) => (await get('/sns/jscode2session', queryOf(weixin, code))).json
    return { weixin, time, exchange, wx: phone({ weixin: weixin.url }) }
  }

  /** A server in place of WeChat, with other answers. */
  async function startNonsense(status: number, body: string) {
    const server = await startRecordingServer(respond(status, {}, body))
    open.push(server.close)
    return server
  }

  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()))
  })

  it('wx.login gives a code that can be exchanged once within 5 minutes', async () => {
    // WeChat: wx.login({timeout?}) → {code, errMsg:"login:ok"}; code 5 min
    const { wx, weixin, time, exchange } = await start()
    const answer = await wx.login()
    expect(answer).to.have.all.keys('code', 'errMsg').and.include({ errMsg: 'login:ok' })
    time.now += 5 * MINUTE - 1
    expect(await exchange(answer.code)).to.include({ openid: weixin.identity('demo').openid })
    expect(await exchange(answer.code)).to.include({ errcode: 40163 })
    const { code } = await wx.login()
    time.now += 5 * MINUTE
    expect(await exchange(code)).to.include({ errcode: 40029 })
  })

  it('wx.login gives another code every time, and all of them are valid', async () => {
    // WeChat: Every call yields a different code; several outstanding codes may be valid
    const { wx, exchange } = await start()
    const [first, second] = [await wx.login(), await wx.login()]
    expect(first.code).to.not.equal(second.code)
    expect(await exchange(second.code)).to.have.property('openid')
    expect(await exchange(first.code)).to.have.property('openid')
  })

  it('wx.login logs in the phone’s user in the running mini program', async () => {
    const apps = ['wx1', 'wx2'].map((appid) => ({ appid, secret: 's'.repeat(32), bound: false }))
    const { weixin, get } = await startTestSandbox({ apps })
    open.push(weixin.close)
    const { code } = await phone({ weixin: `${weixin.url}/`, appid: 'wx2', user: 'anna' }).login()
    const answer = await get('/sns/jscode2session', { ...queryOf(weixin, code), appid: 'wx2' })
    expect(answer.json.openid).to.equal(weixin.identity('anna', { appid: 'wx2' }).openid)
  })

  it('wx.checkSession tells whether WeChat has a valid session_key', async () => {
    // WeChat: wx.checkSession success checkSession:ok means the key of the latest code is alive ...; fail means log in
    // again. Seen texts: checkSession:fail session time out, need relogin
    const { wx, time } = await start()
    const over = { errMsg: 'checkSession:fail session time out, need relogin' }
    expect(await failureOf(wx.checkSession())).to.deep.equal(over)
    await wx.login()
    expect(await wx.checkSession()).to.deep.equal({ errMsg: 'checkSession:ok' })
    time.now += 3 * DAY
    expect(await failureOf(wx.checkSession())).to.deep.equal(over)
  })

  it('wx.checkSession does not tell whether a server has the same key', async () => {
    // WeChat: Success of checkSession does not prove that the server's stored key is the same one
    const { wx, weixin } = await start()
    await wx.login()
    weixin.rotateKey()
    expect(await wx.checkSession()).to.deep.equal({ errMsg: 'checkSession:ok' })
  })

  it('wx.login fails when WeChat does not answer in time', async () => {
    // WeChat: Fail: {errMsg:"login:fail …", errno}; ... 5 = timeout
    const server = await startRecordingServer(() => {})
    open.push(server.close)
    const wx = phone({ weixin: `http://${server.host}` })
    expect(await failureOf(wx.login({ timeout: 20 }))).to.deep.equal({
      errMsg: 'login:fail timeout',
      errno: 5,
    })
  })

  it('wx.login fails with the reason when WeChat can’t be reached, refuses or gives an invalid answer', async () => {
    expect(await failureOf(phone().login())).to.satisfy(
      ({ errMsg, errno }: { errMsg: string; errno: number }) =>
        errMsg.startsWith(`login:fail WeChat's side can't be reached at ${NOWHERE}: `) && errno === 600001,
    )
    const { weixin } = await start()
    const stranger = phone({ weixin: weixin.url, appid: 'wx0' })
    expect((await failureOf(stranger.login())).errMsg).to.match(
      /^login:fail WeChat's side answered 400: .*no such appid/,
    )
    for (const [status, body, reason] of [
      [200, 'hello', "WeChat's side answered no JSON object: hello"],
      [200, 'null', "WeChat's side answered no JSON object: null"],
      [200, '{}', "WeChat's side gave no code"],
      [500, 'oh', "WeChat's side answered 500: oh"],
    ] as const) {
      const { host } = await startNonsense(status, body)
      expect(await failureOf(phone({ weixin: `http://${host}` }).login())).to.deep.equal({
        errMsg: `login:fail ${reason}`,
      })
    }
  })

  it('the calls per second of each function can be limited', async () => {
    // WeChat: rate limit ≤ 4 per second per user ... for login, checkSession, getSetting, getUserInfo, getUserProfile
    const { weixin } = await start()
    const time = { now: NOON }
    const wx = phone({ weixin: weixin.url, callsPerSecond: 4, clock: () => time.now })
    const logins = await Promise.all([wx.login(), wx.login(), wx.login(), wx.login()])
    expect(new Set(logins.map(({ code }) => code)).size).to.equal(4)
    time.now += 999
    expect((await failureOf(wx.login())).errMsg).to.equal('login:fail called more than 4 times in a second')
    for (let call = 0; call < 4; call++) await wx.checkSession()
    expect((await failureOf(wx.checkSession())).errMsg).to.match(/^checkSession:fail called more than 4/)
    for (let call = 0; call < 4; call++) await wx.getUserInfo()
    expect((await failureOf(wx.getUserInfo())).errMsg).to.match(/^getUserInfo:fail called more than 4/)
    time.now += 1
    await wx.login()
  })

  it('the calls per second are not limited by default', async () => {
    const { wx } = await start()
    await Promise.all(Array.from({ length: 50 }, () => wx.login()))
  })
})

function queryOf(weixin: Sandbox, code: string) {
  const { appid = '', secret = '' } = weixin.apps[0] ?? {}
  return { appid, secret, js_code: code, grant_type: 'authorization_code' }
}
