import type { RequestOption } from '@r3session/wx-simulator'
import { expect } from 'chai'
import {
  type Answer,
  type RecordingServer,
  respond,
  startRecordingServer,
} from '../../support/service/recording-server.js'
import { phone, requested } from '../phone.js'

describe('the answers of the simulated wx.request', () => {
  let server: RecordingServer
  let url: string

  before(async () => {
    server = await startRecordingServer(respond(200))
    url = `http://${server.host}/`
  })

  after(() => server.close())

  const answerTo = (answer: Answer, options: Partial<RequestOption<unknown>> = {}) => {
    server.answer = answer
    return requested(phone(), { url, ...options })
  }
  const dataOf = async (body: string | Buffer, options?: Partial<RequestOption<unknown>>) =>
    (await answerTo((response) => response.end(body), options)).data

  it('wx.request calls success for every status', async () => {
    // WeChat: Any HTTP answer, any statusCode incl. 4xx/5xx, goes to success with {data, statusCode (int), header,
    // cookies, errMsg}
    for (const status of [200, 201, 304, 400, 401, 404, 429, 500, 503]) {
      const answer = await answerTo(respond(status, { 'X-Status': status }))
      expect(answer).to.have.all.keys('data', 'statusCode', 'header', 'cookies', 'errMsg')
      expect(answer).to.include({ data: '', statusCode: status, errMsg: 'request:ok' })
      expect(answer.header).to.include({ 'x-status': String(status) })
    }
    expect(await answerTo(respond(204))).to.include({ data: '', statusCode: 204 })
  })

  describe('the data of an answer to wx.request', () => {
    it('data is parsed if it is JSON, whatever the content-type is', async () => {
      // WeChat: dataType: json: one JSON.parse attempt, on failure data stays the string, silently
      expect(await dataOf('{"r3session":"a"}')).to.deep.equal({ r3session: 'a' })
      expect(await dataOf('[1]')).to.deep.equal([1])
      expect(await dataOf('"text"')).to.equal('text')
      expect(await dataOf('null')).to.equal(null)
    })

    it('data is the text if it is not JSON', async () => {
      expect(await dataOf('0a1b')).to.equal('0a1b')
      expect(await dataOf('<html>')).to.equal('<html>')
      expect(await dataOf('')).to.equal('')
    })

    it('data is a number if a text token looks like a number', async () => {
      // WeChat: Hence a plain-text token stays a string — unless it happens to be valid JSON
      expect(await dataOf('12345')).to.equal(12345)
      expect(await dataOf('12e45')).to.equal(12e45)
    })

    it('data is the text if dataType is not json', async () => {
      expect(await dataOf('{"a":1}', { dataType: 'text' })).to.equal('{"a":1}')
      expect(await dataOf('12345', { dataType: '其他' })).to.equal('12345')
    })

    it('data loses one byte order mark', async () => {
      // WeChat: One BOM is stripped
      expect(await dataOf('\ufeff{"a":1}')).to.deep.equal({ a: 1 })
      expect(await dataOf('\ufeff\ufefftext')).to.equal('\ufefftext')
    })

    it('data is an ArrayBuffer of all bytes if responseType is arraybuffer', async () => {
      const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0, 255, 128])
      const data = await dataOf(bytes, { responseType: 'arraybuffer' })
      expect(data).to.be.instanceOf(ArrayBuffer)
      expect(Buffer.from(data as ArrayBuffer)).to.deep.equal(bytes)
      expect(((await dataOf('', { responseType: 'arraybuffer' })) as ArrayBuffer).byteLength).to.equal(0)
    })

    it('data is decoded as UTF-8', async () => {
      expect(await dataOf('小猪🐷')).to.equal('小猪🐷')
    })
  })

  it('wx.request joins repeated headers and lists cookies', async () => {
    // WeChat: repeated response headers are joined by ,; cookies array since 2.10.0
    const { header, cookies } = await answerTo(
      respond(200, { 'X-Many': ['a', 'b'], 'Set-Cookie': ['a=1; Path=/', 'b=2'] }),
    )
    expect(header['x-many']).to.match(/^a, ?b$/)
    expect(header['set-cookie']).to.equal('a=1; Path=/,b=2')
    expect(cookies).to.deep.equal(['a=1; Path=/', 'b=2'])
    expect((await answerTo(respond(200))).cookies).to.deep.equal([])
  })

  it('wx.request follows redirects, or gives the redirect itself if requested', async () => {
    const redirect: Answer = (response, { target }) =>
      target === '/there' ? response.end('arrived') : response.writeHead(302, { Location: '/there' }).end()
    expect(await answerTo(redirect)).to.include({ statusCode: 200, data: 'arrived' })
    const answer = await answerTo(redirect, { redirect: 'manual' })
    expect(answer.statusCode).to.equal(302)
    expect(answer.header).to.include({ location: '/there' })
  })

  it('wx.request does not use a cache unless the options allow it', async () => {
    const asked = async (options: Partial<RequestOption<unknown>>) => {
      await answerTo(respond(200), options)
      return server.requests.at(-1)?.headers.some(([name]) => name.toLowerCase() === 'cache-control')
    }
    expect(await asked({})).to.equal(true)
    expect(await asked({ enableCache: true })).to.equal(false)
  })

  describe('the failures of wx.request', () => {
    it('wx.request fails when the connection is refused', async () => {
      // WeChat: request:fail errcode:-102 cronet_error_code:-102 error_msg:net::ERR_CONNECTION_REFUSED (600001)
      const gone = await startRecordingServer(respond(200))
      await gone.close()
      expect(await requested(phone(), { url: `http://${gone.host}/` })).to.deep.equal({
        errMsg: 'request:fail errcode:-102 cronet_error_code:-102 error_msg:net::ERR_CONNECTION_REFUSED',
        errno: 600001,
      })
    })

    it('wx.request fails when the connection is reset before or during the answer', async () => {
      const reset = {
        errMsg: 'request:fail errcode:-101 cronet_error_code:-101 error_msg:net::ERR_CONNECTION_RESET',
        errno: 600001,
      }
      expect(await answerTo((response) => response.destroy())).to.deep.equal(reset)
      const half: Answer = (response) => {
        response.writeHead(200, { 'Content-Length': 100 })
        response.write('half', () => response.destroy())
      }
      expect(await answerTo(half)).to.deep.equal(reset)
    })

    it('wx.request fails without a reason if the platform gives none', async () => {
      // For an endless redirect Node's fetch gives no error code, like browsers for all failures.
      const circle: Answer = (response) => response.writeHead(302, { Location: '/' }).end()
      expect(await answerTo(circle)).to.deep.equal({
        errMsg: 'request:fail errcode:-2 cronet_error_code:-2 error_msg:net::ERR_FAILED',
        errno: 600001,
      })
    })

    it('wx.request reports a refused connection also for ports that fetch blocks', async () => {
      for (const port of [1, 9]) {
        expect(await requested(phone(), { url: `http://127.0.0.1:${port}/` })).to.deep.equal({
          errMsg: 'request:fail errcode:-102 cronet_error_code:-102 error_msg:net::ERR_CONNECTION_REFUSED',
          errno: 600001,
        })
      }
    })

    it('wx.request fails with a timeout before or during the answer', async () => {
      // WeChat: fail text request:fail timeout, errno 5
      const timeout = { errMsg: 'request:fail timeout', errno: 5 }
      expect(await answerTo(() => {}, { timeout: 20 })).to.deep.equal(timeout)
      const half: Answer = (response) => response.writeHead(200, { 'Content-Length': 100 }).write('half')
      expect(await answerTo(half, { timeout: 100 })).to.deep.equal(timeout)
    })

    it('wx.request ignores a timeout that is not a positive number, and limits one that is too long for timers', async () => {
      const slow: Answer = (response) => setTimeout(() => response.end('late'), 20)
      for (const timeout of [0, -1, Number.NaN, Infinity, 2 ** 40, '1' as never]) {
        expect(await answerTo(slow, { timeout })).to.include({ data: 'late' })
      }
    })
  })
})
