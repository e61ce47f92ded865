import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { R3SessionError } from '../../domain/errors.js'
import type { Route } from './route.js'

/**
 * Serves a route table. An unknown path is `not_found`, a path without the method `method_not_allowed` with `Allow`
 * set. Paths match exactly, case and slashes included, so that rules in a proxy before us mean the same paths.
 */
export function serve(routes: readonly Route[]): Middleware {
  const router = new Router({ strict: true, sensitive: true })
  for (const { method, path, changes, answer } of routes) {
    router.register(patternOf(path), [method], async (ctx, next) => {
      await (ctx.method === 'HEAD' && changes ? next() : answer(ctx))
    })
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
      return asked.answer(ctx)
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
