/** What happens around every request: its id, its place, its answer whatever comes, and its line in the log. */
import type { IncomingMessage } from 'node:http'
import { type ErrorCode, R3SessionError } from '../../domain/errors.js'
import { type Admission, overloaded } from '../admission/admission.js'
import { defectOf } from '../log/defect.js'
import type { Log } from '../log/logger.js'
import { createTally } from '../log/tally.js'
import { type Asked, acceptedLanguage, header } from './asked.js'
import { checkHead } from './head.js'
import { problemAnswer } from './problems.js'
import { type Answer, type CompleteAnswer, complete, errorsOf, type Route } from './route.js'

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
  'rate_limited',
])

/** What is known of a request that was answered. */
export interface Answered {
  /** The route's pattern, never the URL; `none` where no route was asked for. */
  readonly route: string
  readonly method: string
  readonly status: number
  readonly ms: number
}

/** Milliseconds between two lines that say how many were refused for want of a place. */
const REFUSED_EVERY = 1_000

/** What `createHandling` needs. */
export interface HandlingOptions {
  readonly routes: readonly Route[]
  readonly log: Log
  /** Milliseconds on a clock that is never set. */
  readonly monotonic: () => number
  readonly isStopping: () => boolean
  /** The address that a request comes from. */
  readonly clientOf: (request: IncomingMessage) => string
  readonly admission: Admission
  /** Is told of every request when its answer is known. */
  readonly observe?: (answered: Answered) => void
}

/** Stands for the id of a request in the refusal that is made beforehand. */
const ID = '00000000-0000-4000-8000-000000000000'
const refusal = complete(problemAnswer(overloaded, { requestId: ID }), ID, {})
const [beforeId = '', afterId = ''] = String(refusal.body).split(ID)

function refusalOf(requestId: string): CompleteAnswer {
  const head = refusal.head.map((text) => (text === ID ? requestId : text))
  return { status: refusal.status, head, body: beforeId + requestId + afterId }
}

/** The id of a request: a proxy's, where it sends a good one. */
export function requestIdOf(request: IncomingMessage, newRequestId: () => string): string {
  const given = header({ request }, 'x-request-id')
  return given !== '' && FOREIGN_ID.test(given) ? given : newRequestId()
}

/**
 * Everything that is done for a request beside what its route does, the same through Koa and ahead of it: what is
 * thrown becomes a problem document, and each request a line in the log, with the route's pattern instead of the URL
 * and nothing else that a client wrote. Verifications that went well are counted, and so are requests for which there
 * was no place: each has a line at `debug` only.
 */
