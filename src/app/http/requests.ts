/** What happens around every request: its id, its log line, its errors, and how many are let in at once. */
import type { IncomingMessage } from 'node:http'
import type { Context, Middleware } from 'koa'
import { type ErrorCode, R3SessionError } from '../../domain/errors.js'
import { defectOf } from '../log/defect.js'
import type { Log } from '../log/logger.js'
import { acceptedLanguage } from './accept-language.js'
import { problemAnswer } from './problems.js'

/** Requests under way at once; more would only wait for each other until their clients have left. */
const MAX_UNDER_WAY = 1000

/**
 * An id from a proxy is taken over when it is hexadecimal, as nginx's and Traefik's are. Anything freer could carry a
 * token into the log.
 */
const FOREIGN_ID = /^[0-9a-f-]{16,64}$/i

/**
 * Whoever tries keys or codes is named in the log by their address, so that a firewall can be told. Nobody else is:
 * addresses are personal data.
 */
const namesClient: ReadonlySet<ErrorCode> = new Set([
  'invalid_client',
  'code_invalid',
  'code_used',
  'user_blocked',
])

/** Gives every answer its `X-Request-Id`, and keeps it out of caches. */
export function identifyRequests(newRequestId: () => string): Middleware {
  return (ctx, next) => {
    const given = ctx.get('x-request-id')
    ctx.set('X-Request-Id', FOREIGN_ID.test(given) ? given : newRequestId())
    ctx.set('Cache-Control', 'no-store')
    ctx.set('X-Content-Type-Options', 'nosniff')
    return next()
  }
}

/**
 * Turns whatever is thrown into a problem document, and writes one line per request: the route's pattern instead of
 * the URL, and nothing else that a client wrote.
 *
 * @param clientOf the address that a request comes from
 */
export function answerAndLog(
  log: Log,
  monotonic: () => number,
  clientOf: (request: IncomingMessage) => string,
): Middleware {
  return async (ctx, next) => {
    const began = monotonic()
    let error: R3SessionError | undefined
    try {
      if (!hasReadableUrl(ctx)) throw new R3SessionError('invalid_request')
      await next()
    } catch (thrown) {
      error = thrown instanceof R3SessionError ? thrown : new R3SessionError('internal', { cause: thrown })
      answer(ctx, error)
    }
    const fields = {
      requestId: requestId(ctx),
      method: ctx.method,
      route: ctx['_matchedRoute'] ?? 'none',
      status: ctx.status,
      ms: Math.round((monotonic() - began) * 10) / 10,
      code: error?.code,
      ...error?.facts,
      ...(error && namesClient.has(error.code) && { client: clientOf(ctx.req) }),
    }
    // Orchestrators ask every few seconds: what is well is not worth a line.
    if (ctx.status < 400 && isProbe(ctx)) log.debug(fields, 'request')
    else if (ctx.status < 500) log.info(fields, 'request')
    else log.error({ ...fields, cause: error && causeOf(error) }, 'request')
  }
}

function answer(ctx: Context, error: R3SessionError): void {
  const { status, headers, body } = problemAnswer(error, {
    requestId: requestId(ctx),
    language: acceptedLanguage(ctx),
    authorization: ctx.get('authorization'),
  })
  ctx.status = status
  ctx.body = body
  // After the body, of which Koa would guess a type.
  ctx.set(headers)
}

/**
 * Refuses requests beyond `MAX_UNDER_WAY` at once, and all that come when the process is about to stop. Probes are
 * let in: a full house is alive.
 */
export function limitLoad(isStopping: () => boolean): Middleware {
  let underWay = 0
  return async (ctx, next) => {
    underWay++
    try {
      if (!isProbe(ctx) && (isStopping() || underWay > MAX_UNDER_WAY)) throw new R3SessionError('overloaded')
      await next()
    } finally {
      underWay--
      // Node keeps a connection open for further requests even when the server is closing.
      if (isStopping()) ctx.set('Connection', 'close')
    }
  }
}

function isProbe({ path }: Context): boolean {
  return path === '/healthz' || path === '/readyz'
}

/** A request may name a whole URL (`GET http://[ HTTP/1.1`), and Koa throws when it looks at a broken one. */
function hasReadableUrl(ctx: Context): boolean {
  try {
    return ctx.path !== null
  } catch {
    return false
  }
}

function requestId(ctx: Context): string {
  return ctx.response.get('X-Request-Id')
}

/** What lies behind a failure, for the log. What adapters give as a cause is short and safe to print. */
function causeOf({ code, cause }: R3SessionError): unknown {
  if (!(cause instanceof Error)) return undefined
  return code === 'internal' ? defectOf(cause) : cause.message
}
