/** Every connection of an HTTP server: what is under way on it, and how it ends when Node leaves that to us. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { watchChunks } from './input/tiny-chunks.js'

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Its turn has come. */
  isBegun: boolean
}

interface Connection {
  /** Those since the last moment at which none was under way, in their order. The last stays until the next comes. */
  exchanges: Exchange[]
  /** It ends with a refusal, as soon as what came before that is answered. */
  isRefused: boolean
  /** Its last bytes are on their way. */
  isEnding: boolean
  /** Bytes that had come when the server began to stop. */
  bytesBefore?: number
}

function drop(): void {}

function underWay({ exchanges }: Connection): Exchange[] {
  return exchanges.filter(({ response }) => !response.closed)
}

/** Milliseconds. */
export interface Deadlines {
  /** For a client to take our last bytes and to hang up. Who does not loses the connection. */
  readonly farewell: number
  /** For answers that are still being made when their connection is to end after them. */
  readonly answers: number
}

const usual: Deadlines = { farewell: 2_000, answers: 90_000 }

/**
 * Sockets that Node hands over (a CONNECT, broken HTTP) have no timeouts and no error listener any more, and
 * `server.close()` waits for them and for silent ones. Here each of them has an owner, a deadline and an end.
 */
export function createConnections(deadlines: Deadlines = usual) {
  const open = new Map<Socket, Connection>()
  let ending = false
  let activity = 0

  function add(socket: Socket): Connection {
    const known = open.get(socket)
    if (known) return known
    const connection: Connection = { exchanges: [], isRefused: false, isEnding: false }
    open.set(socket, connection)
    activity++
    socket.once('close', () => open.delete(socket))
    // What Node calls with the last answer. It would close at once, and who is still sending would be reset.
    socket.destroySoon = () => end(socket, connection)
    return connection
  }

  /**
   * In stages (RFC 9112, section 9.6): what still comes is read and dropped, until the client has hung up. Closed with
   * something unread, a connection is reset, and its client may lose answers that it has not looked at yet.
   */
  function end(socket: Socket, connection: Connection, lastBytes = ''): void {
    if (connection.isEnding) return
    connection.isEnding = true
    const timer = setTimeout(() => socket.destroy(), deadlines.farewell)
    socket.once('close', () => clearTimeout(timer))
    // Past Node's parser, which pauses a connection with many requests for good and goes through all that comes.
    socket.removeAllListeners('data').on('data', drop).resume()
    if (socket.writable) socket.end(lastBytes)
    else socket.destroy()
  }

  /** With this answer, which says so where it is still to come. */
  function endAfter(socket: Socket, connection: Connection, response: ServerResponse): void {
    response.shouldKeepAlive = false
    if (response.closed) end(socket, connection)
    else response.once('close', () => end(socket, connection))
  }

  /** Once all connections end, this one does with the last of its answers. */
  function endWithLast(socket: Socket, connection: Connection, response: ServerResponse): void {
    response.once('close', () => {
      if (underWay(connection).length === 0) end(socket, connection)
    })
  }

  function closeQuiet(isMeant: (socket: Socket, connection: Connection) => boolean): void {
    for (const [socket, connection] of open) {
      const exchanges = underWay(connection)
      const hasLastBytes = connection.isEnding && socket.writableLength > 0
      if (exchanges.length === 0 && !hasLastBytes && isMeant(socket, connection)) socket.destroy()
      if (!ending) for (const { response } of exchanges) endWithLast(socket, connection, response)
    }
    ending = true
  }

  return {
    /** Takes a connection on record. */
    add,

    /**
     * A request has come, and this is what it is answered with, by `answer`. Where a client sends many without waiting,
     * each has its turn when the answer before it is out: one packet has room for some 2,000, and all of their answers
     * would have to be made in one go, and kept for a client that reads none.
     */
    begin(request: IncomingMessage, response: ServerResponse, answer: RequestListener): void {
      const { socket } = request
      const connection = add(socket)
      const last = connection.exchanges.at(-1)?.response
      const isBegun = last === undefined || last.writableFinished || last.closed
      const exchange: Exchange = { request, response, isBegun }
      // To listen for the end of each answer would cost every request a microsecond.
      if (isBegun) connection.exchanges = [exchange]
      else connection.exchanges.push(exchange)
      activity++
      if (ending) endWithLast(socket, connection, response)
      const { headers } = request
      // Node reads nothing of what was sent behind such a request in one go, and its client would wait for ever.
      if (headers.upgrade !== undefined) response.shouldKeepAlive = false
      if (headers['transfer-encoding'] !== undefined)
        watchChunks(request, () => endAfter(socket, connection, response))
      if (isBegun) answer(request, response)
      else
        last.once('close', () => {
          if (!socket.writable) return
          exchange.isBegun = true
          answer(request, response)
        })
    },

    /**
     * A request takes too long to arrive, so Node says; calls `refuse` if that is so. A loop that is late looks at its
     * timers before it looks at what has come meanwhile, and what waits for its turn is not read on.
     */
    lookAgain(socket: Socket, refuse: () => void): void {
      const connection = add(socket)
      const last = connection.exchanges.at(-1)
      const incomplete = underWay(connection).find(({ request }) => !request.complete)
      const look = () => {
        const hasCome = incomplete?.request.complete ?? connection.exchanges.at(-1) !== last
        if (!hasCome && incomplete?.isBegun !== false && !socket.destroyed) refuse()
      }
      // One turn reads what is there; a body may take another.
      setImmediate(() => setImmediate(look))
    },

    /**
     * Ends a connection with these bytes, for good and in bounded time. Requests that came whole before what we refuse
     * are answered first: a client takes the first answer for that of its first request.
     */
    refuse(socket: Socket, lastBytes: string): void {
      const connection = add(socket)
      // Node reports broken HTTP again with every further packet.
      if (connection.isRefused) return
      connection.isRefused = true
      socket.on('error', () => {})
      const answers = underWay(connection).filter(
        ({ request, response }) => request.complete || response.headersSent,
      )
      let left = answers.length
      if (left === 0) {
        end(socket, connection, lastBytes)
        return
      }
      const timer = setTimeout(() => socket.destroy(), deadlines.answers)
      socket.once('close', () => clearTimeout(timer))
      for (const { response } of answers) {
        response.once('close', () => {
          left--
          if (left === 0) end(socket, connection, lastBytes)
        })
      }
    },

    /** A number that changes with every connection and every request that comes. */
    activity: () => activity,

    /** From here on it is noted which connections are in use; for `closeUnused`. */
    watchUse(): void {
      for (const [socket, connection] of open) connection.bytesBefore = socket.bytesRead
    },

    /**
     * Ends the connections on which nothing is under way and nothing has come since `watchUse`: on those, of all, a
     * request hardly comes in this very moment and is lost. From here on the others end with their last answer.
     */
    closeUnused: () => closeQuiet((socket, { bytesBefore }) => bytesBefore === socket.bytesRead),

    /** The same with all on which nothing is under way. */
    closeIdle: () => closeQuiet(() => true),

    /** Ends those whose request has not arrived as a whole: nothing was begun for it. */
    closeIncomplete(): void {
      for (const [socket, connection] of open) {
        if (!underWay(connection).some(({ request }) => request.complete)) socket.destroy()
      }
    },

    /** Ends whatever is left. */
    closeAll(): void {
      for (const socket of open.keys()) socket.destroy()
    },

    /** How many are open. */
    count: () => open.size,
  }
}

export type Connections = ReturnType<typeof createConnections>