export function createHandling(options: HandlingOptions) {
  const { routes, log, monotonic, isStopping, clientOf, admission, observe } = options
  const verified = createTally()
  const refused = createTally()
  let refusedSaid = Number.NEGATIVE_INFINITY
  const exempt = (asked: Asked) => exemptionOf(asked, routes)
  const declared = new Map(routes.map((route) => [route, errorsOf(route)]))

  function check(asked: Asked): void {
    if (asked.path === '') throw new R3SessionError('invalid_request')
    checkHead(asked, exempt)
    if (asked.route !== undefined && admission.refuses(asked.route.lane)) throw overloaded
  }

  function noteRefused(path: string, now: number): void {
    refused.count(path)
    if (now - refusedSaid >= REFUSED_EVERY) logRefused()
  }

  function logRefused(): void {
    refusedSaid = monotonic()
    refused.empty((route, count) => log.error({ route, count }, 'too much at once: requests were refused'))
  }

  function note(asked: Asked, { status }: Answer, began: number, error: R3SessionError | undefined): void {
    const { route, method } = asked
    const path = route?.path ?? 'none'
    const ms = monotonic() - began
    observe?.({ route: path, method, status, ms })
    const isVerified = error === undefined && route?.isCounted === true
    const isRefused = error?.code === 'overloaded' && !isStopping()
    if (isVerified) verified.count(path)
    if (isRefused) noteRefused(path, began)
    if ((isVerified || isRefused) && !log.isLevelEnabled('debug')) return
    const fields = {
      requestId: asked.requestId,
      method,
      route: path,
      status,
      ms: Math.round(ms * 10) / 10,
      code: error?.code,
      ...error?.facts,
      ...(error && namesClient.has(error.code) && { client: clientOf(asked.request) }),
    }
    // Orchestrators and Prometheus ask every few seconds: what is well is not worth a line.
    if (isVerified || isRefused || (error === undefined && isWatching(asked))) log.debug(fields, 'request')
    else if (status < 500) log.info(fields, 'request')
    else log.error({ ...fields, cause: error && causeOf(error) }, 'request')
  }

  return {
    admission,

    /** Answers a request with what `answerIt` gives or fails with. Never fails. */
    async handle(asked: Asked, answerIt: (admission: Admission) => Promise<Answer>): Promise<CompleteAnswer> {
      const began = monotonic()
      let answer: Answer
      let error: R3SessionError | undefined
      try {
        check(asked)
        answer = await answerIt(admission)
      } catch (thrown) {
        error = thrown instanceof R3SessionError ? thrown : new R3SessionError('internal', { cause: thrown })
        if (asked.route && !declared.get(asked.route)?.has(error.code)) {
          const { path } = asked.route
          log.error(
            { route: path, undeclared: error.code },
            'a route fails with a code that it does not declare',
          )
        }
        answer = problemAnswer(error, {
          language: acceptedLanguage(asked),
          authorization: header(asked, 'authorization'),
          requestId: asked.requestId,
        })
      }
      // Node keeps a connection open for further requests even when the server is closing.
      if (isStopping()) asked.answerHeaders['Connection'] = 'close'
      note(asked, answer, began, error)
      return complete(answer, asked.requestId, asked.answerHeaders)
    },

    /**
     * The answer to a request for which there is no place; `undefined` where there may be one, or `handle` has more to
     * say. Where far too much is asked most of all time goes into these, so nothing of the request is looked at.
     */
    refusal({ headers }: IncomingMessage, requestId: string, route: Route): CompleteAnswer | undefined {
      if (headers['accept-language'] !== undefined || isStopping()) return undefined
      if (log.isLevelEnabled('debug') || !admission.refuses(route.lane)) return undefined
      noteRefused(route.path, monotonic())
      observe?.({ route: route.path, method: route.method, status: refusal.status, ms: 0 })
      return refusalOf(requestId)
    },

    /** Writes what was only counted since the last time, and nothing where there was none. */
    logCounts(): void {
      verified.empty((route, count) => log.info({ route, count }, 'verified'))
      logRefused()
    },
  }
}

export type Handling = ReturnType<typeof createHandling>

/** What of a request's head does not count when it is measured (`checkHead`). */
function exemptionOf({ method, path, route }: Asked, routes: readonly Route[]): 'url' | 'head' | undefined {
  // What a gateway asks with is its client's whole head, and has to be answered with 200 or 401.
  if (route?.anyRequest) return 'head'
  const isLong = routes.some((each) => each.hasLongQuery && each.method === method && each.path === path)
  return isLong ? 'url' : undefined
}

/**
 * Whether a path is another or lies below it. One with `..` in it, in whatever spelling, does not: a proxy that let it
 * through as `/v1/login` may still hand on what the client wrote, `/v1/auth/../login`.
 */
export function isAtOrBelow(upper: string, path: string): boolean {
  if (path === upper) return true
  if (!path.startsWith(`${upper}/`)) return false
  return !DOTS.test(path)
}

/** A segment that is one or two dots. */
const DOTS = /(?:[/\\]|%2[fF]|%5[cC])(?:\.|%2[eE]){1,2}(?:[/\\;]|%2[fF]|%5[cC]|$)/

function isProbe({ path }: Asked): boolean {
  return path === '/healthz' || path === '/readyz'
}

function isWatching(asked: Asked): boolean {
  return isProbe(asked) || asked.path === '/metrics'
}

/** What lies behind a failure, for the log. What adapters give as a cause is short and safe to print. */
function causeOf({ code, cause }: R3SessionError): unknown {
  if (!(cause instanceof Error)) return undefined
  return code === 'internal' ? defectOf(cause) : cause.message
}
