/**
 * The four ways to put `caller` where a framework's users look for it, and to answer 401 and 503 with what r3session's
 * client understands. Frameworks are known by their shapes, so none of them is needed to load this.
 */
import type { VerifyError } from './error.js'
import type { HeadersLike } from './headers.js'
import type { Caller, Verify } from './types.js'

declare global {
  // Express looks here for what middlewares add to a request.
  namespace Express {
    interface Request {
      /** Who is calling, where expressAuth has run. */
      caller?: Caller
    }
  }
}

/** Express, and whatever takes `(req, res, next)`: `req.caller`. */
export function expressAuth(verify: Verify) {
  return async (
    req: { readonly headers: HeadersLike; caller?: Caller },
    res: { statusCode: number; setHeader(name: string, value: string): unknown; end(body: string): unknown },
    next: (error?: unknown) => void,
  ): Promise<void> => {
    let outcome: Caller | VerifyError
    try {
      outcome = await settled(verify, req.headers)
    } catch (error) {
      // Express 4 does not look at promises.
      next(error)
      return
    }
    if ('status' in outcome) {
      res.statusCode = outcome.status
      for (const [name, value] of Object.entries(outcome.headers)) res.setHeader(name, value)
      res.end(outcome.body)
      return
    }
    req.caller = outcome
    next()
  }
}

/** Koa: `ctx.state.caller`. */
export function koaAuth(verify: Verify) {
  return async (
    ctx: {
      readonly headers: HeadersLike
      readonly state: { caller?: Caller }
      status: number
      body: unknown
      set(headers: { [name: string]: string }): void
    },
    next: () => Promise<unknown>,
  ): Promise<void> => {
    const outcome = await settled(verify, ctx.headers)
    if ('status' in outcome) {
      ctx.status = outcome.status
      ctx.set({ ...outcome.headers })
      ctx.body = outcome.body
      return
    }
    ctx.state.caller = outcome
    await next()
  }
}

/** Fastify, as an `onRequest` or `preHandler` hook: `request.caller`. */
export function fastifyAuth(verify: Verify) {
  return async (
    request: { readonly headers: HeadersLike },
    reply: {
      code(status: number): unknown
      headers(headers: Record<string, string>): unknown
      send(body: string): unknown
    },
  ): Promise<unknown> => {
    const outcome = await settled(verify, request.headers)
    if ('status' in outcome) {
      reply.code(outcome.status)
      reply.headers({ ...outcome.headers })
      // The reply itself tells Fastify that it is answered.
      return reply.send(outcome.body)
    }
    Object.assign(request, { caller: outcome })
    return undefined
  }
}

/** Hono: `c.get('caller')`. */
export function honoAuth(verify: Verify) {
  return async (
    c: {
      readonly req: { readonly raw: { readonly headers: { get(name: string): string | null } } }
      set(name: 'caller', value: Caller): void
    },
    next: () => Promise<void>,
  ): Promise<Response | undefined> => {
    const outcome = await settled(verify, c.req.raw.headers)
    if ('status' in outcome) {
      const { status, headers, body } = outcome
      return new Response(body, { status, headers })
    }
    c.set('caller', outcome)
    await next()
    return undefined
  }
}

/** The caller, or the answer that nobody gets past. */
async function settled(verify: Verify, headers: HeadersLike): Promise<Caller | VerifyError> {
  try {
    return await verify(headers)
  } catch (error) {
    // By name: a program may have loaded this package twice, by import and by require.
    if (error instanceof Error && error.name === 'VerifyError') return error as VerifyError
    throw error
  }
}
