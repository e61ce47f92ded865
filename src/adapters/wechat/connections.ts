import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { LookupFunction, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { urlToHttpOptions } from 'node:url'
import type { Request, RequestFunction } from 'got'

/** How long a connection may rest, in milliseconds. Beyond it the far end or a router may have forgotten it. */
const REST = 20_000

/** How old a connection gets, in milliseconds: a busy one never rests, and WeChat's address may change meanwhile. */
const MAX_AGE = 5 * 60_000

/** Connections at once. When WeChat is slow, further calls wait for one, and with them no code is spent yet. */
const AT_MOST = 256

/**
 * The connections to WeChat's server, which are kept for the next call: a new one costs two round trips over TCP and
 * TLS, and the user of a login waits for them.
 *
 * Resting connections keep no process alive and end by themselves; `close` ends all of them at once.
 */
export function createWechatConnections({
  server,
  connectTimeout,
  lookup,
  rest = REST,
  maxAge = MAX_AGE,
  atMost = AT_MOST,
}: {
  server: URL
  /** Milliseconds that a new connection may take, DNS and TLS included. */
  connectTimeout: number
  /** DNS, in place of Node's. */
  lookup?: LookupFunction | undefined
  rest?: number | undefined
  maxAge?: number | undefined
  atMost?: number | undefined
}) {
  const secure = server.protocol === 'https:'
  const Agent = secure ? HttpsAgent : HttpAgent
  const keeping = new Agent({
    keepAlive: true,
    timeout: rest,
    maxSockets: atMost,
    // Whatever a rush has left over ends by itself, and the next one is spared as many handshakes.
    maxFreeSockets: atMost,
    scheduling: 'lifo',
    ...(lookup && { lookup }),
  })
  const single = new Agent({ keepAlive: false, maxSockets: atMost, ...(lookup && { lookup }) })

  const tooOld = new WeakSet<Duplex>()
  /** The latest request on each connection. */
  const users = new WeakMap<Duplex, ClientRequest>()

  // Nobody has asked for what arrives at rest. It must not pass for the answer to the next call, which may be another
  // user's login.
  function hangUp(this: Duplex): void {
    this.destroy()
  }

  // Its types miss that the result decides (Node docs, agent.keepSocketAlive).
  const keep = keeping.keepSocketAlive.bind(keeping) as (socket: Duplex) => boolean
  keeping.keepSocketAlive = (socket): boolean => {
    if (tooOld.has(socket) || !keep(socket)) return false
    socket.on('data', hangUp).resume()
    return true
  }
  const reuse = keeping.reuseSocket.bind(keeping)
  keeping.reuseSocket = (socket, request) => {
    socket.off('data', hangUp)
    reuse(socket, request)
  }

  function growsOld(socket: Duplex): void {
    const timer = setTimeout(() => tooOld.add(socket), maxAge).unref()
    socket.once('close', () => clearTimeout(timer))
  }

  /** Ends a connection that does not stand in time: nothing was sent over it, so the call is open to another try. */
  function hurry(socket: Socket): void {
    const timer = setTimeout(() => socket.destroy(timedOut()), connectTimeout)
    const stop = () => clearTimeout(timer)
    socket.once(secure ? 'secureConnect' : 'connect', stop).once('close', stop)
  }

  const { hostname, port } = urlToHttpOptions(server)
  const request = secure ? httpsRequest : httpRequest
  // got itself hands Node some thirty options, nearly all of them undefined, and Node copies what it is given three
  // times: 60 us a call on Node 24.
  const requestOver =
    (agent: HttpAgent): RequestFunction =>
    ({ pathname, search }, { method, headers }) =>
      request({
        hostname,
        port,
        path: pathname + search,
        method,
        headers,
        agent,
        rejectUnauthorized: true,
      })

  let settling: Promise<void> | undefined
  /** Whoever asks before the first turn sees the same three as if they were their own. */
  async function turnThrice(): Promise<void> {
    await turn()
    settling = undefined
    await turn()
    await turn()
  }

  return {
    /** For got's option `request`: over a kept connection where there is one, else over a new one, which is then kept. */
    requestOverAny: requestOver(keeping),
    /** Likewise: over a new one that serves a single call. */
    requestOverFresh: requestOver(single),

    /**
     * Resolves when connections that WeChat has closed by now are no longer among those at rest. Node learns of it
     * only when its loop turns: once to get at the network, once to be told, once to let go of the socket.
     */
    settle(): Promise<void> | undefined {
      if (Object.keys(keeping.freeSockets).length === 0) return undefined
      settling ??= turnThrice()
      return settling
    },

    /** Notes what becomes of a request's connection, from before the request is made. */
    watch(stream: Request) {
      let owned: { socket: Socket; request: ClientRequest; kept: boolean; heardBefore: number } | undefined
      stream.once('request', (request: ClientRequest) => {
        const own = (socket: Socket) => {
          const kept = users.has(socket)
          if (!kept) {
            growsOld(socket)
            hurry(socket)
          }
          users.set(socket, request)
          owned = { socket, request, kept, heardBefore: socket.bytesRead }
        }
        if (request.socket) own(request.socket)
        else request.once('socket', own)
      })
      return {
        /** Whether there is one, be it on its way only. */
        isThere: () => owned !== undefined,
        /** Whether it has served an earlier request. */
        isKept: () => owned?.kept === true,
        /** Whether it brought a single byte of the answer. */
        hasAnswered: () => owned !== undefined && owned.socket.bytesRead > owned.heardBefore,
        /**
         * Resolves when the request has given it back, which may be a moment after its answer: until then, the end of
         * the request is the end of the connection.
         */
        async givenBack(): Promise<void> {
          const request = owned?.request
          if (request === undefined || request.closed) return
          await new Promise((resolve) => request.once('close', resolve))
        },
        /** Ends it, unless it serves somebody else by now. */
        cut(): void {
          if (owned !== undefined && users.get(owned.socket) === owned.request) owned.socket.destroy()
        },
      }
    },

    close(): void {
      keeping.destroy()
      single.destroy()
    },
  }
}

/** With the code that the system's own timeout has, which comes after two minutes. */
function timedOut(): Error {
  return Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' })
}
