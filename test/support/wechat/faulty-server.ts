import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls'

/** What the server does to a connection that brought this request: its head (request line and headers), its body. */
export type Behaviour = (socket: Socket, head: string, body: string) => void

/**
 * An HTTP server on 127.0.0.1 that can fail in every way, since it speaks bytes, not HTTP.
 *
 * `meets(...)` says what the next requests meet, one behaviour each; the last one stays. `onConnection` acts before
 * any request, for failures of TLS.
 */
export async function startFaultyServer(
  options: { tls?: boolean | TlsOptions; onConnection?: (socket: Socket) => void; port?: number } = {},
) {
  const requests: string[] = []
  const bodies: string[] = []
  const sockets = new Set<Socket>()
  let behaviours: Behaviour[] = []
  const resumed: boolean[] = []
  let connections = 0
  let bytesSent = 0

  function serve(socket: Socket): void {
    let received = ''
    const read = (chunk: Buffer) => {
      received += chunk.toString('latin1')
      const end = received.indexOf('\r\n\r\n') + 4
      if (end < 4) return
      const head = received.slice(0, end)
      const length = Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0)
      if (received.length < end + length) return
      const body = Buffer.from(received.slice(end, end + length), 'latin1').toString()
      received = received.slice(end + length)
      requests.push(head)
      bodies.push(body)
      const behaviour = behaviours.length > 1 ? behaviours.shift() : behaviours[0]
      behaviour?.(socket, head, body)
    }
    socket.on('error', () => {}).on('data', read)
  }

  const server: Server = options.tls
    ? createTlsServer(options.tls === true ? { key: tlsKey, cert: tlsCertificate } : options.tls)
    : createServer()
  server.on('connection', (socket: Socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      bytesSent += socket.bytesWritten
      sockets.delete(socket)
    })
    options.onConnection?.(socket)
  })
  server.on(options.tls ? 'secureConnection' : 'connection', serve)
  server.on('secureConnection', (socket: TLSSocket) => resumed.push(socket.isSessionReused()))
  server.on('tlsClientError', () => {})
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    /** The heads of all requests that arrived. */
    requests,
    /** Their bodies, in the same order. */
    bodies,
    connections: () => connections,
    /** Of each TLS handshake, whether it resumed an earlier session. */
    resumed: () => resumed,
    /** Bytes written to connections that are closed by now. */
    bytesSent: () => bytesSent,
    meets(...next: Behaviour[]): void {
      behaviours = next
    },
    /** Resolves when every connection is closed: the server itself closes none that its behaviour leaves open. */
    async idle(): Promise<void> {
      await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.on('close', resolve))))
    },
    /** Ends every connection, and goes on listening. */
    hangUp(): void {
      for (const socket of sockets) socket.end()
    },
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy()
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
  }
}

export type FaultyServer = Awaited<ReturnType<typeof startFaultyServer>>

/** Gives each test of the suite a faulty server of its own; the function returned gives that of the test that runs. */
export function withFaultyServer(): () => FaultyServer {
  let server: FaultyServer
  beforeEach(async () => {
    server = await startFaultyServer()
  })
  afterEach(() => server.close())
  return () => server
}

/** Any bytes, then a proper end. */
export function raw(bytes: string | Buffer): Behaviour {
  return (socket) => socket.end(bytes)
}

/** A healthy HTTP answer; `headers` as lines without their ends. */
export function answer(body: string | Buffer, status = 200, ...headers: string[]): Behaviour {
  const bytes = Buffer.from(body)
  const head = [`HTTP/1.1 ${status} -`, `Content-Length: ${bytes.length}`, 'Connection: close', ...headers]
  return raw(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]))
}

/** JSON the way WeChat sends it: HTTP 200, labelled as text. */
export function json(value: unknown): Behaviour {
  return answer(JSON.stringify(value), 200, 'Content-Type: text/plain')
}

/** A healthy answer like `json`, after which the connection stays open for further requests. */
export function kept(value: unknown): Behaviour {
  return hang(keptAnswer(value))
}

/** The bytes of such an answer. */
export function keptAnswer(value: unknown): string {
  const text = JSON.stringify(value)
  return `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
}

/** Some bytes, then a TCP reset. */
export function reset(bytes = ''): Behaviour {
  return (socket) => {
    if (bytes === '') socket.resetAndDestroy()
    else socket.write(bytes, () => socket.resetAndDestroy())
  }
}

/** Some bytes, then silence on an open connection. */
export function hang(bytes = ''): Behaviour {
  return (socket) => {
    if (bytes !== '') socket.write(bytes)
  }
}

/** Some bytes at once, then these others one at a time, over and over, until the client goes. */
export function drip(bytes: string, drops: string): Behaviour {
  return (socket) => {
    socket.write(bytes)
    let next = 0
    const tap = setInterval(() => socket.write(drops.charAt(next++ % drops.length)), 5)
    socket.on('close', () => clearInterval(tap))
  }
}

/** This behaviour, so many milliseconds after the request. */
export function late(milliseconds: number, behaviour: Behaviour): Behaviour {
  return (socket, ...request) => {
    const timer = setTimeout(() => behaviour(socket, ...request), milliseconds)
    socket.on('close', () => clearTimeout(timer))
  }
}

/** A success of `size` bytes, flawless but for its size: JSON may have any number of spaces at its end. */
export function padded(value: unknown, size: number): Behaviour {
  return (socket) => {
    const text = JSON.stringify(value)
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n${text}`)
    const spaces = Buffer.alloc(16 * 1024, ' ')
    let left = size - Buffer.byteLength(text)
    const pour = () => {
      while (left > 0 && !socket.destroyed) {
        const piece = spaces.subarray(0, left)
        left -= piece.length
        if (!socket.write(piece)) {
          socket.once('drain', pour)
          return
        }
      }
      socket.end()
    }
    pour()
  }
}

// A certificate for 127.0.0.1 that nobody trusts unless told to, and its key. Made for these tests, of no use elsewhere.
const tlsKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglkgpV7b1lST3m63d
xEu91QgpL1w4fXS7banll++LQfqhRANCAASfkFZtPh2qsc7+ull0HUbxSTuzXaf0
OMW61H7RF3T53zpAv+gJFdlZv5G1/2cdoHTPbVvKAkdJgE4TJZI3ElCC
-----END PRIVATE KEY-----
`

export const tlsCertificate = `-----BEGIN CERTIFICATE-----
MIIBKzCB0qADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCTEyNy4wLjAu
MTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJ
MTI3LjAuMC4xMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEn5BWbT4dqrHO/rpZ
dB1G8Uk7s12n9DjFutR+0Rd0+d86QL/oCRXZWb+Rtf9nHaB0z21bygJHSYBOEyWS
NxJQgqMTMBEwDwYDVR0RBAgwBocEfwAAATAKBggqhkjOPQQDAgNIADBFAiEAoKFw
p3mKMKO5yieXD+q34g8i733fnkhhMDF6J+5JlaMCIBsfN8nKWiY8KPQdHpxLkqUw
sydKLwr3BT0NIagHq8wj
-----END CERTIFICATE-----
`
