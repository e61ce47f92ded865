import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { createConnections } from '#src/app/http/connections.js'
import { createHttpServer } from '#src/app/http/server.js'
import { openRaw } from '../../support/service/raw-socket.js'

const ARRIVAL = 600

/** Holds up the event loop, for longer than a request may take to arrive. */
const stall = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * ARRIVAL)

describe('a request that comes while the event loop stands still', () => {
  let server: ReturnType<typeof createHttpServer>
  let release: () => void
  const held = () => new Promise<void>((resolve) => (release = resolve))
  beforeEach(async () => {
    const listener = async (request: IncomingMessage, response: ServerResponse) => {
      if (request.url === '/held') await held()
      let length = 0
      for await (const piece of request) length += piece.length
      response.end(`got ${length}`)
    }
    server = createHttpServer(
      (request, response) => void listener(request, response),
      randomUUID,
      createConnections(),
      {
        arrival: ARRIVAL,
        looking: 20,
      },
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  const open = async (bytes = '') => {
    const accepted = once(server, 'connection')
    const client = await openRaw((server.address() as AddressInfo).port, bytes)
    await accepted
    return client
  }
  const get = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
  const post = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 40000\r\n\r\n'

  it('is answered, though its time to arrive is over when it is looked at', async () => {
    const client = await open()
    client.socket.write(get)
    stall()
    expect(await client.closed).to.match(/^HTTP\/1\.1 200 .*got 0$/s)
  })

  it('is answered, though it was half there before', async () => {
    const begun = once(server, 'request')
    const client = await open(post)
    await begun
    client.socket.write(' '.repeat(40_000))
    stall()
    expect(await client.closed).to.match(/^HTTP\/1\.1 200 .*got 40000$/s)
  })

  it('is answered, though it had to wait for the answer before it and was not read on', async () => {
    const begun = once(server, 'request')
    const client = await open('GET /held HTTP/1.1\r\nHost: x\r\n\r\n')
    await begun
    const second = once(server, 'request')
    client.socket.write(post + ' '.repeat(20_000))
    await new Promise((later) => setTimeout(later, 2 * ARRIVAL))
    expect(client.socket.closed).to.equal(false)
    release()
    await second
    client.socket.write(' '.repeat(20_000))
    expect(await client.closed).to.match(/got 0.*HTTP\/1\.1 200 .*got 40000$/s)
  })

  it('is refused, where its client is what is slow', async () => {
    const client = await open(`${post}half of it`)
    expect(await client.closed).to.match(/^HTTP\/1\.1 400 .*"code":"invalid_request"/s)
  })

  it('and a connection without one is closed without a word', async () => {
    const client = await open()
    expect(await client.closed).to.equal('')
  })
})
