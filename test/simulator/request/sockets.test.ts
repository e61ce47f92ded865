import { createClient } from '@r3session/client'
import type { Failure, WebSocketLike, Wx, WxOptions } from '@r3session/wx-simulator'
import { expect } from 'chai'
import { startSocketServer } from '../../support/service/socket-server.js'
import { startService } from '../../support/service/start-service.js'
import { calledBack, phone } from '../phone.js'

/** A WebSocket that a test moves. */
function createFakeWebSocket() {
  const target = new EventTarget()
  const sent: unknown[] = []
  const fake = {
    binaryType: 'blob',
    readyState: 0,
    sent,
    send: (data: unknown) => void sent.push(data),
    close(code?: number, reason?: string) {
      fake.readyState = 3
      sent.push({ code, reason })
    },
    addEventListener: target.addEventListener.bind(target) as WebSocketLike['addEventListener'],
    tell(type: string, fields: object = {}) {
      if (type === 'open') fake.readyState = 1
      target.dispatchEvent(Object.assign(new Event(type), fields))
    },
  }
  return fake
}

describe('the sockets of the simulated wx', () => {
  let sockets: ReturnType<typeof createFakeWebSocket>[]
  let asked: unknown[]
  let wx: Wx
  const options: Partial<WxOptions> = {
    hosts: { 'https://api.test': 'http://127.0.0.1:9' },
    webSocket(...given) {
      const socket = createFakeWebSocket()
      sockets.push(socket)
      asked.push(given)
      return socket
    },
  }
  beforeEach(() => {
    sockets = []
    asked = []
    wx = phone(options)
  })
  const url = 'wss://api.test/chat'

  it('connectSocket sends headers and protocols, and the task tells what happens', async () => {
    // WeChat: connectSocket gives a SocketTask with send, close, onOpen, onMessage, onClose, onError (typings)
    const heard: unknown[] = []
    const task = wx.connectSocket({ url, header: { 'X-N': 1, referer: 'x' }, protocols: ['v1'] })
    task.onOpen(() => heard.push('open'))
    task.onMessage(({ data }) => heard.push(data))
    task.onClose((result) => heard.push(result))
    task.onError(({ errMsg }) => heard.push(errMsg))
    expect(asked).to.deep.equal([
      [
        'ws://127.0.0.1:9/chat',
        ['v1'],
        { 'X-N': '1', Referer: 'https://servicewechat.com/wxd3300000000000d3/devtools/page-frame.html' },
      ],
    ])
    const [socket] = sockets
    socket?.tell('open')
    socket?.tell('message', { data: 'hello' })
    task.send({ data: 'you' })
    task.close({ code: 3000, reason: 'bye' })
    socket?.tell('close', { code: 3000, reason: 'bye' })
    await Promise.resolve()
    expect(heard).to.deep.equal(['open', 'hello', { code: 3000, reason: 'bye' }])
    expect(socket?.sent).to.deep.equal(['you', { code: 3000, reason: 'bye' }])
    expect(socket?.binaryType).to.equal('arraybuffer')
  })

  it('success says that it is being opened; a refusal comes to onError and then to onClose', async () => {
    const heard: unknown[] = []
    const { by, answer } = await calledBack<object>((callbacks) => {
      const task = wx.connectSocket({ url, ...callbacks })
      task.onError(({ errMsg }) => heard.push(errMsg))
      task.onClose(({ code }) => heard.push(code))
    })
    expect([by, answer]).to.deep.equal(['success', { errMsg: 'connectSocket:ok' }])
    sockets[0]?.tell('error')
    sockets[0]?.tell('close', { code: 1006, reason: '' })
    await Promise.resolve()
    expect(heard).to.deep.equal(['connectSocket:fail the socket broke or was refused', 1006])
  })

  it('a socket that does not open in time is given up', async () => {
    const failure = await new Promise<{ errMsg: string }>((resolve) =>
      wx.connectSocket({ url, timeout: 1 }).onError(resolve),
    )
    expect(failure.errMsg).to.equal('connectSocket:fail timeout')
    expect(sockets[0]?.sent).to.have.length(1)
  })

  it('there are five sockets at most', async () => {
    // WeChat: up to 5 sockets at the same time (typings)
    for (let n = 0; n < 5; n++) wx.connectSocket({ url })
    const refused = () => calledBack<Failure>((callbacks) => wx.connectSocket({ url, ...callbacks }))
    expect((await refused()).answer.errMsg).to.equal('connectSocket:fail more than 5 sockets')
    sockets[2]?.tell('close', { code: 1000, reason: '' })
    expect((await refused()).by).to.equal('success')
    for (const socket of sockets) socket.tell('close', { code: 1000, reason: '' })
  })

  it('invalid options fail, and sending needs an open socket', async () => {
    for (const [given, reason] of [
      ['https://api.test', 'invalid url "https://api.test"'],
      [undefined, 'parameter error: parameter.url should be String instead of Undefined;'],
    ]) {
      const { answer } = await calledBack<Failure>((callbacks) =>
        wx.connectSocket({ url: given as string, ...callbacks }),
      )
      expect(answer.errMsg).to.equal(`connectSocket:fail ${reason}`)
    }
    const task = wx.connectSocket({ url })
    const { answer } = await calledBack<Failure>((callbacks) => task.send({ data: 'x', ...callbacks }))
    expect(answer.errMsg).to.equal('sendSocketMessage:fail SocketTask.readyState is not OPEN')
    task.send({ data: 'without callbacks' })
    sockets[0]?.tell('close', { code: 1000, reason: '' })
  })

  it('without a WebSocket it fails and says what to do', async () => {
    const holder = globalThis as { WebSocket?: unknown }
    const { WebSocket } = holder
    delete holder.WebSocket
    try {
      const { answer } = await calledBack<Failure>((callbacks) =>
        phone().connectSocket({ url, ...callbacks }),
      )
      expect(answer.errMsg).to.include('createWx takes one as webSocket')
    } finally {
      if (WebSocket) holder.WebSocket = WebSocket
    }
  })

  // Node has one from 22 on.
  if ('WebSocket' in globalThis)
    it('the client opens a socket with its token, and once more after a login when the session has ended', async () => {
      const service = await startService()
      const seen: (string | undefined)[] = []
      const server = await startSocketServer(async ({ authorization = '' }) => {
        seen.push(authorization)
        return (await service.send('GET', '/v1/session', { token: authorization.slice(7) })).status === 200
      })
      try {
        const [app] = service.weixin.apps
        const simulated = phone({ appid: app?.appid ?? '', weixin: service.weixin.url })
        const client = createClient({ baseUrl: service.url, wx: simulated })
        await client.login()
        service.time.now += 259_200_000
        const opening = client.connectSocket({ url: `ws://${server.host}/chat` })
        const message = new Promise((resolve) => opening.onMessage(({ data }) => resolve(data)))
        const task = await opening
        task.send({ data: 'hello' })
        expect(await message).to.equal('hello')
        const closed = new Promise<{ code: number }>((resolve) => task.onClose(resolve))
        task.close({ code: 3001 })
        expect((await closed).code).to.equal(3001)
        expect(new Set(seen).size).to.equal(2)
      } finally {
        await server.close()
        await service.close()
      }
    })
})
