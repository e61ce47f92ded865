import { readFile } from 'node:fs/promises'
import type { Wx } from '@r3session/wx-simulator'
import { expect } from 'chai'
import { respond, startRecordingServer } from '../support/service/recording-server.js'
import { until } from '../support/service/start-sandbox.js'
import { type RunningService, startService } from '../support/service/start-service.js'
import { phone } from './phone.js'

const HOST = 'https://***.smallerpig.com'

describe("the tutorial's own client code, on the simulated phone", () => {
  let blocks: string[]
  let said: unknown[]

  before(async () => {
    const page = await readFile('test/fixtures/tutorial-client.md', 'utf8')
    blocks = [...page.matchAll(/```js\n(.*?)```/gs)].map(([, code = '']) => code)
    expect(blocks).to.have.lengthOf(8)
  })

  beforeEach(() => {
    said = []
  })

  /** Runs a code block of the tutorial, with the variables that the tutorial expects. */
  function run(index: number, wx: Wx, scope: { r?: object; that?: object; cb?: unknown } = {}): unknown {
    const block = blocks[index] ?? ''
    const console = { log: (...words: unknown[]) => said.push(...words) }
    const code = /^wx\.getStorageSync/.test(block) ? `return ${block}` : block
    const { r, that, cb } = scope
    return new Function('wx', 'console', 'r', 'that', 'cb', code)(wx, console, r, that, cb)
  }

  it('the tutorial’s storage code does what its comments say', async () => {
    const wx = phone()
    run(0, wx)
    await until(() => said.length === 2)
    expect(said.splice(0)).to.deep.equal([{ errMsg: 'setStorage:ok' }, { errMsg: 'setStorage:ok' }])
    run(1, wx)
    run(2, wx)
    run(3, wx)
    await until(() => said.length === 2)
    const got = { errMsg: 'getStorage:ok', data: 'value' }
    expect(said.splice(0)).to.deep.equal([got, got])
    expect(run(4, wx)).to.deep.equal({ name: 'smallerpig', sex: 1, age: 18 })
    run(5, wx)
    await until(() => said.length === 3)
    expect(said).to.deep.equal([['key', 'ob'], 1, 10240])
  })

  it('the tutorial’s code logs data not found twice when nothing is stored', async () => {
    run(3, phone())
    await until(() => said.length === 2)
    const failure = { errMsg: 'getStorage:fail data not found' }
    expect(said).to.deep.equal([failure, failure])
  })

  describe('the tutorial’s client code with the service', () => {
    let service: RunningService

    beforeEach(async () => {
      service = await startService()
    })

    afterEach(() => service.close())

    it('the tutorial’s code logs in, stores the r3session and gets decrypted user info', async () => {
      const wx = phone({ weixin: service.weixin.url, hosts: { [HOST]: service.url } })
      const r = await wx.login()
      run(6, wx, { r })
      await until(() => wx.getStorageSync('r3session') !== '')
      expect(wx.getStorageSync('r3session')).to.match(/^[0-9a-f]{128}$/)
      expect(wx.devtools.storage().entries).to.have.lengthOf(1)

      const that = { globalData: {} as { userInfo?: object } }
      const shown: unknown[] = []
      run(7, wx, { that, cb: (userInfo: unknown) => shown.push(userInfo) })
      await until(() => said.length === 1)
      expect(said[0]).to.include({ statusCode: 200, errMsg: 'request:ok' })
      const { data } = said[0] as { data: Record<string, unknown> }
      const { openid, unionid } = service.weixin.identity()
      expect(data).to.include({ ...that.globalData.userInfo, openId: openid, unionId: unionid })
      expect(shown).to.deep.equal([that.globalData.userInfo])
    })

    it('the tutorial’s code works without a callback', async () => {
      const wx = phone({ weixin: service.weixin.url, hosts: { [HOST]: service.url } })
      run(6, wx, { r: await wx.login() })
      await until(() => wx.getStorageSync('r3session') !== '')
      run(7, wx, { that: { globalData: {} } })
      await until(() => said.length === 1)
      expect(said[0]).to.include({ statusCode: 200 })
    })
  })

  it('the tutorial’s code sends the code as the whole body, and the user info in the query of a GET', async () => {
    // WeChat: A string data with the default header is therefore an application/json request whose body is not JSON;
    // GET: object data is merged into the query
    const service = await startService()
    const server = await startRecordingServer(respond(200, {}, 'token'))
    const wx = phone({ weixin: service.weixin.url, hosts: { [HOST]: `http://${server.host}` } })
    const r = await wx.login()
    run(6, wx, { r })
    await until(() => wx.getStorageSync('r3session') !== '')
    run(7, wx, { that: { globalData: {} } })
    await until(() => said.length === 1)
    const [first, second] = server.requests
    expect(first).to.include({ method: 'POST', target: '/user/getuserinfo', body: r.code })
    expect(first?.headers).to.deep.include(['content-type', 'application/json'])
    expect(second).to.include({ method: 'GET', body: '' })
    const { pathname, searchParams } = new URL(second?.target ?? '', HOST)
    expect(pathname).to.equal('/user/getuserunionid')
    expect([...searchParams.keys()]).to.have.members([
      ...['userInfo', 'rawData', 'signature', 'encryptedData', 'iv', 'errMsg', 'r3session'],
    ])
    expect(searchParams.get('r3session')).to.equal('token')
    expect(JSON.parse(searchParams.get('userInfo') ?? '')).to.have.property('nickName', '微信用户')
    await server.close()
    await service.close()
  })
})
