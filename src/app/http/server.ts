import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import type { Socket } from 'node:net'
import { type ErrorCode, R3SessionError } from '../../domain/errors.js'
import { type Connections, createConnections } from './connections.js'
import { STOPPED } from './input/tiny-chunks.js'
import { problemAnswer } from './problems.js'
import { complete } from './route.js'

/** Milliseconds. */
export interface ArrivalLimits {
  /** For a whole request to arrive. */
  readonly arrival: number
  /** Between two looks for requests that take longer; Node's own are 30 s apart. */
  readonly looking: number
}

const usualLimits: ArrivalLimits = { arrival: 10_000, looking: 1_000 }

/**
 * The HTTP server around the application, with limits on how long and how large a request may be.
 *
 * Idle connections are kept longer than nginx (60 s) and Traefik (90 s) keep theirs, so that it's the proxy who
 * closes them: otherwise its next request and our closing may cross, and the client sees a 502.
 *
 * A request that asks for another protocol (`Upgrade`) is answered as any other, as RFC 9110, section 7.8, allows.
 */
export function createHttpServer(
  listener: RequestListener,
  newRequestId: () => string,
  connections: Connections = createConnections(),
  { arrival, looking }: ArrivalLimits = usualLimits,
): Server {
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    connections.begin(request, response, listener)
  }
  const server = createServer(
    {
      // The tutorial's client sends sealed data in the query. Everybody else is held to less by `checkHead`.
      maxHeaderSize: 80 * 1024,
      headersTimeout: arrival,
      requestTimeout: arrival,
      connectionsCheckingInterval: looking,
      keepAliveTimeout: 95_000,
      // Node's own answers to a missing Host or an odd Expect carry no request id.
      requireHostHeader: false,
      ...withoutBodies,
    },
    answer,
  )
  // Node closes what moves no byte for so long: a client, say, that asks for much and reads nothing.
  server.timeout = 120_000
  server.on('connection', (socket: Socket) => connections.add(socket))
  server.on('checkExpectation', answer)
  server.on('connect', (_request, socket: Socket) =>
    connections.refuse(socket, rawProblem('method_not_allowed', newRequestId())),
  )
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET') return socket.destroy()
    // The connection ends with the answer that is on its way, or with one that is out.
    if (error.code === STOPPED || !socket.writable) return
    const code = error.code === 'HPE_HEADER_OVERFLOW' ? 'body_too_large' : 'invalid_request'
    const refuse = () => connections.refuse(socket, rawProblem(code, newRequestId()))
    if (error.code !== 'ERR_HTTP_REQUEST_TIMEOUT') return refuse()
    connections.lookAgain(socket, () => {
      // A gateway opens connections beforehand, and would take words on one for the answer to its first request.
      if (socket.bytesRead === 0) socket.destroy()
      else refuse()
    })
  })
  return server
}

/** Node 24 and later then make no stream for the body of a request that has none; older ones don't know the option. */
const withoutBodies: object = { optimizeEmptyRequests: true }

/** The answer to what never became a request: no HTTP at all, or larger or slower than HTTP may be. */
function rawProblem(code: ErrorCode, requestId: string): string {
  const problem = problemAnswer(new R3SessionError(code), { requestId })
  const length = String(Buffer.byteLength(problem.body))
  const { status, head } = complete(problem, requestId, { Connection: 'close', 'Content-Length': length })
  const fields = head.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('')
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${fields}\r\n${problem.body}`
}
