/**
 * Bodies in chunks of next to nothing. Node's parser makes a buffer of each chunk and calls back with it, so that 64 KB
 * of 1-byte chunks hold the event loop for 10 to 20 ms, and a reader that refuses them comes too late: all of a packet
 * is gone through in one go. So the parser itself is told to stop, which it reports as the error `HPE_PAUSED`.
 */
import type { IncomingMessage } from 'node:http'

/** Pieces a body may come in while they are smaller than this on average: each costs what a whole request costs. */
const MAX_PIECES = 32
const SMALL_PIECE = 96

/** Tells of each piece of a body whether the next one is worth waiting for. */
export function pieceCount(): (piece: Buffer) => boolean {
  let pieces = 0
  let size = 0
  return (piece) => {
    pieces++
    size += piece.length
    return pieces <= MAX_PIECES || size >= pieces * SMALL_PIECE
  }
}

/** What Node's server calls the error of a parser that was told to stop. */
export const STOPPED = 'HPE_PAUSED'

/** Node's parser of a connection, as `_http_server.js` uses it: no documented part of Node. */
interface Parser {
  [callback: number]: unknown
  pause?: () => void
}
/** Of a socket. */
interface Internals {
  parser?: Parser | null
  _handle?: { readStop?: () => void } | null
}
type Callback = (this: Parser, ...args: unknown[]) => unknown

const ON_BODY = 3
const ON_MESSAGE_COMPLETE = 4

/**
 * Watches a body that comes in chunks. When its pieces turn out too small, the rest never reaches the request, which then
 * never ends: whoever reads it has counted the same pieces and waits no longer, and `excess` has to end the connection.
 * Does nothing where Node's parser is another than we know; then such bodies just cost more.
 */
export function watchChunks(request: IncomingMessage, excess: () => void): void {
  const { socket } = request
  const { parser, _handle: handle } = socket as Internals
  const { [ON_BODY]: onBody, [ON_MESSAGE_COMPLETE]: onMessageComplete } = parser ?? {}
  if (!parser || !isCallback(onBody) || !isCallback(onMessageComplete)) return

  const isFine = pieceCount()
  let isOver = false
  // Parsers are used again for other connections, so what is changed is changed back at the end of this body, however
  // it ends; ahead of Node's own listener, which gives the parser away.
  const restore = () => {
    parser[ON_BODY] = onBody
    parser[ON_MESSAGE_COMPLETE] = onMessageComplete
    socket.off('close', restore)
  }
  socket.prependListener('close', restore)
  parser[ON_MESSAGE_COMPLETE] = function (this: Parser, ...args: unknown[]) {
    restore()
    return isOver ? undefined : onMessageComplete.apply(this, args)
  }
  parser[ON_BODY] = function (this: Parser, piece: Buffer, ...args: unknown[]) {
    if (!isFine(piece)) {
      isOver = true
      parser.pause?.()
      // No function at all: then it would not even make a buffer of what it still went through.
      parser[ON_BODY] = null
      // Up to 2 MB may lie ready, and would be read in one go.
      handle?.readStop?.()
      excess()
    }
    return onBody.call(this, piece, ...args)
  }
}

function isCallback(value: unknown): value is Callback {
  return typeof value === 'function'
}
