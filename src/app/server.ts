import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type Koa from 'koa'

/**
 * The HTTP server around the application, with limits on how long and how large a request may be.
 *
 * Idle connections are kept longer than nginx (60 s) and Traefik (90 s) keep theirs, so that it's the proxy who
 * closes them: otherwise its next request and our closing may cross, and the client sees a 502.
 */
export function createHttpServer(app: Koa): Server {
  const server = createServer(
    {
      // The tutorial's client sends sealed data in the query.
      maxHeaderSize: 80 * 1024,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 95_000,
    },
    app.callback(),
  )
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') return socket.destroy()
    socket.end(notHttp(error.code))
  })
  return server
}

/** The answer to what is not HTTP at all, or larger or slower than HTTP may be: no request exists yet to answer. */
function notHttp(code: string | undefined): string {
  const [status, reason] =
    code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'Request Header Fields Too Large']
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'Request Timeout']
        : [400, 'Bad Request']
  return `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nCache-Control: no-store\r\nContent-Length: 0\r\n\r\n`
}
