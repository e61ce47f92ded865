import type { ServerResponse } from 'node:http'
import type { RequestOption, Wx } from '@r3session/wx-simulator'
import { expect } from 'chai'
import {
  type RecordingServer,
  respond,
  startRecordingServer,
} from '../../support/service/recording-server.js'
import { until } from '../../support/service/start-sandbox.js'
import { nextUncaught, phone, requested } from '../phone.js'

describe('the task of the simulated wx.request', () => {
  let server: RecordingServer
  let url: string
  let wx: Wx
  /** Requests that the server has not answered yet, in their order. */
  let held: { target: string | undefined; response: ServerResponse }[]

  beforeEach(async () => {
    held = []
    server = await startRecordingServer((response, { target }) => held.push({ target, response }))
    url = `http://${server.host}/`
    wx = phone()
  })

  afterEach(() => server.close())

  /** Starts a request; `answer` resolves to its outcome. */
  function begin(options: Partial<RequestOption<unknown>> = {}) {
    let task: ReturnType<Wx['request']> | undefined
    const heard: string[] = []
    const answer = new Promise<{ errMsg: string; data?: unknown }>((resolve) => {
      task = wx.request({
        url,
        ...options,
        success: () => heard.push('success'),
        fail: () => heard.push('fail'),
        complete(outcome) {
          heard.push('complete')
          resolve(outcome)
        },
      })
    })
    if (task === undefined) throw new Error('no task')
    return { task, answer, heard }
  }

  it('abort() makes a request fail at once, and only once', async () => {
    // WeChat: Returns RequestTask: abort(), ...; request:fail abort
    const { task, answer, heard } = begin()
    await until(() => held.length === 1)
    task.abort()
    task.abort()
    expect(heard).to.deep.equal([])
    expect(await answer).to.deep.equal({ errMsg: 'request:fail abort' })
    task.abort()
    expect(heard).to.deep.equal(['fail', 'complete'])
  })

  it('abort() ends a request in the middle of its answer', async () => {
    const { task, answer } = begin()
    await until(() => held.length === 1)
    const headers = new Promise((resolve) => task.onHeadersReceived(resolve))
    held[0]?.response.write('half')
    await headers
    task.abort()
    expect(await answer).to.deep.equal({ errMsg: 'request:fail abort' })
  })

  it('a request that is aborted immediately sends nothing', async () => {
    const { task, answer } = begin()
    task.abort()
    expect(await answer).to.deep.equal({ errMsg: 'request:fail abort' })
    server.answer = respond(200)
    await requested(wx, { url: `${url}after` })
    expect(server.requests.map(({ target }) => target)).to.deep.equal(['/after'])
  })

  it('abort() does nothing when the request is complete', async () => {
    server.answer = respond(200, {}, 'done')
    const { task, answer, heard } = begin()
    expect((await answer).data).to.equal('done')
    task.abort()
    await requested(wx, { url })
    expect(heard).to.deep.equal(['success', 'complete'])
  })

  it('wx.request runs 10 requests at a time and queues the rest', async () => {
    // WeChat: ≤ 10 parallel requests; further ones are queued by the library (not failed)
    const begun = Array.from({ length: 12 }, (_, index) => begin({ url: `${url}${index}` }))
    await until(() => held.length === 10)
    await requested(phone(), { url: 'nowhere' })
    expect(held).to.have.lengthOf(10)
    held[3]?.response.end()
    await until(() => held.length === 11)
    held[0]?.response.destroy()
    await until(() => held.length === 12)
    expect(held.slice(10).map(({ target }) => target)).to.deep.equal(['/10', '/11'])
    for (const { response } of held) response.end()
    const answers = await Promise.all(begun.map(({ answer }) => answer))
    expect(answers.filter(({ errMsg }) => errMsg === 'request:ok')).to.have.lengthOf(11)
  })

  it('wx.request answers 50 requests at once, each with its own answer', async () => {
    server.answer = (response, { target }) => response.end(target)
    const begun = Array.from({ length: 50 }, (_, index) => begin({ url: `${url}${index}` }))
    const answers = await Promise.all(begun.map(({ answer }) => answer))
    expect(answers.map(({ data }) => data)).to.deep.equal(begun.map((_, index) => `/${index}`))
  })

  it('abort() removes a queued request, and the next one runs', async () => {
    const begun = Array.from({ length: 13 }, (_, index) => begin({ url: `${url}${index}` }))
    await until(() => held.length === 10)
    begun[10]?.task.abort()
    expect(await begun[10]?.answer).to.deep.equal({ errMsg: 'request:fail abort' })
    begun[11]?.task.abort()
    begun[0]?.task.abort()
    await until(() => held.length === 11)
    expect(held[10]?.target).to.equal('/12')
    for (const { response } of held) response.end()
    await Promise.all(begun.map(({ answer }) => answer))
    expect(server.requests).to.have.lengthOf(11)
  })

  it('the next queued request runs when another times out', async () => {
    const begun = Array.from({ length: 11 }, (_, index) =>
      begin({ url: `${url}${index}`, ...(index < 10 ? { timeout: 50 } : {}) }),
    )
    await until(() => held.at(-1)?.target === '/10')
    held.at(-1)?.response.end('late')
    expect((await begun[10]?.answer)?.data).to.equal('late')
  })

  it('onHeadersReceived is called before the request is complete', async () => {
    // WeChat: onHeadersReceived, onChunkReceived…
    server.answer = respond(401, { 'X-Request-Id': 'r1', 'Set-Cookie': 'a=1' }, '{}')
    const { task, answer, heard } = begin()
    const heads: unknown[] = []
    task.onHeadersReceived(({ header, statusCode, cookies }) => {
      heard.push('headers')
      heads.push([header['x-request-id'], statusCode, cookies])
    })
    const unwanted = () => heard.push('unwanted')
    task.onHeadersReceived(unwanted)
    task.offHeadersReceived(unwanted)
    await answer
    expect(heard).to.deep.equal(['headers', 'success', 'complete'])
    expect(heads).to.deep.equal([['r1', 401, ['a=1']]])
  })

  it('onChunkReceived gets the chunks of an answer as they come, with enableChunked', async () => {
    const { task, answer } = begin({ enableChunked: true })
    const chunks: string[] = []
    task.onChunkReceived(({ data }) => chunks.push(Buffer.from(data).toString()))
    await until(() => held.length === 1)
    held[0]?.response.write('one')
    await until(() => chunks.length === 1)
    held[0]?.response.end('two')
    expect((await answer).data).to.equal('onetwo')
    expect(chunks).to.deep.equal(['one', 'two'])
  })

  it('onChunkReceived gets nothing without enableChunked or after the listener is removed', async () => {
    server.answer = respond(200, {}, 'text')
    const chunks: unknown[] = []
    const plain = begin()
    plain.task.onChunkReceived((chunk) => chunks.push(chunk))
    await plain.answer
    const chunked = begin({ enableChunked: true })
    chunked.task.onChunkReceived((chunk) => chunks.push(chunk))
    chunked.task.onHeadersReceived((head) => chunks.push(head))
    chunked.task.offChunkReceived()
    chunked.task.offHeadersReceived()
    await chunked.answer
    expect(chunks).to.deep.equal([])
  })

  it('a request completes even if a listener throws, and the error stays uncaught', async () => {
    server.answer = respond(200, {}, 'text')
    const { task, answer } = begin()
    const thrown = new Error('an error in the mini program')
    const uncaught = nextUncaught()
    task.onHeadersReceived(() => {
      throw thrown
    })
    expect((await answer).data).to.equal('text')
    expect(await uncaught).to.equal(thrown)
  })

  it('wx.request works without callbacks', async () => {
    server.answer = respond(200)
    wx.request({ url })
    wx.request({ url: 'nowhere' })
    await until(() => server.requests.length === 1)
    await requested(wx, { url })
  })
})
