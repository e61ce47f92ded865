import type { DownloadOption, Failure, UploadOption, Wx } from '@r3session/wx-simulator'
import { expect } from 'chai'
import {
  type RecordingServer,
  respond,
  startRecordingServer,
} from '../../support/service/recording-server.js'
import { calledBack, phone } from '../phone.js'

describe('the files of the simulated wx', () => {
  let server: RecordingServer
  let wx: Wx
  let answer: ReturnType<typeof respond>
  beforeEach(async () => {
    const headers = { 'content-type': 'application/json', 'content-length': '8' }
    answer = respond(201, headers, '{"id":7}')
    server = await startRecordingServer((...given) => answer(...given))
    wx = phone({ hosts: { 'https://api.test': `http://${server.host}` } })
  })
  afterEach(() => server.close())

  const upload = (options: Partial<UploadOption> = {}) =>
    calledBack<{ statusCode: number; data: string }>((callbacks) => {
      const given = { url: 'https://api.test/avatars', filePath: '', name: 'avatar', ...options }
      return wx.uploadFile({ ...given, ...callbacks })
    })
  const download = (options: Partial<DownloadOption> = {}) =>
    calledBack<{ statusCode: number; tempFilePath?: string; filePath?: string } & Failure>((callbacks) =>
      wx.downloadFile({ url: 'https://api.test/invoice.pdf?n=1', ...options, ...callbacks }),
    )

  it('uploadFile sends a form with the file and its fields, and gives the answer as text', async () => {
    // WeChat: uploadFile gives a task, no promise; data is a string (typings)
    const filePath = wx.devtools.addFile('picture', 'face.png')
    expect(filePath).to.match(/^wxfile:\/\/tmp_\d+\.png$/)
    const { by, answer } = await upload({
      filePath,
      formData: { of: 'anna', n: 7 },
      header: { 'X-Trace': '1', 'Content-Type': 'text/plain' },
    })
    expect([by, answer]).to.deep.equal([
      'success',
      { data: '{"id":7}', statusCode: 201, errMsg: 'uploadFile:ok' },
    ])
    const [request] = server.requests
    expect(request?.method).to.equal('POST')
    const headers = Object.fromEntries(
      request?.headers.map(([key, value]) => [key.toLowerCase(), value]) ?? [],
    )
    expect(headers).to.include({ 'x-trace': '1' })
    expect(headers['content-type']).to.match(/^multipart\/form-data; boundary=/)
    expect(request?.body)
      .to.match(/name="of"\r\n\r\nanna\r\n/)
      .and.match(/name="n"\r\n\r\n7\r\n/)
    expect(request?.body).to.match(/name="avatar"; filename="tmp_1.png"\r\n[\s\S]*\r\n\r\npicture\r\n/)
  })

  it('downloadFile saves the answer, whatever its status, and gives its path', async () => {
    // WeChat: tempFilePath without filePath in the options, otherwise filePath; any status is a success (typings)
    answer = respond(404, { 'content-type': 'text/plain' }, 'nothing')
    const { by, answer: temporary } = await download()
    expect(by).to.equal('success')
    expect(temporary).to.have.all.keys('statusCode', 'tempFilePath', 'errMsg')
    expect(temporary).to.include({ statusCode: 404 })
    expect(temporary.tempFilePath).to.match(/\.pdf$/)
    expect(new TextDecoder().decode(wx.devtools.readFile(temporary.tempFilePath ?? ''))).to.equal('nothing')
    const { answer: saved } = await download({ filePath: 'wxfile://usr/a.pdf' })
    expect(saved).to.have.all.keys('statusCode', 'filePath', 'errMsg')
    expect(wx.devtools.readFile('wxfile://usr/a.pdf')).to.have.length(7)
  })

  it('what was downloaded can be uploaded', async () => {
    const { answer } = await download()
    expect((await upload({ filePath: answer.tempFilePath ?? '' })).by).to.equal('success')
    expect(server.requests.at(-1)?.body).to.include('{"id":7}')
  })

  it('invalid options fail, and nothing is sent', async () => {
    const filePath = wx.devtools.addFile('picture')
    for (const [options, reason] of [
      [{ filePath: 'wxfile://tmp_99' }, 'file not found'],
      [{ filePath: undefined }, 'parameter error: parameter.filePath should be String instead of Undefined;'],
      [
        { filePath, name: undefined },
        'parameter error: parameter.name should be String instead of Undefined;',
      ],
      [{ filePath, url: '/avatars' }, 'invalid url "/avatars"'],
      [{ filePath, url: 7 }, 'parameter error: parameter.url should be String instead of Number;'],
    ] as const) {
      const { by, answer } = await upload(options as never)
      expect(by).to.equal('fail')
      expect((answer as unknown as Failure).errMsg).to.include(`uploadFile:fail ${reason}`)
    }
    expect((await download({ url: 'x' })).answer.errMsg).to.equal('downloadFile:fail invalid url "x"')
    expect(server.requests).to.deep.equal([])
  })

  it('the tasks tell of headers and progress, and abort fails the call', async () => {
    const heard: unknown[] = []
    await new Promise<void>((resolve) => {
      const task = wx.downloadFile({ url: 'https://api.test/a', complete: () => resolve() })
      task.onHeadersReceived(({ statusCode }) => heard.push(statusCode))
      task.onProgressUpdate(({ progress, totalBytesWritten }) => heard.push([progress, totalBytesWritten]))
    })
    expect(heard.slice(0, 2)).to.deep.equal([201, [100, 8]])
    const { answer: failure } = await calledBack<Failure>((callbacks) => {
      const filePath = wx.devtools.addFile('picture')
      wx.uploadFile({ url: 'https://api.test/a', filePath, name: 'a', ...callbacks } as never).abort()
    })
    expect(failure.errMsg).to.equal('uploadFile:fail abort')
  })

  it('a file that reaches no server fails like a request', async () => {
    const { by, answer } = await download({ url: 'http://127.0.0.1:9/a' })
    expect([by, answer.errno]).to.deep.equal(['fail', 600001])
  })
})
