import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Genuine requests have a few hundred bytes; all that a sandbox can remember has some 20 MB. */
const MAX_BODY = 256 * 1024
const MAX_STATE = 64 * 1024 * 1024

/** Where all of the state is put. */
export const STATE_PATH = '/sandbox/state'

/** A request with its body read. `body` is parsed JSON, or the text that is none, or absent when empty. */
export interface HttpCall {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
  /** The body as it came. */
  readonly text: string
}

/**
 * An HTTP server on 127.0.0.1, out of reach for every other machine.
 *
 * Fails as `listen` fails (EADDRINUSE, EACCES).
 *
 * @param port 0 for any free one
 */
export async function openServer(port: number, handle: (call: HttpCall, response: ServerResponse) => void) {
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request, request.url === STATE_PATH ? MAX_STATE : MAX_BODY)
    if (body === undefined) {
      response.writeHead(413).end()
      return
    }
    const [path = '', search] = (request.url ?? '').split(/\?(.*)/s)
    const query = Object.fromEntries(new URLSearchParams(search))
    const call = { method: request.method ?? '', path, query, text: body }
    try {
      handle(body === '' ? call : { ...call, body: parsed(body) }, response)
    } catch (error) {
      // For example a body that nests too deep to be sealed: no reason to end the process that runs the sandbox.
      response
        .writeHead(500, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: String(error) }))
    }
  })
  // Without further listeners Node closes a CONNECT, and answers a request to upgrade as any other.
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    // The listener stays: a later error (no file descriptor for a connection) must not end the process.
    server.on('error', reject).listen(port, '127.0.0.1', resolve)
  })

  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  let closed: Promise<void> | undefined
  return {
    url: `http://127.0.0.1:${bound}`,
    /** Ends every connection, also of calls that wait for their answer. */
    close(): Promise<void> {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve())
        // Node's own closeAllConnections would leave out upgraded connections.
        for (const socket of open) socket.destroy()
      })
      return closed
    },
  }
}

/** The body as text, or `undefined` when it is too large or the caller has hung up. */
async function bodyOf(request: IncomingMessage, most: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    // Read to its end also when too large: a caller that is still sending would not see the answer.
    for await (const chunk of request) {
      size += chunk.length
      if (size <= most) chunks.push(chunk)
    }
  } catch {
    return undefined
  }
  return size > most ? undefined : Buffer.concat(chunks).toString()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
