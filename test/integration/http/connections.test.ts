import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { expect } from 'chai'
import Koa from 'koa'
import { type Connections, createConnections } from '#src/app/http/connections.js'
import { createHttpServer } from '#src/app/http/server.js'
import { createShutdown } from '#src/app/shutdown.js'
import { openRaw } from '../../support/service/raw-socket.js'

const id = '00000000-0000-4000-8000-000000000000'
/** More than a connection takes before it says that this is enough for now. */
const LARGE = 200_000
const connectRequest = 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n'

describe('the connections of the server', () => {
  let connections: Connections
  let server: ReturnType<typeof createHttpServer>
  let port: number
  let release: () => void
  let exits: number[]
  let lines: string[]
  let ends: (() => void)[] = []
  let begun: string[]

  async function start(farewell = 50) {
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const app = new Koa({ env: 'test' })
    app.silent = true
    begun = []
    app.use(async (ctx) => {
      begun.push(ctx.path)
      if (ctx.path === '/slow') await held
      if (ctx.method === 'POST') for await (const _ of ctx.req);
      ctx.body = ctx.path === '/large' ? 'x'.repeat(LARGE) : `path ${ctx.path}`
    })
    const owner = createConnections({ farewell, answers: 60_000 })
    const started = createHttpServer(app.callback(), () => id, owner)
    connections = owner
    server = started
    ends.push(() => {
      owner.closeAll()
      started.close()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  beforeEach(() => start())
  afterEach(() => {
    release()
    for (const end of ends) end()
    ends = []
  })

  function shutdown(
    patience = { listening: 0, arriving: 30, answers: 60_000, end: 60_000 },
    close: () => Promise<void> = async () => {},
  ) {
    exits = []
    lines = []
    const note = (_: object, message: string) => lines.push(message)
    return new Promise<number>((resolve) => {
      createShutdown({
        server,
        connections,
        patience,
        log: { info: note, error: note },
        begin() {},
        close,
        exit(status) {
          exits.push(status)
          resolve(status)
        },
        giveUp: () => resolve(-1),
        monotonic: () => 0,
      })('SIGTERM')
    })
  }

  it('refuse a tunnel with a problem and end, though the client never hangs up', async () => {
    const { socket, closed } = await openRaw(port, connectRequest, { allowHalfOpen: true })
    const [accepted] = await Promise.all([once(server, 'connect'), once(socket, 'end')])
    if (!accepted[1].closed) await once(accepted[1], 'close')
    expect(connections.count()).to.equal(0)
    socket.destroy()
    const answer = await closed
    expect(answer).to.match(/^HTTP\/1\.1 405 .*\r\n/)
    expect(answer).to.include(`X-Request-Id: ${id}`).and.include('Cache-Control: no-store')
    expect(answer).to.include('application/problem+json')
  })

  it('survive clients that ask for a tunnel and reset at once', async () => {
    for (let n = 0; n < 200; n++) {
      const { socket, closed } = await openRaw(port, connectRequest + 'x'.repeat(n))
      socket.resetAndDestroy()
      await closed
    }
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).to.equal(200)
  })

  it('survive a tunnel whose socket fails after it was handed over', async () => {
    const handed = once(server, 'connect')
    const { socket } = await openRaw(port, connectRequest)
    const [, accepted] = await handed
    accepted.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    // Not by `once`, which would listen for the error in the server's place.
    await new Promise((resolve) => accepted.on('close', resolve))
    expect(connections.count()).to.equal(0)
    socket.destroy()
  })

  it('are read on until their clients have hung up, so that no answer is lost with what is still being sent', async () => {
    await start(60_000)
    const accepted = once(server, 'connection')
    const { socket, closed } = await openRaw(port, '', { allowHalfOpen: true })
    const [serverSide] = await accepted
    // Hears nothing until it has sent all, as a client that is busy sending does.
    socket.pause()
    socket.write('GET /first HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    await once(serverSide, 'finish')
    for (let n = 0; n < 3; n++) {
      const read = serverSide.bytesRead
      await new Promise((sent) => socket.write('GET /late HTTP/1.1\r\nHost: x\r\n\r\n', sent))
      while (serverSide.bytesRead === read && !serverSide.destroyed)
        await new Promise((resolve) => setImmediate(resolve))
    }
    socket.resume()
    await Promise.race([once(socket, 'end'), closed])
    socket.end()
    expect(await closed).to.match(/^HTTP\/1\.1 200 [\s\S]*path \/first$/)
    if (!serverSide.closed) await once(serverSide, 'close')
    expect(begun, 'nothing that came too late').to.deep.equal(['/first'])
    expect(connections.count()).to.equal(0)
  })

  it('are not reset for requests behind the last, however many came with it', async () => {
    const accepted = once(server, 'connection')
    const { socket, closed } = await openRaw(port, '', { allowHalfOpen: true })
    const [serverSide] = await accepted
    const failures: string[] = []
    socket.on('error', ({ message }) => failures.push(message))
    socket.pause()
    const last = 'GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    socket.write(last + 'GET /behind HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5000))
    await once(serverSide, 'close')
    socket.resume()
    await Promise.race([once(socket, 'end'), closed])
    socket.destroy()
    expect(await closed).to.have.length.above(LARGE)
    expect(failures).to.deep.equal([])
    expect(begun).to.deep.equal(['/large'])
  })

  it('end in bounded time after an answer that is the last, though the client does not hang up', async () => {
    const accepted = once(server, 'connection')
    const { socket } = await openRaw(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', {
      allowHalfOpen: true,
    })
    const [serverSide] = await accepted
    if (!serverSide.closed) await once(serverSide, 'close')
    expect(connections.count()).to.equal(0)
    socket.destroy()
  })

  it('answer a request that asks for another protocol as any other', async () => {
    const upgrade = 'Host: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n'
    const { closed } = await openRaw(port, `GET /here HTTP/1.1\r\n${upgrade}`)
    expect(await closed).to.match(/^HTTP\/1\.1 200 .*path \/here$/s)
  })

  it('end after broken HTTP, though the client never hangs up and sends on', async () => {
    const { socket } = await openRaw(port, 'nonsense\r\n\r\n', { allowHalfOpen: true })
    const accepted = once(server, 'clientError')
    await once(socket, 'end')
    socket.write('more nonsense')
    const [, serverSide] = await accepted
    if (!serverSide.destroyed) await once(serverSide, 'close')
    expect(connections.count()).to.equal(0)
    socket.destroy()
  })

  it('answer first what came first, and then what could not be understood', async () => {
    const { closed, socket } = await openRaw(port, 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n')
    await once(server, 'clientError')
    release()
    const answer = await closed
    expect(answer).to.match(/^HTTP\/1\.1 200 /)
    expect(answer.indexOf('path /slow')).to.be.greaterThan(0)
    expect(answer.indexOf('HTTP/1.1 400')).to.be.greaterThan(answer.indexOf('path /slow'))
    socket.destroy()
  })

  it('have a request answered after the ones before it, however many come at once', async () => {
    const paths = Array.from({ length: 500 }, (_, n) => `/${n}`)
    const asked: (string | undefined)[] = []
    server.on('request', (request) => asked.push(request.url))
    const requests = ['/slow', ...paths].map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
    const { closed, socket } = await openRaw(port, `${requests.join('')}nonsense\r\n\r\n`)
    await once(server, 'clientError')
    expect(asked).to.deep.equal(['/slow', ...paths])
    expect(begun, 'before the first is answered').to.deep.equal(['/slow'])
    release()
    const answers = [...(await closed).matchAll(/path (\/[a-z0-9]+)/g)].map(([, path]) => path)
    expect(answers).to.deep.equal(['/slow', ...paths])
    socket.destroy()
  })

  it('have no further request begun when the client has left', async () => {
    const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`
    const accepted = once(server, 'connection')
    const { socket } = await openRaw(port, `${request('/slow')}${request('/next')}`)
    const [serverSide] = await accepted
    while (begun.length === 0) await once(server, 'request')
    socket.resetAndDestroy()
    await new Promise((resolve) => serverSide.on('close', resolve))
    release()
    await new Promise((resolve) => setImmediate(resolve))
    expect(begun).to.deep.equal(['/slow'])
  })

  it('do not delay the end when they are silent, idle, half a head, or a tunnel', async () => {
    await start(60_000)
    const idle = await openRaw(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await idle.heard()
    const tunnel = await openRaw(port, connectRequest, { allowHalfOpen: true })
    await tunnel.heard()
    const others = await Promise.all(
      ['', 'GET / HT', 'GET / HTTP/1.1\r\nHost: x\r\n'].map((bytes) => openRaw(port, bytes)),
    )
    while (connections.count() < 5) await once(server, 'connection')
    expect(await shutdown({ listening: 10, arriving: 100, answers: 60_000, end: 60_000 })).to.equal(0)
    for (const { socket, closed } of [idle, tunnel, ...others]) {
      socket.end()
      await closed
    }
    expect(lines).to.deep.equal(['stopping', 'stopped'])
  })

  it('have their answers finished before the end', async () => {
    const { closed } = await openRaw(port, 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(server, 'request')
    const ended = shutdown()
    expect(exits).to.deep.equal([])
    release()
    expect(await ended).to.equal(0)
    expect(await closed).to.include('path /slow')
  })

  it('end when an upload does not, and when an answer does not', async () => {
    const upload = await openRaw(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx')
    await once(server, 'request')
    expect(await shutdown()).to.equal(0)
    await upload.closed
    await start()
    const slow = await openRaw(port, 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(server, 'request')
    expect(await shutdown({ listening: 0, arriving: 1, answers: 1, end: 60_000 })).to.equal(0)
    await slow.closed
  })

  it('are all let in and answered while the end is announced, and kept ones that are not used then end', async () => {
    const kept = await openRaw(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await kept.heard()
    const ended = shutdown({ listening: 100, arriving: 60_000, answers: 60_000, end: 60_000 })
    const fresh = await openRaw(port, 'GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    await kept.closed
    expect(exits).to.deep.equal([])
    release()
    expect(await fresh.closed).to.include('path /slow')
    expect(await ended).to.equal(0)
  })

  it('are taken from the system to the last before the port is closed', async () => {
    const ended = shutdown({ listening: 0, arriving: 60_000, answers: 60_000, end: 60_000 })
    // They are connected in the system before this process comes to accept any.
    const clients = Array.from({ length: 50 }, () => connect(port, '127.0.0.1'))
    const answers = clients.map(async (client) => {
      let text = ''
      client.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      for await (const chunk of client) text += chunk
      return text
    })
    for (const answer of await Promise.all(answers)) expect(answer).to.match(/^HTTP\/1\.1 200 /)
    expect(await ended).to.equal(0)
  })

  it('that came last have time to send their request', async () => {
    const first = await openRaw(port)
    const ended = shutdown({ listening: 0, arriving: 60_000, answers: 60_000, end: 60_000 })
    const last = await openRaw(port)
    await first.closed
    last.socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(await last.closed).to.match(/^HTTP\/1\.1 200 /)
    expect(await ended).to.equal(0)
  })

  it('are gone, and the process ends with status 1, when the store can not be closed', async () => {
    expect(await shutdown(undefined, () => Promise.reject(new Error('no')))).to.equal(1)
    expect(lines).to.deep.equal(['stopping', 'closing the store failed'])
  })

  it('are gone, and the process gives up, when the store does not close', async () => {
    const patience = { listening: 0, arriving: 1, answers: 1, end: 50 }
    expect(await shutdown(patience, () => new Promise(() => {}))).to.equal(-1)
    expect(lines).to.deep.equal(['stopping', 'the end takes too long'])
  })

  it('say that they end where a client asks for another protocol, since Node reads nothing behind that', async () => {
    const next = 'GET /next HTTP/1.1\r\nHost: x\r\n\r\n'
    const upgrade = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
    for (const request of [
      `GET / HTTP/1.1\r\n${upgrade}\r\n`,
      `POST / HTTP/1.1\r\n${upgrade}Content-Length: 1\r\n\r\na`,
    ]) {
      const { closed } = await openRaw(port, request + next)
      expect(await closed).to.match(/^HTTP\/1\.1 200 [\s\S]*\r\nConnection: close\r\n[\s\S]*path \/$/)
    }
  })
})
