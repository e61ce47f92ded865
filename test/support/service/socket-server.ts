import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/**
 * A WebSocket server on 127.0.0.1 that sends every text back, 125 bytes at most. It answers a handshake with 401 unless
 * `admits` is true of its headers.
 */
export async function startSocketServer(
  admits: (headers: IncomingHttpHeaders) => boolean | Promise<boolean>,
) {
  const open = new Set<Socket>()
  const server = createServer().on('upgrade', async (request, socket: Socket) => {
    open.add(socket)
    socket.on('error', () => {})
    if (!(await admits(request.headers))) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    socket.on('data', (frame: Buffer) => {
      const size = (frame[1] ?? 0) & 127
      const mask = frame.subarray(2, 6)
      const payload = frame.subarray(6, 6 + size).map((byte, index) => byte ^ (mask[index % 4] ?? 0))
      socket.write(Buffer.concat([Buffer.from([frame[0] ?? 0, size]), payload]))
      // A frame of closing is sent back as well.
      if (((frame[0] ?? 0) & 15) === 8) socket.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close(): Promise<void> {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
