import type { RequestOption } from '@r3session/wx-simulator'
import { expect } from 'chai'
import {
  type Recorded,
  type RecordingServer,
  respond,
  startRecordingServer,
} from '../../support/service/recording-server.js'
import { APPID, phone, requested } from '../phone.js'

describe('the requests of the simulated wx.request', () => {
  let server: RecordingServer
  let url: string

  before(async () => {
    server = await startRecordingServer(respond(200))
    url = `http://${server.host}/api`
  })

  after(() => server.close())

  /** The request that the server gets for these options. */
  async function sent(options: Partial<RequestOption<unknown>>, wx = phone()): Promise<Recorded> {
    const answer = await requested(wx, { url, ...options })
    expect(answer.errMsg).to.equal('request:ok')
    const request = server.requests.at(-1)
    if (request === undefined) throw new Error('nothing arrived')
    return request
  }

  const headerOf = ({ headers }: Recorded, name: string) =>
    headers.find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1]

  /** The reason why nothing is sent. */
  async function refused(options: object): Promise<string> {
    const before = server.requests.length
    const { errMsg } = await requested(phone(), { url, ...options })
    expect(server.requests).to.have.lengthOf(before)
    return errMsg
  }

  it('wx.request sends a GET with content-type application/json by default', async () => {
    // WeChat: Default method GET; ... header content-type default application/json — sent on GET too
    const request = await sent({})
    expect(request).to.include({ method: 'GET', target: '/api', body: '' })
    expect(headerOf(request, 'content-type')).to.equal('application/json')
  })

  it('wx.request sends the method in upper case', async () => {
    // WeChat: method is upper-cased
    for (const method of ['post', 'PUT', 'Delete', 'options', 'head']) {
      expect((await sent({ method: method as 'POST' })).method).to.equal(method.toUpperCase())
    }
  })

  it('wx.request refuses methods that wx or fetch does not have', async () => {
    expect(await refused({ method: 'PATCH' })).to.equal('request:fail invalid method "PATCH"')
    expect(await refused({ method: 7 })).to.equal(
      'request:fail parameter error: parameter.method should be String instead of Number;',
    )
    expect(await refused({ method: 'TRACE' })).to.match(/^request:fail .*TRACE/)
  })

  it('wx.request needs a url that begins with http:// or https://', async () => {
    // WeChat: url must start http:// or https:// (else request:fail invalid url "…")
    for (const wrong of ['', '/api', 'ftp://127.0.0.1/', 'ws://127.0.0.1/', 'httpx://x']) {
      expect(await refused({ url: wrong })).to.equal(`request:fail invalid url "${wrong}"`)
    }
    expect(await refused({ url: undefined })).to.equal(
      'request:fail parameter error: parameter.url should be String instead of Undefined;',
    )
    expect(await refused({ url: 'http://' })).to.match(/^request:fail /)
    expect((await requested(phone(), undefined as never)).errMsg).to.match(/parameter.url/)
  })

  describe('the query of a GET by wx.request', () => {
    it('wx.request encodes an object as data into the query of a GET', async () => {
      // WeChat: GET: object data is merged into the query ...; keys and values encodeURIComponent-ed; + and / of base64
      // are encoded correctly by the real client
      const { target, body } = await sent({ data: { iv: 'a+b/c==', 名字: '小 猪', n: 1, yes: true } })
      expect(target).to.equal('/api?iv=a%2Bb%2Fc%3D%3D&%E5%90%8D%E5%AD%97=%E5%B0%8F%20%E7%8C%AA&n=1&yes=true')
      expect(body).to.equal('')
    })

    it('the query of a GET has nested data as JSON, and null and undefined as words', async () => {
      // WeChat: nested objects as JSON, null → null, undefined → undefined
      const { target } = await sent({ data: { userInfo: { a: [1] }, no: null, none: undefined } })
      expect(target).to.equal(`/api?userInfo=${encodeURIComponent('{"a":[1]}')}&no=null&none=undefined`)
    })

    it('the query of a GET keeps earlier parameters, except those that the data replaces', async () => {
      // WeChat: existing params kept, same name overwritten by data
      const { target } = await sent({
        url: `${url}?a=1&b=2&%62=3&c=x=y&c=z&d&%=5#part`,
        data: { b: 'new', e: 4 },
      })
      expect(target).to.equal('/api?a=1&c=x=y&c=z&d&%=5&b=new&e=4')
      expect((await sent({ url: `${url}?a=1&b=2`, data: {} })).target).to.equal('/api?a=1&b=2')
      expect((await sent({ url: `${url}?`, data: {} })).target).to.equal('/api')
    })

    it('the query of a GET contains no text and no buffer', async () => {
      // WeChat: String data on GET is not put into the URL
      expect(await sent({ data: 'code' })).to.include({ target: '/api', body: '' })
      expect(await sent({ data: new ArrayBuffer(2) })).to.include({ target: '/api', body: '' })
      expect(await sent({ data: null as never })).to.include({ target: '/api', body: '' })
    })
  })

  describe('the body of wx.request', () => {
    it('wx.request sends no body without data', async () => {
      // WeChat: Body: undefined → empty
      expect(await sent({ method: 'POST' })).to.include({ body: '' })
    })

    it('wx.request sends a string as it is, whatever the content-type is', async () => {
      // WeChat: string or ArrayBuffer → as is (whatever the content-type says); A string data with the default header
      // is therefore an application/json request whose body is not JSON (e.g. a raw code)
      const request = await sent({ method: 'POST', data: '0a1B_code' })
      expect(request.body).to.equal('0a1B_code')
      expect(headerOf(request, 'content-type')).to.equal('application/json')
      const form = await sent({
        method: 'POST',
        data: 'a=1',
        header: { 'Content-Type': 'application/x-www-form-urlencoded' },
      })
      expect(form.body).to.equal('a=1')
    })

    it('wx.request sends a buffer as it is', async () => {
      const data = new TextEncoder().encode('小猪').buffer
      expect((await sent({ method: 'POST', data })).body).to.equal('小猪')
    })

    it('wx.request sends an object as JSON', async () => {
      // WeChat: object → k=v form if content-type contains application/x-www-form-urlencoded, else JSON
      const data = { a: { b: [1, null] }, none: undefined }
      for (const method of ['POST', 'PUT', 'DELETE'] as const) {
        expect((await sent({ method, data })).body).to.equal('{"a":{"b":[1,null]}}')
      }
      expect((await sent({ method: 'POST', data: new Uint8Array([7]) })).body).to.equal('{"0":7}')
      expect((await sent({ method: 'POST', data, header: { 'content-type': 'text/plain' } })).body).to.equal(
        '{"a":{"b":[1,null]}}',
      )
    })

    it('wx.request sends an object as a form if the content-type says so, with nested objects as [object Object]', async () => {
      // WeChat: Form POST: each value is encodeURIComponent(String(v)): nested objects become [object Object], null
      // null
      const header = { 'CONTENT-TYPE': 'application/x-www-form-urlencoded; charset=utf-8' }
      const data = { code: 'a+b c', nested: {}, no: null, 'k=': undefined }
      const request = await sent({ method: 'POST', data, header })
      expect(request.body).to.equal('code=a%2Bb%20c&nested=%5Bobject%20Object%5D&no=null&k%3D=undefined')
      expect(headerOf(request, 'content-type')).to.equal('application/x-www-form-urlencoded; charset=utf-8')
      expect((await sent({ method: 'POST', data: null as never, header })).body).to.equal('')
    })

    it('wx.request sends no body with HEAD', async () => {
      expect(await sent({ method: 'HEAD', data: { a: 1 } })).to.include({ body: '', target: '/api' })
    })

    it('wx.request fails and sends nothing if the data can’t be written as JSON', async () => {
      const circle: Record<string, unknown> = {}
      circle['self'] = circle
      expect(await refused({ method: 'POST', data: circle })).to.match(/^request:fail Converting circular/)
      expect(await refused({ data: { circle } })).to.match(/^request:fail Converting circular/)
      expect(await refused({ data: { half: '\ud83d' } })).to.match(/^request:fail URI malformed/)
    })
  })

  describe('the headers of wx.request', () => {
    it('wx.request turns header values into strings and keeps the case of header names', async () => {
      // WeChat: Request header values are turned to strings; only content-type is lower-cased, other names keep their
      // case
      const { headers } = await sent({
        header: { 'X-Number': 7, 'x-Yes': true, 'X-Null': null, 'Content-TYPE': 'text/plain' },
      })
      expect(headers).to.deep.include(['X-Number', '7'])
      expect(headers).to.deep.include(['x-Yes', 'true'])
      expect(headers).to.deep.include(['X-Null', 'null'])
      expect(headers).to.deep.include(['content-type', 'text/plain'])
      expect(headers.filter(([name]) => name.toLowerCase() === 'content-type')).to.have.lengthOf(1)
    })

    it("wx.request sends WeChat's Referer, which can't be set", async () => {
      // WeChat: Referer cannot be set: it is https://servicewechat.com/{appid}/{version}/page-frame.html (... devtools
      // = tool)
      const request = await sent({ header: { Referer: 'https://example.com/', referer: 'x' } })
      expect(headerOf(request, 'referer')).to.equal(
        `https://servicewechat.com/${APPID}/devtools/page-frame.html`,
      )
      expect(request.headers.filter(([name]) => name.toLowerCase() === 'referer')).to.have.lengthOf(1)
    })

    it('wx.request fails and sends nothing if a header is not valid in HTTP', async () => {
      expect(await refused({ header: { 'X-Bad': 'a\r\nb' } })).to.match(/^request:fail /)
      expect(await refused({ header: { 'bad name': 'a' } })).to.match(/^request:fail /)
    })

    it('wx.request does not send cookies that the server has set', async () => {
      // WeChat: the client keeps no cookie jar for wx.request
      server.answer = respond(200, { 'Set-Cookie': 'a=1' })
      const wx = phone()
      await sent({}, wx)
      expect(headerOf(await sent({}, wx), 'cookie')).to.equal(undefined)
      server.answer = respond(200)
    })
  })

  describe('wx.request with hosts', () => {
    it('wx.request sends a request for an origin in hosts to the other address', async () => {
      const hosts = {
        'https://***.smallerpig.com': `http://${server.host}/`,
        'https://login.example.com': `http://${server.host}/base`,
      }
      const wx = phone({ hosts })
      const targets = []
      for (const address of [
        'https://***.smallerpig.com/user/getuserinfo?a=1',
        'https://login.example.com',
        'HTTPS://Login.Example.com/v1',
        'https://login.example.com?a=1',
      ]) {
        targets.push((await sent({ url: address }, wx)).target)
      }
      expect(targets).to.deep.equal(['/user/getuserinfo?a=1', '/base', '/base/v1', '/base?a=1'])
      expect((await sent({ url }, wx)).target).to.equal('/api')
    })

    it('wx.request ignores hosts if only the beginning of the origin is the same', async () => {
      const gone = await startRecordingServer(respond(200))
      await gone.close()
      const wx = phone({ hosts: { [`http://${gone.host.slice(0, -1)}`]: `http://${server.host}` } })
      const before = server.requests.length
      const { errMsg } = await requested(wx, { url: `http://${gone.host}/` })
      expect(errMsg).to.match(/CONNECTION_REFUSED$/)
      expect(server.requests).to.have.lengthOf(before)
    })
  })
})
