import type { Callbacks, Client, WxAnswer } from '@r3session/client'
import { createClient } from '@r3session/client'
import { expect } from 'chai'
import { createFakePhone, type FakePhone, problem, token } from '../../support/page/fake-phone.js'
import { refusal } from '../../support/refusal.js'

describe('the client with a service in WeChat Cloud Run', () => {
  let phone: FakePhone
  let calls: Record<string, unknown>[]
  beforeEach(() => {
    phone = createFakePhone()
    calls = []
  })
  const settle = <T>(promise: Promise<T>) => phone.time.settle(promise)

  /** Passes the calls on to the fake service, as the cloud does. */
  const cloud = () => ({
    callContainer({
      success,
      fail,
      ...call
    }: Record<string, unknown> & Callbacks<WxAnswer> & { path: string }) {
      calls.push(call)
      phone.wx.request({ ...call, url: call.path, success, fail })
      // As the cloud does: a promise, although there are callbacks.
      return new Promise<never>(() => {})
    },
  })
  const client = (options: object = {}): Client =>
    phone.client({
      baseUrl: undefined as never,
      container: { env: 'prod-1', service: 'r3session', cloud: cloud() },
      ...options,
    })

  it('all calls of the service and requests with a relative url go through callContainer', async () => {
    const own = client()
    await settle(own.session())
    await settle(
      own.request({ url: 'orders?a=b', method: 'POST', data: { a: 1 }, header: { 'X-WX-SERVICE': 'api' } }),
    )
    expect(phone.logins).to.have.length(1)
    expect(calls.map(({ path, method }) => `${method} ${path}`)).to.deep.equal([
      'POST /v1/login',
      'GET /v1/session',
      'POST /orders?a=b',
    ])
    expect(calls.map(({ config }) => config)).to.deep.equal(Array(3).fill({ env: 'prod-1' }))
    expect(calls[0]).to.have.nested.property('header.X-WX-SERVICE', 'r3session')
    expect(calls[0]).to.include({ timeout: 15_000 })
    expect(calls[2]).to.deep.include({
      header: { 'X-WX-SERVICE': 'api', Authorization: `Bearer ${token(1)}` },
      data: { a: 1 },
    })
  })

  it('a request with an absolute url goes through wx.request', async () => {
    await settle(client().request({ url: 'https://api.test/orders' }))
    expect(calls).to.have.length(1)
    expect(phone.sent.at(-1)?.url).to.equal('https://api.test/orders')
  })

  it('a 401 and failures are handled as elsewhere', async () => {
    phone.storage.set('r3session', { data: token(7), encrypted: true })
    const own = client()
    expect((await settle(own.request({ url: '/a' }))).statusCode).to.equal(200)
    expect(phone.logins).to.have.length(1)
    phone.script('GET /a', problem(429, 'rate_limited', 'retry', { 'retry-after': '1' }))
    await settle(own.request({ url: '/a' }))
    phone.script('GET /a', { fail: { errMsg: 'cloud.callContainer:fail -606001' } })
    expect(await settle(refusal(own.request({ url: '/a' })))).to.include({ code: 'network', action: 'retry' })
  })

  it('files and sockets go to baseUrl, and are refused without one', async () => {
    const own = client()
    const file = { url: '/a', filePath: 'x', name: 'y' }
    const refused = [own.uploadFile(file), own.downloadFile(file), own.connectSocket(file)].map(refusal)
    for (const error of await settle(Promise.all(refused)))
      expect(error).to.include({ code: 'invalid_request', message: 'no baseUrl for files and sockets' })
    const both = client({ baseUrl: 'https://login.test' })
    await settle(both.uploadFile(file))
    expect(phone.sent.at(-1)?.url).to.equal('https://login.test/a')
    await settle(both.request({ url: '/a' }))
    expect(calls.at(-1)).to.include({ path: '/a' })
  })

  it('wx.cloud is the default, and options that cannot work are refused', () => {
    const { wx } = phone
    const container = { env: 'prod-1', service: 'r3session' }
    expect(() => createClient({ wx, container })).to.throw(TypeError, 'container needs')
    expect(() => createClient({ wx: { ...wx, cloud: cloud() }, container })).not.to.throw()
    for (const missing of ['env', 'service'])
      expect(() => createClient({ wx, container: { ...container, cloud: cloud(), [missing]: '' } })).to.throw(
        TypeError,
        'container needs',
      )
    for (const baseUrl of ['', undefined as never])
      expect(() => createClient({ wx, baseUrl })).to.throw(TypeError, 'baseUrl')
    expect(() =>
      createClient({ wx, baseUrl: 'nonsense', container: { ...container, cloud: cloud() } }),
    ).to.throw(TypeError, 'baseUrl')
  })
})
