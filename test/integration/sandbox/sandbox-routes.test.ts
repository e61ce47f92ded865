import { expect } from 'chai'
import { actions } from '#src/sandbox/index.js'
import {
  expectProblem,
  type Json,
  type RunningService,
  startService,
} from '../../support/service/start-service.js'

const MINUTE = 60_000
/** No mini program in the settings: the service starts a sandbox of its own. */
const sandboxMode = { env: { WECHAT_APPID: '', WECHAT_SECRET: '', WECHAT_API: '' } }

describe('the sandbox behind the service', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService(sandboxMode)
  })
  afterEach(() => service.close())

  const post = (path: string, body: object = {}) => service.send('POST', path, { body })
  const logIn = async (user: string) => {
    const code = await post('/sandbox/login', { user })
    const { json } = await post('/v1/login', code.json)
    return String(json['r3session'])
  }
  const decrypt = (token: string, sealed: object) =>
    service.send('POST', '/v1/decrypt', { token, body: sealed })
  const view = async (token: string) => (await service.send('GET', '/sandbox/session', { token })).json
  const callsAfter = async (number: number) =>
    (await service.send('GET', `/sandbox/calls?after=${number}`)).json['calls'] as Json[]

  it('the service plays the phone: a code, user info and a phone code for any user', async () => {
    const token = await logIn('ann')
    const userInfo = await post('/sandbox/user-info', { user: 'ann' })
    expect(userInfo.json).to.have.all.keys('userInfo', 'rawData', 'signature', 'encryptedData', 'iv')
    const opened = await decrypt(token, userInfo.json)
    expect(opened.status, opened.text).to.equal(200)
    expect((await post('/sandbox/phone-code')).json).to.have.all.keys('code')
    for (const user of ['', 7, 'x'.repeat(65)]) {
      expectProblem(await post('/sandbox/login', { user }), 400, 'invalid_request')
    }
  })

  it('the service gives a profile as users had one before 2021 to who brings one', async () => {
    const { json } = await post('/sandbox/user-info', { profile: { nickName: 'Anna' } })
    expect(json['userInfo']).to.include({ nickName: 'Anna' })
  })

  it("the service plays the phone button as old clients use it, and says whether the user's key lives", async () => {
    expect((await post('/sandbox/check-session', { user: 'ann' })).json).to.deep.equal({ valid: false })
    const token = await logIn('ann')
    expect((await post('/sandbox/check-session', { user: 'ann' })).json).to.deep.equal({ valid: true })
    const { json } = await post('/sandbox/phone', { user: 'ann' })
    expect(json).to.have.all.keys('code', 'encryptedData', 'iv')
    expect((await decrypt(token, json)).status).to.equal(200)
    const number = await service.send('POST', '/v1/phone-number', { token, body: { code: json['code'] } })
    expect(number.status).to.equal(200)
  })

  it('the service seals any data for a user, as other functions of wx do', async () => {
    const token = await logIn('ann')
    const sealed = await post('/sandbox/seal', {
      user: 'ann',
      data: { openGId: 'tGSYNTHETIC0000000000000000' },
    })
    const { json } = await decrypt(token, sealed.json)
    expect(json).to.have.nested.property('data.openGId', 'tGSYNTHETIC0000000000000000')
    for (const data of [undefined, null, 7, ['x']])
      expectProblem(await post('/sandbox/seal', { user: 'ann', data }), 400, 'invalid_request')
  })

  it('the service seals what WeChat seals without a watermark, and a bare text', async () => {
    const token = await logIn('ann')
    const group = { opengid: 'tGSYNTHETIC0000000000000000', chat_type: 3 }
    const sealed = await post('/sandbox/seal', { user: 'ann', data: { ...group, watermark: null } })
    expect((await decrypt(token, sealed.json)).json).to.deep.equal({ data: group })
    const activityId = `1151_${'x'.repeat(80)}`
    const text = await post('/sandbox/seal', { user: 'ann', data: activityId })
    expect((await decrypt(token, text.json)).json).to.deep.equal({ data: { activityId } })
  })

  it('the sandbox of the service serves its one mini program by name, and says so when asked for another', async () => {
    const [app] = (await callsOf(() => logIn('ann'))).map(({ query }) => (query as Json)['appid'])
    expect((await post('/sandbox/login', { appid: app })).status).to.equal(200)
    const other = await post('/sandbox/login', { appid: 'wx0000000000000000' })
    expectProblem(other, 400, 'invalid_request')
    expect(other.json['detail']).to.include('appid')
  })

  async function callsOf(act: () => Promise<unknown>) {
    const before = (await callsAfter(0)).length
    await act()
    return callsAfter(before)
  }

  it('the service lets WeChat fail and recover', async () => {
    await post('/sandbox/fail', { errcode: 40163, path: '/sns/jscode2session' })
    const code = await post('/sandbox/login')
    expectProblem(await post('/v1/login', code.json), 400, 'code_used')
    await post('/sandbox/fail', { errcode: 45011, times: 5 })
    expect((await post('/sandbox/recover')).json).to.deep.equal({})
    expect((await post('/v1/login', (await post('/sandbox/login')).json)).status).to.equal(201)
    const odd = await post('/sandbox/fail', { errcode: 'x' })
    expectProblem(odd, 400, 'invalid_request')
    expect(odd.json['detail']).to.include('errcode')
  })

  it('/sandbox/calls lists what WeChat saw from a number on, without the secrets', async () => {
    const token = await logIn('ann')
    const { json } = await post('/sandbox/phone-code', { user: 'ann' })
    await service.send('POST', '/v1/phone-number', { token, body: json })
    const calls = await callsAfter(0)
    expect(calls.map(({ number, path, errcode }) => [number, path, errcode])).to.deep.equal([
      [1, '/sns/jscode2session', 0],
      [2, '/cgi-bin/stable_token', 0],
      [3, '/wxa/business/getuserphonenumber', 0],
    ])
    expect(calls[0]).to.have.nested.property('query.secret', '…')
    expect(calls[1]).to.have.nested.property('body.secret', '…')
    expect(calls[2]).to.have.nested.property('query.access_token', '…')
    expect(await callsAfter(2)).to.deep.equal(calls.slice(2))
    expectProblem(await service.call('GET', '/sandbox/calls?after=x'), 400, 'invalid_request')
  })

  it("/sandbox/session shows what the service has on record: session, devices, and which of the keys is WeChat's", async () => {
    const token = await logIn('ann')
    service.time.now += MINUTE
    const first = await view(token)
    expect(first['session']).to.include({ createdAt: '2026-03-01T04:00:00.000Z' })
    expect(first['session']).to.include.keys('id', 'appid', 'openid', 'unionid', 'lastSeenAt', 'expiresAt')
    const [key] = first['ring'] as Json[]
    expect(key).to.deep.equal({ fingerprint: first['weixinKey'], at: '2026-03-01T04:00:00.000Z' })

    await post('/sandbox/rotate-key', { user: 'ann' })
    expect((await view(token))['weixinKey']).not.to.equal(key?.['fingerprint'])
    await logIn('ann')
    const second = await view(token)
    expect(second['sessions']).to.have.lengthOf(2)
    expect(second['ring']).to.deep.equal([
      { fingerprint: second['weixinKey'], at: '2026-03-01T04:01:00.000Z' },
      { ...key, replacedAt: '2026-03-01T04:01:00.000Z' },
    ])
  })

  it('/sandbox/session looks without prolonging the session, and sees none for a token that opens none', async () => {
    const token = await logIn('ann')
    const before = await view(token)
    service.time.now += 60 * MINUTE
    expect(await view(token)).to.deep.equal(before)
    service.time.now += 4 * 24 * 60 * MINUTE
    const nothing = { session: null, sessions: [], ring: [], weixinKey: null }
    expect(await view(token)).to.deep.equal(nothing)
    expect(await view('0'.repeat(128))).to.deep.equal(nothing)
    expectProblem(await service.send('GET', '/sandbox/session'), 401, 'unauthorized')
  })

  it('/sandbox/session never shows a session_key, not even one of its own making', async () => {
    const token = await logIn('ann')
    const shown = JSON.stringify([await view(token), await callsAfter(0)])
    expect(shown).not.to.match(/[A-Za-z0-9+/]{22}==/)
  })

  it('/sandbox/api is an API behind forward auth that gets the headers of /v1/auth, and nobody else gets through', async () => {
    const token = await logIn('ann')
    const auth = await service.send('GET', '/v1/auth', { token })
    const { json } = await service.send('GET', '/sandbox/api', { token })
    const headers = Object.entries(json['headers'] as Record<string, string>)
    expect(headers).to.have.lengthOf(4)
    for (const [name, value] of headers) expect(auth.headers.get(name)).to.equal(value)
    expectProblem(await service.send('GET', '/sandbox/api'), 401, 'unauthorized')
    const unknown = await service.send('GET', '/sandbox/api', { token: '0'.repeat(128) })
    expectProblem(unknown, 401, 'invalid_session')
  })

  it('the service shows the playground, which may load from here and from nowhere else', async () => {
    const types = { '/': 'text/html', '/playground.js': 'text/javascript', '/playground.css': 'text/css' }
    for (const [path, type] of Object.entries(types)) {
      const { status, headers } = await service.call('GET', path)
      expect(status, path).to.equal(200)
      expect(headers.get('content-type')).to.equal(`${type}; charset=utf-8`)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).to.match(/^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';/)
      expect(policy).to.include("frame-ancestors 'none'").and.not.include('unsafe')
    }
    const { text } = await service.call('GET', '/')
    expect(text).not.to.match(
      /<style|<script(?! [^>]*src="playground\.js")|\son\w+=|\sstyle=|https?:\/\/(?!www\.w3\.org)/,
    )
  })
})

describe('a service with a real mini program', () => {
  it('a service with a real mini program has neither the sandbox nor the playground', async () => {
    const service = await startService()
    expect(actions).to.have.length(17)
    for (const { path } of actions) {
      expectProblem(await service.send('POST', path), 404, 'not_found')
    }
    const pages = [
      '/',
      '/playground.js',
      '/playground.css',
      '/sandbox/calls',
      '/sandbox/session',
      '/sandbox/api',
    ]
    for (const path of pages) expectProblem(await service.send('GET', path), 404, 'not_found')
    await service.close()
  })
})
