import type { Context } from 'koa'
import type { z } from 'zod'
import type { ErrorCode } from '../../domain/errors.js'

/** Something a route takes from a request, and what is to be known about it before one is sent. */
export interface Input<T> {
  readonly read: (ctx: Context) => T | Promise<T>
  /** What can be wrong with it. */
  readonly errors: readonly ErrorCode[]
}

/** Who is asking. */
export interface Credentials<T> extends Input<T> {
  /** Name of the security scheme in the OpenAPI document. */
  readonly scheme: 'r3session' | 'serviceKey'
  /** Further ones that may be used in its place. */
  readonly otherSchemes?: readonly 'serviceKeyBasic'[]
}

export interface Body<T> extends Input<T> {
  readonly schema: z.ZodType
  readonly types: readonly string[]
}

export interface Query<T> extends Input<T> {
  readonly schema: z.ZodObject
}

/** What a route answers when all goes well: no schema means an empty body, a schema of a string means text/plain. */
export interface Success {
  readonly status: number
  readonly means: string
  readonly schema?: z.ZodType
  /** Headers and what they hold. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What the handler gets. Parts the route does not declare are `undefined`. */
export interface Request<Who, Sent, Asked> {
  readonly who: Who
  readonly body: Sent
  readonly query: Asked
  /** The path's parameters, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly header: (name: string) => string
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
  readonly credentials?: Credentials<unknown>
  readonly query?: Query<unknown>
  readonly body?: Body<unknown>
  /** Header fields that are read, and what for. */
  readonly headers?: Readonly<Record<string, string>>
  readonly success: Success
  /** What can go wrong beyond what the inputs say themselves. */
  readonly errors: readonly ErrorCode[]
  /** A page for people, or a part of one: the OpenAPI document is about the API. */
  readonly isPage?: true
  /** A GET that changes something (the tutorial's client logs in by GET): it has no HEAD. */
  readonly changes?: true
  /** For gateways that ask with the request's own method or path: every method and all paths below do the same. */
  readonly anyRequest?: true
  /** Its query carries sealed data, so its URL may be as long as the server takes (80 KiB). */
  readonly hasLongQuery?: true
  readonly answer: (ctx: Context) => Promise<void>
}

/**
 * Declares a route. Its inputs are read in the order credentials, query, body, so that who may not ask is told so
 * before anything else is looked at; the handler gets them checked and typed.
 */
export function route<Who = undefined, Sent = undefined, Asked = undefined>({
  handle,
  ...declared
}: Omit<Route, 'answer' | 'credentials' | 'body' | 'query'> & {
  readonly credentials?: Credentials<Who>
  readonly query?: Query<Asked>
  readonly body?: Body<Sent>
  readonly handle: (request: Request<Who, Sent, Asked>) => Promise<Reply>
}): Route {
  const { credentials, query, body, success } = declared
  return {
    ...declared,
    async answer(ctx) {
      const request = {
        who: await credentials?.read(ctx),
        query: await query?.read(ctx),
        body: await body?.read(ctx),
        params: ctx['params'] ?? {},
        header: (name: string) => ctx.get(name),
        requestId: ctx.response.get('X-Request-Id'),
      }
      // An input that is not declared has no reader, and its type says undefined just as its value does.
      const reply = await handle(request as Request<Who, Sent, Asked>)
      ctx.set({ ...reply.headers })
      ctx.body = reply.body ?? null
      // Last, because Koa makes 204 of an empty body.
      ctx.status = success.status
    },
  }
}
