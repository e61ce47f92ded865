import type { z } from 'zod'
import { type ErrorCode, R3SessionError } from '../../domain/errors.js'
import type { Admission } from '../admission/admission.js'
import type { Lane } from '../admission/lanes.js'
import type { Text } from '../config/language.js'
import type { Asked } from './asked.js'
import type { Limit } from './body.js'
import { ExplainedError } from './problems.js'

/** Something a route takes from a request, and what is to be known about it before one is sent. */
export interface Input<T> {
  readonly read: (asked: Asked) => T | Promise<T>
  /** What can be wrong with it. */
  readonly errors: readonly ErrorCode[]
}

/** Who is asking. */
export interface Credentials<T> extends Input<T> {
  /** Name of the security scheme in the OpenAPI document. */
  readonly scheme: 'r3session' | 'serviceKey'
  /** Further ones that may be used in its place. */
  readonly otherSchemes?: readonly 'serviceKeyBasic'[]
  /** What wrong ones are answered with: not for nothing, where somebody tries many. */
  readonly refuse?: (asked: Asked, error: R3SessionError) => Promise<R3SessionError>
}

export interface Body<T> extends Input<T> {
  readonly schema: z.ZodType
  /** Bytes it may have. */
  readonly limit: Limit
  readonly types: readonly string[]
}

/** Fields by their names: those of the query, of the path or of the header. */
export interface Fields<T> extends Input<T> {
  readonly schema: z.ZodObject
}

export type Query<T> = Fields<T>

/** A word on how to mend the request, where the route fails with one of these codes. */
export type Hints = Readonly<Partial<Record<ErrorCode, Text>>>

/** What a route answers when all goes well: no schema means an empty body, a schema of a string means text/plain. */
export interface Success {
  readonly status: number
  readonly means: string
  readonly schema?: z.ZodType
  /** Headers and what they hold. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What the handler gets. Parts the route does not declare are `undefined`. */
export interface Request<Who, Sent, Queried, Named, Told> {
  readonly who: Who
  readonly body: Sent
  readonly query: Queried
  /** The path's parameters, decoded. */
  readonly params: Named
  readonly headers: Told
  readonly requestId: string
}

/** What the handler gives back: a body, or headers with it. */
export interface Reply {
  readonly body?: string | object
  readonly headers?: Readonly<Record<string, string>>
}

/** One route: everything the router and the OpenAPI document need to know of it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Parameters as `{name}`. */
  readonly path: string
  readonly summary: string
  /** More than a summary has room for. */
  readonly description?: string
  /** The kind of work that it is: whom it may keep waiting, and who goes first. */
  readonly lane: Lane
  readonly credentials?: Credentials<unknown>
  /** The parameters that the path names. */
  readonly params?: Fields<unknown>
  readonly headers?: Fields<unknown>
  readonly query?: Query<unknown>
  readonly body?: Body<unknown>
  /** Read last: who may do this only so often is counted when nothing else is wrong. */
  readonly limit?: Input<void>
  readonly success: Success
  /** What can go wrong beyond what the inputs say themselves: the list of the use case. */
  readonly errors: readonly ErrorCode[]
  readonly hints?: Hints
  /** A page for people, or a part of one: the OpenAPI document is about the API. */
  readonly isPage?: true
  /** A GET that changes something (the tutorial's client logs in by GET): it has no HEAD. */
  readonly changes?: true
  /** For gateways that ask with the request's own method or path: every method and all paths below do the same. */
  readonly anyRequest?: true
  /** Its query carries sealed data, so its URL may be as long as the server takes (80 KiB). */
  readonly hasLongQuery?: true
  /** Asked so often that ordinary requests are answered ahead of Koa (direct.ts). */
  readonly isHot?: true
  /** A verification: one that went well is counted in the log, and has no line of its own. */
  readonly isCounted?: true
  readonly answer: (asked: Asked, admission: Admission) => Promise<Answer>
}

/** An answer on its way out: its header as names and values in turn, the fields that all answers have among them. */
export interface CompleteAnswer {
  readonly status: number
  readonly head: string[]
  readonly body: string | null
}

/** An answer, but for the header fields that all answers have. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** `null` for an empty one. */
  readonly body: string | null
}

const POLICY = 'Content-Security-Policy'

