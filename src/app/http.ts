import type { BlockList } from 'node:net'
import Koa from 'koa'
import { type BackstageUseCases, backstageRoutes } from './backstage-routes.js'
import { docsRoutes } from './docs-routes.js'
import { limitHead } from './head.js'
import { type MiniProgramUseCases, miniProgramRoutes } from './mini-program.js'
import { playgroundRoutes } from './playground-routes.js'
import { probeRoutes } from './probes.js'
import { answerAndLog, identifyRequests, type Log, limitLoad } from './requests.js'
import type { Route } from './route.js'
import { sandboxRoutes } from './sandbox-routes.js'
import { isAtOrBelow, serve } from './serve.js'
import { type ServiceUseCases, serviceRoutes } from './service-routes.js'
import { tutorialRoutes } from './tutorial.js'

/** What the routes need: the use cases, and what they have to know of the deployment. */
export interface Service extends MiniProgramUseCases, ServiceUseCases {
  /** Resolves when logins can be served; fails with the reason when not. */
  readonly ready: () => Promise<void>
  /** Whose `X-Forwarded-*` headers are believed. */
  readonly trustedProxies?: Pick<BlockList, 'check'>
  /** Only where the sandbox runs. */
  readonly sandbox?: Omit<BackstageUseCases, 'authenticate'> & {
    /** The folder of the built playground. */
    readonly page: URL
  }
}

/** All there is to serve, with the documentation of it. */
export function routesOf(service: Service): readonly Route[] {
  const { sandbox, authenticate } = service
  const routes = [
    ...miniProgramRoutes(service),
    ...tutorialRoutes(service),
    ...serviceRoutes(service),
    ...probeRoutes(service),
    ...(sandbox
      ? [
          ...sandboxRoutes(sandbox.weixin),
          ...backstageRoutes({ ...sandbox, authenticate }),
          ...playgroundRoutes(sandbox.page),
        ]
      : []),
  ]
  return [...routes, ...docsRoutes(routes, service)]
}

/** Builds the Koa application; opens no port. */
export function createApp(
  service: Service,
  options: { log: Log; newRequestId: () => string; isStopping: () => boolean },
): Koa {
  const routes = routesOf(service)
  const app = new Koa()
  // Koa prints what it can't answer (a client that hung up) on stderr, stack and all.
  app.silent = true
  app.use(identifyRequests(options.newRequestId))
  app.use(answerAndLog(options.log))
  app.use(
    limitHead((method, path) => {
      // What a gateway asks with is its client's whole head, and has to be answered with 200 or 401.
      if (routes.some((route) => route.anyRequest && isAtOrBelow(route.path, path))) return 'head'
      const isLong = routes.some(
        (route) => route.hasLongQuery && route.method === method && route.path === path,
      )
      return isLong ? 'url' : undefined
    }),
  )
  app.use(limitLoad(options.isStopping))
  app.use(serve(routes))
  return app
}
