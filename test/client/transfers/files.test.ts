import type { Client } from '@r3session/client'
import { expect } from 'chai'
import { createFakePhone, type FakePhone, problem, token } from '../../support/page/fake-phone.js'
import { refusal } from '../../support/refusal.js'

const file = { url: '/avatars', filePath: 'wxfile://tmp/1.png', name: 'avatar' }

describe('files', () => {
  let phone: FakePhone
  let client: Client
  beforeEach(() => {
    phone = createFakePhone()
    phone.storage.set('r3session', { data: token(7), encrypted: true })
    phone.live.add(token(7))
    client = phone.client()
  })
  const settle = <T>(promise: Promise<T>) => phone.time.settle(promise)
  /** Lets time pass until this number of requests was sent. */
  const sent = async (count: number) => {
    while (phone.sent.length < count) await phone.time.pass(1)
    return phone.tasks[count - 1]
  }

  it('client.uploadFile() sends the file with the token, and gives the text of the answer', async () => {
    const answer = await settle(client.uploadFile({ ...file, formData: { of: 'anna' } }))
    expect(answer).to.deep.equal({ statusCode: 200, data: JSON.stringify({ bearer: token(7) }), header: {} })
    const { header, ...options } = phone.sent[0]?.options ?? {}
    expect(header).to.deep.equal({ Authorization: `Bearer ${token(7)}` })
    expect(options)
      .to.include({ ...file, url: 'https://login.test/avatars' })
      .and.deep.include({
        formData: { of: 'anna' },
      })
  })

  it('client.downloadFile() sends the token and gives the path of the file', async () => {
    const saved = await settle(client.downloadFile({ url: 'https://api.test/invoice.pdf' }))
    expect(saved).to.deep.include({ statusCode: 200, tempFilePath: 'http://tmp/1' })
    expect(phone.sent[0]?.header).to.include({ authorization: `Bearer ${token(7)}` })
    expect(phone.sent[0]?.url).to.equal('https://api.test/invoice.pdf')
  })

  it('files need a login like requests, one for all of them and for the requests at the same time', async () => {
    phone.storage.clear()
    await settle(
      Promise.all([
        client.uploadFile(file),
        client.downloadFile({ url: '/a' }),
        client.request({ url: '/b' }),
      ]),
    )
    expect(phone.logins).to.have.length(1)
  })

  it('files are sent again after a 401, with one login for all', async () => {
    phone.live.clear()
    const all = Array.from({ length: 20 }, () => [
      client.uploadFile(file),
      client.downloadFile({ url: '/a' }),
    ])
    const answers = await settle(Promise.all(all.flat()))
    expect(answers.map(({ statusCode }) => statusCode)).to.deep.equal(Array(40).fill(200))
    expect(phone.logins).to.have.length(1)
    expect(phone.sent).to.have.length(81)
  })

  it('an error of the service rejects, although wx calls success, and its text is understood', async () => {
    phone.script('POST /avatars', problem(413, 'body_too_large', 'fix_request'))
    expect(await settle(refusal(client.uploadFile(file)))).to.include({ code: 'body_too_large', status: 413 })
    phone.script('GET /a', { statusCode: 404 })
    const error = await settle(refusal(client.downloadFile({ url: '/a' })))
    expect(error).to.include({ code: 'http_error', status: 404, action: 'fix_request' })
  })

  it('a file without an answer is not sent again', async () => {
    phone.script('POST /avatars', { fail: { errMsg: 'uploadFile:fail timeout' } })
    const error = await settle(refusal(client.uploadFile(file)))
    expect(error).to.include({ code: 'network', action: 'retry' })
    expect(error.message).to.include('uploadFile:fail timeout')
    expect(phone.sent).to.have.length(1)
  })

  it('client.uploadFile() sends nothing without a file and its name', async () => {
    for (const missing of ['url', 'filePath', 'name']) {
      const error = await settle(refusal(client.uploadFile({ ...file, [missing]: undefined } as never)))
      expect(error).to.include({ code: 'invalid_request', message: `uploadFile needs ${missing}` })
    }
    expect(phone.sent).to.deep.equal([])
  })

  it('a wx that has no files rejects like other failures', async () => {
    phone.wx.uploadFile = undefined as never
    expect(await settle(refusal(client.uploadFile(file)))).to.include({ code: 'network' })
  })

  it('listeners hear of the progress, also when they were set before a login, and after it again', async () => {
    phone.storage.clear()
    const seen: number[] = []
    phone.script('POST /avatars', 'silence')
    const upload = client.uploadFile(file)
    upload.onProgressUpdate(({ progress }) => seen.push(progress))
    const task = await sent(2)
    task?.tell('ProgressUpdate', { progress: 40 })
    upload.onProgressUpdate(({ progress }) => seen.push(-progress))
    task?.tell('ProgressUpdate', { progress: 80 })
    expect(seen).to.deep.equal([40, 80, -80])
    upload.abort()
    await settle(refusal(upload))
  })

  it('a request has the listeners of its task, too', async () => {
    const seen: unknown[] = []
    phone.script('GET /stream', 'silence')
    const request = client.request({ url: '/stream', enableChunked: true })
    request.onHeadersReceived(({ header }) => seen.push(header))
    request.onChunkReceived(({ data }) => seen.push(data))
    const task = await sent(1)
    task?.tell('HeadersReceived', { header: { a: 'b' } })
    task?.tell('ChunkReceived', { data: 'chunk' })
    expect(seen).to.deep.equal([{ a: 'b' }, 'chunk'])
    request.abort()
    await settle(refusal(request))
  })

  it('abort() breaks off what is under way, and the promise rejects with aborted', async () => {
    phone.script('POST /avatars', 'silence')
    const upload = client.uploadFile(file)
    const task = await sent(1)
    upload.abort()
    expect(await settle(refusal(upload))).to.include({ code: 'aborted', action: 'none' })
    expect(task?.aborted).to.equal(true)
    expect(phone.time.pending()).to.equal(0)
  })

  it('abort() during a login sends nothing afterwards, and the login goes on for the others', async () => {
    phone.storage.clear()
    const request = client.request({ url: '/a' })
    const other = client.request({ url: '/b' })
    request.abort()
    expect(await settle(refusal(request))).to.include({ code: 'aborted' })
    await settle(other)
    await phone.time.pass(20_000)
    expect(phone.paths()).to.deep.equal(['POST /v1/login', 'GET /b'])
  })

  it('abort() during the pause that a busy server asked for sends nothing afterwards', async () => {
    phone.script('GET /a', problem(503, 'overloaded', 'retry', { 'Retry-After': '5' }))
    const request = client.request({ url: '/a' })
    await phone.time.pass(1000)
    request.abort()
    expect(await settle(refusal(request))).to.include({ code: 'aborted' })
    await phone.time.pass(20_000)
    expect(phone.sent).to.have.length(1)
  })

  it('abort() after the answer does nothing', async () => {
    const request = client.request({ url: '/a' })
    const { statusCode } = await settle(request)
    request.abort()
    expect([statusCode, (await request).statusCode]).to.deep.equal([200, 200])
  })
})
