import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { createConnections } from '#src/app/http/connections.js'
import { pieceCount } from '#src/app/http/input/tiny-chunks.js'
import { createHttpServer } from '#src/app/http/server.js'
import { openRaw } from '../../support/service/raw-socket.js'

const head = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
const end = '0\r\n\r\n'
const tiny = (howMany: number) => '1\r\na\r\n'.repeat(howMany)

describe('a body in chunks of next to nothing', () => {
  let server: ReturnType<typeof createHttpServer>
  let port: number
  /** Pieces that reached a reader, for each request. */
  let pieces: number[]
  /** Whether the reader counts its pieces, as ours do. */
  let counts: boolean
  /** Whether the answer waits for no body. */
  let answersAtOnce: boolean
  const owner = createConnections({ farewell: 50, answers: 60_000 })

  beforeEach(async () => {
    pieces = []
    counts = true
    answersAtOnce = false
    server = createHttpServer(
      (request, response) => {
        if (answersAtOnce) return response.end('at once')
        const at = pieces.push(0) - 1
        const isFine = pieceCount()
        let size = 0
        request.on('data', (piece: Buffer) => {
          pieces[at] = (pieces[at] ?? 0) + 1
          size += piece.length
          if (counts && !isFine(piece) && !response.headersSent) response.writeHead(400).end('crumbs')
        })
        request.on('end', () => response.end(`size ${size}`))
      },
      () => 'id',
      owner,
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })
  afterEach(() => {
    owner.closeAll()
    server.close()
  })

  it('is given up after 32 of them, and the rest of its packet is passed to nobody', async () => {
    const { closed } = await openRaw(port, head + tiny(9000) + end)
    expect(await closed).to.match(/^HTTP\/1\.1 400 /)
    expect(pieces).to.deep.equal([33])
  })

  it('is read when it has fewer, or when they are larger on average', async () => {
    for (const [body, size] of [
      [tiny(32), 32],
      ['60\r\n'.concat('a'.repeat(96), '\r\n').repeat(600), 57_600],
    ] as const) {
      const { socket, heard, closed } = await openRaw(port, head + body + end)
      await heard()
      socket.destroy()
      expect(await closed).to.match(new RegExp(`^HTTP/1\\.1 200 [\\s\\S]*size ${size}$`))
    }
  })

  it('never passes for a whole one, even to a reader who does not count', async () => {
    counts = false
    const { socket } = await openRaw(port, head + tiny(500) + end)
    while (pieces[0] !== 33) await pause(5)
    // As long as the rest takes many times over.
    for (let turn = 0; turn < 20; turn++) await pause(1)
    expect(socket.bytesRead).to.equal(0)
    expect(pieces).to.deep.equal([33])
    socket.destroy()
  })

  it('is the last thing that its connection asks for', async () => {
    for (const next of ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n']) {
      const { closed } = await openRaw(port, head + tiny(500) + end + next)
      expect((await closed).match(/HTTP\/1\.1 \d+/g)).to.deep.equal(['HTTP/1.1 400'])
    }
  })

  it('ends its connection also when its request is answered already: it may have no end', async () => {
    answersAtOnce = true
    const { socket, heard, closed } = await openRaw(port, head)
    await heard()
    socket.write(tiny(500))
    expect((await closed).match(/HTTP\/1\.1 \d+/g)).to.deep.equal(['HTTP/1.1 200'])
  })

  it('leaves parsers behind that read the bodies of other connections', async () => {
    const after = [
      '',
      end,
      `${end}CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n`,
      'broken',
      `${end}${head}${tiny(500)}`,
    ]
    for (let round = 0; round < 10; round++) {
      const closing = after.map(async (rest) => (await openRaw(port, head + tiny(500) + rest)).closed)
      await Promise.all(closing)
      for (const request of [
        `${head}${tiny(5)}${end}`,
        'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\naaaaa',
      ]) {
        // As many at once as there were, so that each of their parsers is used again.
        const answers = after.map(async () => {
          const { socket, heard, closed } = await openRaw(port, request)
          await heard()
          socket.destroy()
          return closed
        })
        for (const answer of await Promise.all(answers)) expect(answer).to.match(/size 5$/)
      }
    }
  })
})
