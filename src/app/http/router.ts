import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { type ErrorCode, R3SessionError } from '../../domain/errors.js'
import { errorsOf, type Route } from './route.js'

/**
 * Serves a route table. An unknown path is `not_found`, a path without the method `method_not_allowed` with `Allow`
 * set. Paths match exactly, case and slashes included, so that rules in a proxy before us mean the same paths.
 *
 * @param onUndeclared is told of a code that a route answers and does not declare, which is a defect of the route
 */
export function serve(
  routes: readonly Route[],
  onUndeclared: (route: Route, code: ErrorCode) => void,
): Middleware {
  const router = new Router({ strict: true, sensitive: true })
  for (const route of routes) {
    router.register(patternOf(route.path), [route.method], async (ctx, next) => {
      await (ctx.method === 'HEAD' && route.changes ? next() : answerBy(route, ctx))
    })
  }

  const declared = new Map(routes.map((route) => [route, errorsOf(route)]))

  async function answerBy(route: Route, ctx: Context): Promise<void> {
    try {
      await route.answer(ctx)
    } catch (error) {
      if (error instanceof R3SessionError && !declared.get(route)?.has(error.code)) {
        onUndeclared(route, error.code)
      }
      throw error
    }
  }

  function refuse(ctx: Context): never {
    const { path: layers } = router.match(ctx.path, ctx.method)
    const methods = new Set(layers.flatMap((layer) => layer.methods))
    if (methods.size === 0) throw new R3SessionError('not_found')
    const matched = routes.filter(({ path }) => layers.some((layer) => layer.path === patternOf(path)))
    if (matched.some(({ changes }) => changes)) methods.delete('HEAD')
    ctx.set('Allow', [...methods].sort().join(', '))
    throw new R3SessionError('method_not_allowed')
  }

  const dispatch = router.routes()
  const forAnyRequest = routes.filter(({ anyRequest }) => anyRequest)
  return async (ctx) => {
    const asked = forAnyRequest.find(({ path }) => isAtOrBelow(path, ctx.path))
    if (asked !== undefined) {
      // What the router notes for the log.
      ctx['_matchedRoute'] = asked.path
      return answerBy(asked, ctx)
    }
    await dispatch(ctx as Parameters<typeof dispatch>[0], async () => refuse(ctx))
  }
}

/**
 * Whether a path is another or lies below it. One with `..` in it, in whatever spelling, does not: a proxy that let it through as
 * `/v1/login` may still hand on what the client wrote, `/v1/auth/../login`.
 */
export function isAtOrBelow(upper: string, path: string): boolean {
  if (path === upper) return true
  if (!path.startsWith(`${upper}/`)) return false
  const plain = path.replace(/%2e/gi, '.').replace(/%2f|%5c|\\/gi, '/')
  return !/\/\.{1,2}(?:[/;]|$)/.test(plain)
}

/** A path of ours as the router writes it: `{name}` becomes `:name`. */
function patternOf(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}