/**
 * The answer to a request of this id. Every answer has its id, and stays out of caches.
 *
 * What has a body says what a browser may do that shows it: load nothing, be framed by nobody, tell nobody the URL, and
 * give it to no other site (OWASP ASVS 5.0, 3.4.3 to 3.4.6, 3.5.8). That is 0.25 us and 142 bytes; what is empty, such as
 * the 200 of a verification, goes without. No HSTS, which is for whoever terminates TLS to say, and no CORS.
 */
export function complete(
  { status, headers, body }: Answer,
  requestId: string,
  besides: Answer['headers'],
): CompleteAnswer {
  const head = ['X-Request-Id', requestId, 'Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff']
  if (body !== null) {
    if (headers[POLICY] === undefined) head.push(POLICY, "default-src 'none'; frame-ancestors 'none'")
    head.push('Referrer-Policy', 'no-referrer', 'Cross-Origin-Resource-Policy', 'same-origin')
  }
  for (const name in headers) head.push(name, headers[name] as string)
  for (const name in besides) head.push(name, besides[name] as string)
  return { status, head, body }
}

/** What every route can answer: the first two when a request is no HTTP at all, or has more headers than fit. */
const everywhere: readonly ErrorCode[] = ['invalid_request', 'body_too_large', 'overloaded', 'internal']

/** Every code that a route may answer. */
export function errorsOf({
  credentials,
  params,
  headers,
  query,
  body,
  limit,
  errors,
}: Route): ReadonlySet<ErrorCode> {
  const inputs = [credentials, params, headers, query, body, limit].flatMap((input) => input?.errors ?? [])
  return new Set([...errors, ...inputs, ...everywhere])
}

/**
 * Declares a route. Its inputs are read in the order credentials, path, headers, query, body, so that who may not ask
 * is told so before anything else is looked at; the handler gets them checked and typed. It has a place in the route's
 * lane for as long as it works: what is still arriving has none.
 */
export function route<
  Who = undefined,
  Sent = undefined,
  Queried = undefined,
  Named = undefined,
  Told = undefined,
>({
  handle,
  ...declared
}: Omit<Route, 'answer' | 'credentials' | 'params' | 'headers' | 'query' | 'body'> & {
  readonly credentials?: Credentials<Who>
  readonly params?: Fields<Named>
  readonly headers?: Fields<Told>
  readonly query?: Query<Queried>
  readonly body?: Body<Sent>
  readonly handle: (request: Request<Who, Sent, Queried, Named, Told>) => Promise<Reply>
}): Route {
  const { credentials, params, headers, query, body, limit, lane, success, hints = {} } = declared

  return {
    ...declared,
    async answer(asked, admission) {
      try {
        // An await costs more than most of these do, so there is none for what comes at once or is not declared.
        const who = credentials?.read(asked)
        const request = {
          who: who instanceof Promise ? await who : who,
          params: params && (await params.read(asked)),
          headers: headers && (await headers.read(asked)),
          query: query && (await query.read(asked)),
          body: body && (await body.read(asked)),
          requestId: asked.requestId,
        }
        if (limit) await limit.read(asked)
        const place = admission.enter(lane)
        if (place !== undefined) await place
        try {
          // An input that is not declared has no reader, and its type says undefined just as its value does.
          const reply = await handle(request as Request<Who, Sent, Queried, Named, Told>)
          return answerOf(success.status, reply.headers, reply.body)
        } finally {
          admission.leave(lane)
        }
      } catch (error) {
        const isWrong = error instanceof R3SessionError && error.code === 'invalid_client'
        throw isWrong && credentials?.refuse ? await credentials.refuse(asked, error) : withHint(error, hints)
      }
    },
  }
}

/** JSON, unless the body is a text; and its type, unless the route names one itself. */
function answerOf(status: number, headers: Reply['headers'] = NONE, body?: Reply['body']): Answer {
  if (body === undefined) return { status, headers, body: null }
  const isJson = typeof body === 'object'
  const type = isJson ? JSON_TYPE : TEXT_TYPE
  const all = headers === NONE ? type : { ...type, ...headers }
  return { status, headers: all, body: isJson ? JSON.stringify(body) : body }
}

const NONE = {}
const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' }
const TEXT_TYPE = { 'Content-Type': 'text/plain; charset=utf-8' }

/** The error with the route's word on its code, where there is one and the error brings none of its own. */
function withHint(error: unknown, hints: Hints): unknown {
  if (!(error instanceof R3SessionError) || error instanceof ExplainedError) return error
  const hint = hints[error.code]
  return hint === undefined ? error : new ExplainedError(error.code, hint, error)
}
