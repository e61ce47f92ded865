import { expect } from 'chai'
import { createFakePhone, type FakePhone, problem, token } from '../support/page/fake-phone.js'
import { refusal } from '../support/refusal.js'

const busy = (seconds: string) => problem(429, 'rate_limited', 'retry', { 'RETRY-AFTER': seconds })

describe('client.request()', () => {
  let phone: FakePhone
  beforeEach(() => {
    phone = createFakePhone()
    phone.storage.set('r3session', { data: token(7), encrypted: true })
    phone.live.add(token(7))
  })
  const settle = <T>(promise: Promise<T>) => phone.time.settle(promise)
  const urlFor = async (url: string, baseUrl = 'https://login.test') => {
    await settle(phone.client({ baseUrl }).request({ url }))
    return phone.sent.at(-1)?.url
  }

  it('client.request() sends the stored token and gives the answer', async () => {
    const answer = await settle(phone.client().request<{ bearer: string }>({ url: '/v1/orders' }))
    expect(answer).to.deep.equal({ statusCode: 200, data: { bearer: token(7) }, header: { 'X-Seen': 'yes' } })
    expect(phone.logins).to.deep.equal([])
    expect(phone.paths()).to.deep.equal(['GET /v1/orders'])
  })

  it('client.request() logs in when there is no token, once for 50 requests at the start', async () => {
    phone.storage.clear()
    const client = phone.client()
    const all = Array.from({ length: 50 }, (_, n) => client.request({ url: `/v1/orders/${n}` }))
    const answers = await settle(Promise.all(all))
    expect(answers.map(({ data }) => data)).to.deep.equal(Array(50).fill({ bearer: token(1) }))
    expect(phone.logins).to.have.length(1)
    expect(phone.sent).to.have.length(51)
  })

  it('client.request() does not wait for the storage when it has a token', async () => {
    phone.storage.clear()
    phone.script('POST /v1/login', undefined)
    const client = phone.client()
    const first = client.request({ url: '/x' })
    while (phone.logins.length === 0) await phone.time.pass(1)
    phone.storageIs = 'silent'
    await settle(first)
    expect(phone.time.elapsed()).to.be.lessThan(200)
  })

  it('client.request() always joins baseUrl and a relative url with one slash', async () => {
    expect(await urlFor('/v1/orders')).to.equal('https://login.test/v1/orders')
    expect(await urlFor('v1/orders?a=b')).to.equal('https://login.test/v1/orders?a=b')
    expect(await urlFor('//evil.test/x')).to.equal('https://login.test/evil.test/x')
    expect(await urlFor('@evil.test/x', 'https://login.test/')).to.equal('https://login.test/@evil.test/x')
    expect(await urlFor('.evil.test', 'https://login.test')).to.equal('https://login.test/.evil.test')
    expect(await urlFor('/orders', 'https://login.test/api//')).to.equal('https://login.test/api/orders')
    expect(await urlFor('')).to.equal('https://login.test/')
  })

  it('client.request() leaves an absolute url as it is, and sends the token there', async () => {
    expect(await urlFor('https://api.test/v2/orders')).to.equal('https://api.test/v2/orders')
    expect(phone.sent.at(-1)?.header).to.include({ authorization: `Bearer ${token(7)}` })
  })

  it('client.request() passes on all options of wx.request except callbacks', async () => {
    const given = {
      url: '/x',
      method: 'PUT',
      data: { a: 1 },
      timeout: 7,
      responseType: 'text',
      enableHttp2: true,
    } as const
    const callbacks = { success: forbidden, fail: forbidden, complete: forbidden }
    await settle(phone.client().request({ ...given, ...callbacks }))
    const { header, url, ...options } = phone.sent[0]?.options ?? {}
    expect(options).to.deep.equal({
      method: 'PUT',
      data: { a: 1 },
      timeout: 7,
      responseType: 'text',
      enableHttp2: true,
    })
  })

  it('client.request() replaces any Authorization header with its own, and keeps the other headers', async () => {
    const header = { authorization: 'Basic eA==', AUTHORIZATION: 'x', 'X-Trace': '1' }
    await settle(phone.client().request({ url: '/x', header }))
    expect(phone.sent[0]?.options.header).to.deep.equal({
      Authorization: `Bearer ${token(7)}`,
      'X-Trace': '1',
    })
    expect(header).to.have.keys('authorization', 'AUTHORIZATION', 'X-Trace')
  })

  it('client.request() rejects for every error status, with the error of the service', async () => {
    phone.script('GET /x', problem(404, 'not_found', 'fix_request'))
    const error = await refusal(settle(phone.client().request({ url: '/x' })))
    expect(error).to.include({ code: 'not_found', action: 'fix_request', status: 404, requestId: 'r-1' })
    expect(error).to.include({ name: 'R3SessionError', message: 'not_found: Title of not_found' })
    expect(error.data).to.have.property('title', 'Title of not_found')
  })

  it('client.request() rejects with the body of another server’s error and an action for its status', async () => {
    const client = phone.client()
    const told = [
      [302, 'fix_request'],
      [403, 'fix_request'],
      [429, 'retry'],
      [500, 'retry'],
      [502, 'retry'],
    ] as const
    for (const [statusCode, action] of told) {
      const header = { 'x-REQUEST-id': 'theirs' }
      phone.script('GET /x', { statusCode, data: { code: 7, action: 'dance' }, header })
      const error = await refusal(settle(client.request({ url: '/x' })))
      expect(error).to.include({ code: 'http_error', action, status: statusCode, requestId: 'theirs' })
      expect(error.data).to.deep.equal({ code: 7, action: 'dance' })
    }
  })

  it('client.request() understands an error of the service when the caller wanted text', async () => {
    const { data, ...rest } = problem(403, 'user_blocked', 'none') as { statusCode: number; data: object }
    phone.script('GET /x', { ...rest, data: JSON.stringify(data) }, { ...rest, data: '{"code":' })
    const client = phone.client()
    const first = await refusal(settle(client.request({ url: '/x', dataType: 'text' })))
    expect(first).to.include({ code: 'user_blocked', action: 'none' })
    expect(await refusal(settle(client.request({ url: '/x' })))).to.include({
      code: 'http_error',
      data: '{"code":',
    })
  })

  it('client.request() does not repeat a request without an answer, and keeps the query out of the message', async () => {
    phone.script('GET /x', { fail: { errMsg: 'request:fail abort' } })
    const error = await refusal(settle(phone.client().request({ url: '/x?phone=138#top' })))
    expect(error).to.include({ code: 'network', action: 'retry' })
    expect(error.message).to.equal('no answer from https://login.test/x: request:fail abort')
    expect(phone.sent).to.have.length(1)
  })

  it('client.request() sets no timeout of its own, because a download may take long', async () => {
    const big = phone.client().request({ url: '/big' })
    phone.script('GET /big', 'silence')
    await phone.time.pass(600_000)
    expect(await Promise.race([big, Promise.resolve('waiting')])).to.equal('waiting')
  })

  describe('client.request() after a 429 or 503', () => {
    it('client.request() waits up to 5 seconds after a 429 or 503 and repeats the request, at most twice', async () => {
      phone.script('POST /x', busy('2'), problem(503, 'overloaded', 'retry', { 'Retry-After': ' 5 ' }))
      await settle(phone.client().request({ url: '/x', method: 'POST', data: { n: 1 } }))
      expect(phone.sent.map(({ data }) => data)).to.deep.equal(Array(3).fill({ n: 1 }))
      expect(phone.time.elapsed()).to.be.within(7000, 7100)
    })

    it('rejects after the third time', async () => {
      phone.script('GET /x', busy('0'), busy('0'), busy('0'))
      expect(await refusal(settle(phone.client().request({ url: '/x' })))).to.include({ retryAfter: 0 })
      expect(phone.sent).to.have.length(3)
    })

    it('client.request() rejects at once when Retry-After is longer than 5 seconds, invalid or missing', async () => {
      phone.script('GET /x', busy('6'), busy('soon'), problem(503, 'overloaded', 'retry'))
      const client = phone.client()
      for (const retryAfter of [6, undefined, undefined])
        expect(await refusal(settle(client.request({ url: '/x' })))).to.include({
          action: 'retry',
          retryAfter,
        })
      expect(phone.sent).to.have.length(3)
    })

    it('client.request() compares a date in Retry-After with the server’s clock, not with the phone’s', async () => {
      const date = (seconds: number) => new Date(Date.UTC(2031, 0, 1) + seconds * 1000).toUTCString()
      const until = (seconds: number) =>
        problem(429, 'rate_limited', 'retry', { Date: date(0), 'Retry-After': date(seconds) })
      phone.script('GET /x', until(3), until(-60), until(90))
      const client = phone.client()
      expect(await refusal(settle(client.request({ url: '/x' })))).to.include({ retryAfter: 90 })
      expect(phone.time.elapsed()).to.be.within(3000, 3100)
      phone.script('GET /x', problem(429, 'rate_limited', 'retry', { 'Retry-After': date(1) }))
      expect((await refusal(settle(client.request({ url: '/x' })))).retryAfter).to.equal(undefined)
    })

    it('client.request() ignores Retry-After of other answers', async () => {
      phone.script('GET /x', { statusCode: 301, header: { 'Retry-After': '1' } })
      expect(await refusal(settle(phone.client().request({ url: '/x' })))).to.have.property(
        'retryAfter',
        undefined,
      )
    })
  })

  it('client.request() refuses a request without a url and sends nothing', async () => {
    const client = phone.client()
    for (const bad of [undefined, {}, { url: 7 }])
      expect(await refusal(settle(client.request(bad as never)))).to.include({
        code: 'invalid_request',
        action: 'fix_request',
      })
    expect(phone.storageCalls).to.deep.equal([])
  })

  it('client.request() accepts an answer without headers and data, and rejects when there is no answer object', async () => {
    phone.wx.request = ({ success }) => success({ statusCode: 200 } as never)
    const client = phone.client()
    expect(await settle(client.request({ url: '/x' }))).to.deep.equal({
      statusCode: 200,
      header: {},
    })
    phone.wx.request = ({ success }) => success(undefined as never)
    expect(await refusal(settle(client.request({ url: '/x' })))).to.include({ code: 'network' })
  })

  it('client.request() reports a failure once when wx calls back and also returns a promise', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    phone.wx.request = ({ fail }) => {
      fail({ errMsg: 'request:fail' })
      return Promise.reject(new Error('request:fail'))
    }
    expect(await refusal(settle(phone.client().request({ url: '/x' })))).to.include({ code: 'network' })
    await phone.time.quiet()
    process.off('unhandledRejection', note)
    expect(unhandled).to.deep.equal([])
  })

  it('client.request() rejects when an async wrapper of wx fails without calling back', async () => {
    phone.wx.request = async ({ url, success }) => {
      if (url.endsWith('/x')) throw { errMsg: 'request:fail lost' }
      success({ statusCode: 201, data: { r3session: token(1), expiresIn: 60 }, header: {} })
    }
    const error = await refusal(settle(phone.client().request({ url: '/x' })))
    expect(error).to.include({ code: 'network' }).and.to.have.property('message').that.includes('lost')
  })
})

function forbidden(): never {
  throw new Error('a callback was called')
}
