/**
 * The way ahead of Koa. Every request of every service behind this one asks who is calling, and Koa, its router and its
 * body parser cost several times what the answer does. So ordinary requests for the hottest routes are answered right on
 * Node's server, by the same functions; a test sends requests both ways and compares the answers byte by byte.
 *
 * Ordinary is: a URL that is a route's path to the letter, its method, a body whose length is told beforehand and small
 * enough, in a plain content type. Whatever is unusual in any way is Koa's.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { nextTick } from 'node:process'
import type { Asked } from './asked.js'
import { type BodyWatch, incomplete, watchBody } from './body.js'
import { type Handling, requestIdOf } from './requests.js'
import type { CompleteAnswer, Route } from './route.js'

/** Answers a request if it can, and tells whether it does. */
export type Direct = (request: IncomingMessage, response: ServerResponse) => boolean

/** Without parameters, or with the one that says what is meant anyway: then the charset is '' or utf-8. */
const PLAIN_TYPE = /^([\w.+/-]+)(?:; ?charset=(utf-8))?$/i

const NO_PARAMS = {}

export function createDirect(
  routes: readonly Route[],
  { handle, refusal, admission }: Pick<Handling, 'handle' | 'refusal' | 'admission'>,
  newRequestId: () => string,
): Direct {
  const hot = new Map<string, Map<string, Route>>()
  for (const route of routes) {
    if (!route.isHot) continue
    const methods = hot.get(route.path) ?? new Map<string, Route>()
    hot.set(route.path, methods.set(route.method, route))
  }

  async function respond(asked: Asked, route: Route, response: ServerResponse): Promise<void> {
    const answer = await handle(asked, (admission) => route.answer(asked, admission))
    try {
      write(response, answer)
    } catch {
      // A head that Node refuses to write: a defect, which must cost no more than this connection.
      response.destroy()
    }
  }

  return (request, response) => {
    const { url = '', method = '' } = request
    const route = hot.get(url)?.get(method)
    if (route === undefined) return false
    const contentType = route.body === undefined ? NO_TYPE : plainType(request, route.body.limit)
    if (contentType === undefined) return false
    const requestId = requestIdOf(request, newRequestId)
    const refused = refusal(request, requestId, route)
    if (refused !== undefined) {
      write(response, refused)
      return true
    }
    const answerHeaders: Record<string, string> = {}
    const asked: Asked = {
      request,
      requestId,
      route,
      answerHeaders,
      params: NO_PARAMS,
      method,
      path: url,
      querystring: '',
      contentType,
      readBody:
        route.body === undefined
          ? readNothing
          : () => readBody(request, watchBody(admission, route.lane, answerHeaders)),
    }
    void respond(asked, route, response)
    return true
  }
}

const readNothing = () => Promise.resolve(Buffer.alloc(0))

const NO_TYPE = { type: '', charset: '' }

/** The content type of a body that can be read right here; `undefined` where it can't. */
function plainType({ headers }: IncomingMessage, limit: number): Asked['contentType'] | undefined {
  const length = Number(headers['content-length'])
  if (!(length <= limit) || headers['transfer-encoding'] !== undefined) return undefined
  const [, type, charset = ''] = PLAIN_TYPE.exec(headers['content-type'] ?? '') ?? []
  return type === undefined ? undefined : { type, charset }
}

/**
 * The whole body, as soon as it is as long as was told; Node lets none be longer. One that came with its head, as most
 * do, is here before this turn ends, and needs nobody to watch how the rest arrives.
 */
function readBody(request: IncomingMessage, watch: BodyWatch): Promise<Buffer> {
  const length = Number(request.headers['content-length'])
  if (length === 0) return readNothing()
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let size = 0
    let watching: ReturnType<BodyWatch> | undefined
    request.on('data', (piece: Buffer) => {
      pieces.push(piece)
      size += piece.length
      if (size < length) {
        watching ??= watch(reject)
        watching.arrived(piece)
        return
      }
      watching?.end()
      resolve(pieces.length === 1 ? piece : Buffer.concat(pieces))
    })
    request.on('close', () => {
      if (size === length) return
      watching?.end()
      reject(incomplete())
    })
    // After the tick in which what is here flows to the listener above.
    nextTick(() => {
      if (size === 0 && !request.destroyed) watching = watch(reject)
    })
  })
}

/** As Koa would: same fields, same order. */
function write(response: ServerResponse, { status, head, body }: CompleteAnswer): void {
  const length = body === null ? 0 : Buffer.byteLength(body)
  if (status !== 204) head.push('Content-Length', String(length))
  response.writeHead(status, head)
  if (body === null) response.end()
  // The same bytes, and Node writes them faster.
  else if (length === body.length) response.end(body, 'latin1')
  else response.end(body)
}
