/** The way through Koa, which takes every request that HTTP allows. */
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import bodyParser from 'koa-bodyparser'
import { R3SessionError } from '../../domain/errors.js'
import { isObject } from '../../domain/json.js'
import type { Admission } from '../admission/admission.js'
import type { Asked } from './asked.js'
import { type BodyWatch, incomplete, LARGE, type Limit, SMALL, watchBody } from './body.js'
import { type Handling, isAtOrBelow, requestIdOf } from './requests.js'
import type { CompleteAnswer, Route } from './route.js'

/**
 * Serves a route table. An unknown path is `not_found`, a path without the method `method_not_allowed` with `Allow`
 * set. Paths match exactly, case and slashes included, so that rules in a proxy before us mean the same paths.
 */
export function serve(
  routes: readonly Route[],
  { handle, admission }: Pick<Handling, 'handle' | 'admission'>,
  newRequestId: () => string,
): Middleware {
  const router = new Router({ strict: true, sensitive: true })
  for (const route of routes) {
    router.register(patternOf(route.path), [route.method], (ctx, next) =>
      ctx.method === 'HEAD' && route.changes ? next() : respond(ctx, route),
    )
  }

  async function respond(ctx: Context, route?: Route): Promise<void> {
    const asked = askedThrough(ctx, requestIdOf(ctx.req, newRequestId), admission, route)
    const answerIt = async (admission: Admission) =>
      route === undefined ? refuse(asked) : route.answer(asked, admission)
    write(ctx, await handle(asked, answerIt))
  }

  function refuse({ path, method, answerHeaders }: Asked): never {
    if (path.length > MAX_PATH) throw new R3SessionError('not_found')
    const { path: layers } = router.match(path, method)
    const methods = new Set(layers.flatMap((layer) => layer.methods))
    if (methods.size === 0) throw new R3SessionError('not_found')
    const matched = routes.filter((route) => layers.some((layer) => layer.path === patternOf(route.path)))
    if (matched.some(({ changes }) => changes)) methods.delete('HEAD')
    answerHeaders['Allow'] = [...methods].sort().join(', ')
    throw new R3SessionError('method_not_allowed')
  }

  const dispatch = router.routes()
  const forAnyRequest = routes.filter(({ anyRequest }) => anyRequest)
  return async (ctx) => {
    const path = pathOf(ctx)
    const route = forAnyRequest.find((any) => isAtOrBelow(any.path, path))
    if (route !== undefined || path === '' || path.length > MAX_PATH) return respond(ctx, route)
    // All that the router and Koa may look at: `originalUrl` keeps the whole.
    ctx.req.url = path
    await dispatch(ctx as Parameters<typeof dispatch>[0], () => respond(ctx))
  }
}

/** Characters of a path that the router looks at. Ours have some 200, and it tries each of its patterns on the whole. */
const MAX_PATH = 1024
/** Characters of a target that is a whole URL. */
const MAX_WHOLE_URL = 2048
const ORIGIN = /^https?:\/\/[^/?]*/i

/**
 * The request's target without scheme and host, which it may name (`GET http://x/ HTTP/1.1`); '' for what no target may
 * be: with a fragment (RFC 9112, section 3.2), or a whole URL that is none or is long. Koa's own parser looks at each
 * character, takes 5 ms over some of 70 KB, and has Node write a warning.
 */
function targetOf({ originalUrl: url }: Context): string {
  if (url.includes('#')) return ''
  if (url.startsWith('/')) return url
  if (url === '*') return '/*'
  if (url.length > MAX_WHOLE_URL || !ORIGIN.test(url) || !URL.canParse(url)) return ''
  const target = url.replace(ORIGIN, '')
  return target.startsWith('/') ? target : `/${target}`
}

/** The path as the client wrote it; '' where the target is none. */
function pathOf(ctx: Context): string {
  return targetOf(ctx).split('?', 1)[0] ?? ''
}

function queryOf(ctx: Context): string {
  const target = targetOf(ctx)
  const start = target.indexOf('?')
  return start < 0 ? '' : target.slice(start + 1)
}

/** A path of ours as the router writes it: `{name}` becomes `:name`. */
function patternOf(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}

const MAX_TYPE = 256
const NO_TYPE = { type: '', charset: '' }

function askedThrough(ctx: Context, requestId: string, admission: Admission, route?: Route): Asked {
  const answerHeaders: Record<string, string> = {}
  return {
    request: ctx.req,
    requestId,
    route,
    answerHeaders,
    params: ctx['params'] ?? {},
    method: ctx.method,
    path: pathOf(ctx),
    get querystring() {
      return queryOf(ctx)
    },
    get contentType() {
      const { length } = ctx.get('content-type')
      // Koa finds out by an error that there is none, and parses each parameter of one that is too long to be honest.
      if (length === 0 || length > MAX_TYPE) return NO_TYPE
      const { type, charset } = ctx.request
      return { type, charset }
    },
    readBody: (limit) => readBody(ctx, limit, watchBody(admission, route?.lane ?? 'other', answerHeaders)),
  }
}

function write(ctx: Context, { status, head, body }: CompleteAnswer): void {
  ctx.status = status
  // Names and values take turns, so both are there.
  for (let at = 0; at < head.length; at += 2) ctx.set(head[at] as string, head[at + 1] as string)
  ctx.body = body
  // Again, because Koa makes 204 of an empty body.
  ctx.status = status
}

/**
 * koa-bodyparser reads the body: it enforces the limit, notices aborts and waits for the end. It is told that every
 * body is text in latin1, which keeps the bytes as they are, because its own parsing replaces bad UTF-8 silently and
 * refuses the bare login codes that clients send as `application/json`.
 */
const readers: Record<Limit, Middleware> = { [SMALL]: readerFor(SMALL), [LARGE]: readerFor(LARGE) }
const nothingMore = async () => {}

function readerFor(limit: number) {
  // Its types don't list `encoding`, its README does. This one is latin1 as Node itself decodes it; by the name of latin1
  // iconv-lite does it character by character.
  const options = { enableTypes: ['text'], textLimit: `${limit}b`, encoding: 'binary' }
  return bodyParser(options)
}

async function readBody(ctx: Context, limit: Limit, watch: BodyWatch): Promise<Buffer> {
  const { req } = ctx
  // The reader would say the same, by an error that costs more than the whole answer.
  if (Number(req.headers['content-length']) > limit) throw new R3SessionError('body_too_large')
  let given: R3SessionError | undefined
  const { arrived, end } = watch((error) => {
    given = error
    req.off('data', arrived)
    req.emit('error', error)
  })
  req.on('data', arrived)
  req.headers['content-type'] = 'text/plain'
  delete req.headers['content-encoding']
  try {
    await readers[limit](ctx, nothingMore)
    return Buffer.from(String(ctx.request.rawBody ?? ''), 'latin1')
  } catch (error) {
    const status = isObject(error) ? error['status'] : undefined
    throw given ?? (status === 413 ? new R3SessionError('body_too_large') : incomplete())
  } finally {
    end()
  }
}
