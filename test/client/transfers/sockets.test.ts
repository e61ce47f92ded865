import type { Client } from '@r3session/client'
import { expect } from 'chai'
import { createFakePhone, type FakePhone, problem, token } from '../../support/page/fake-phone.js'
import { refusal } from '../../support/refusal.js'

const SESSION = 'GET /v1/session'

describe('client.connectSocket()', () => {
  let phone: FakePhone
  let client: Client
  beforeEach(() => {
    phone = createFakePhone()
    phone.storage.set('r3session', { data: token(7), encrypted: true })
    phone.live.add(token(7))
    client = phone.client()
  })
  const settle = <T>(promise: Promise<T>) => phone.time.settle(promise)

  it('client.connectSocket() resolves to the open socket, which has sent the token', async () => {
    const options = { url: '/chat', protocols: ['v1'], header: { authorization: 'x', 'X-Trace': '1' } }
    const socket = await settle(client.connectSocket(options))
    expect(socket).to.equal(phone.sockets[0]?.task)
    expect(phone.sockets[0]?.options).to.deep.equal({
      url: 'wss://login.test/chat',
      protocols: ['v1'],
      timeout: 15_000,
      header: { Authorization: `Bearer ${token(7)}`, 'X-Trace': '1' },
    })
    expect(phone.sent).to.deep.equal([])
    expect(phone.time.pending()).to.equal(0)
  })

  it('client.connectSocket() takes absolute urls of both kinds', async () => {
    for (const [url, opened] of [
      ['wss://chat.test/a', 'wss://chat.test/a'],
      ['https://chat.test/a', 'wss://chat.test/a'],
      ['ws://127.0.0.1:1/a', 'ws://127.0.0.1:1/a'],
    ] as const) {
      await settle(client.connectSocket({ url }))
      expect(phone.sockets.at(-1)?.url).to.equal(opened)
    }
  })

  it('client.connectSocket() logs in and opens again when the session has ended', async () => {
    phone.live.clear()
    const opened = await settle(Promise.all([1, 2, 3].map(() => client.connectSocket({ url: '/chat' }))))
    expect(opened).to.deep.equal(phone.sockets.slice(3).map(({ task }) => task))
    expect(phone.logins).to.have.length(1)
    expect(phone.sockets.slice(0, 3).map(({ closed }) => closed)).to.deep.equal([true, true, true])
  })

  it('client.connectSocket() rejects without a login when the session is valid', async () => {
    phone.socketsAre = 'failing'
    const error = await settle(refusal(client.connectSocket({ url: '/chat?secret=1' })))
    expect(error).to.include({ code: 'network', action: 'retry' })
    expect(error.message).to.equal('no answer from wss://login.test/chat: Invalid HTTP status.')
    expect(phone.paths()).to.deep.equal([SESSION])
    expect(phone.logins).to.deep.equal([])
  })

  it('client.connectSocket() logs in once at most', async () => {
    phone.live.clear()
    phone.socketsAre = 'failing'
    phone.script(SESSION, ...Array(9).fill(problem(401, 'invalid_session', 'relogin')))
    const error = await settle(refusal(client.connectSocket({ url: '/chat' })))
    expect(error).to.include({ code: 'invalid_session', action: 'relogin' })
    expect(phone.logins).to.have.length(1)
    expect(phone.sockets).to.have.length(2)
  })

  it('client.connectSocket() gives up a socket that never opens, and does not ask a dead network for long', async () => {
    phone.socketsAre = 'silent'
    phone.script(SESSION, { fail: { errMsg: 'request:fail' } })
    const error = await settle(refusal(client.connectSocket({ url: '/chat', timeout: 3000 })))
    expect(error).to.include({
      code: 'network',
      message: 'no answer from wss://login.test/chat: no answer in 5000 ms',
    })
    expect(phone.time.elapsed()).to.be.lessThan(5100)
    expect(phone.sockets[0]?.closed).to.equal(true)
  })

  it('client.connectSocket() rejects when wx gives no socket, or none at all is there', async () => {
    phone.socketsAre = 'missing'
    expect(await settle(refusal(client.connectSocket({ url: '/chat' })))).to.include({ code: 'network' })
    phone.wx.connectSocket = undefined as never
    expect(await settle(refusal(client.connectSocket({ url: '/chat' })))).to.include({ code: 'network' })
    expect(await settle(refusal(client.connectSocket({} as never)))).to.include({ code: 'invalid_request' })
  })

  it('listeners that are set before it opens miss nothing, and hear nothing of a refused try', async () => {
    phone.live.clear()
    const heard: unknown[] = []
    const opening = client.connectSocket({ url: '/chat' })
    opening.onMessage(({ data }) => heard.push(data))
    opening.onClose(({ reason }) => heard.push(reason))
    opening.onError(({ errMsg }) => heard.push(errMsg))
    while (phone.sockets.length < 2) await phone.time.pass(1)
    const [, second] = phone.sockets
    second?.tell('Open', { header: {} })
    second?.tell('Message', { data: 'first' })
    await settle(opening)
    second?.tell('Close', { code: 1000, reason: 'bye' })
    expect(heard).to.deep.equal(['first', 'bye'])
  })

  it('abort() closes a socket, also one that opens later', async () => {
    const opening = client.connectSocket({ url: '/chat' })
    while (phone.sockets.length < 1) await phone.time.pass(1)
    opening.abort()
    expect(await settle(refusal(opening))).to.include({ code: 'aborted' })
    await phone.time.pass(20_000)
    expect(phone.sockets.map(({ closed }) => closed)).to.deep.equal([true])
    expect(phone.sent).to.deep.equal([])
    const open = client.connectSocket({ url: '/chat' })
    await settle(open)
    open.abort()
    expect(phone.sockets[1]?.closed).to.equal(true)
  })
})
