import Koa from 'koa'
import { clientAddress, type TrustedProxies } from './http/client-address.js'
import { limitHead } from './http/head.js'
import { answerAndLog, identifyRequests, limitLoad } from './http/requests.js'
import type { Route } from './http/route.js'
import { isAtOrBelow, serve } from './http/router.js'
import type { Log } from './log/logger.js'
import { docsRoutes } from './routes/docs.js'
import { type InspectionUseCases, inspectionRoutes } from './routes/inspection.js'
import { type MiniProgramUseCases, miniProgramRoutes } from './routes/mini-program.js'
import { playgroundRoutes } from './routes/playground.js'
import { probeRoutes } from './routes/probes.js'
import { sandboxRoutes } from './routes/sandbox.js'
import { type ServiceUseCases, serviceRoutes } from './routes/services.js'
import { tutorialRoutes } from './routes/tutorial.js'

/** What the routes need: the use cases, and what they have to know of the deployment. */
export interface Service extends MiniProgramUseCases, ServiceUseCases {
  /** Resolves when logins can be served; fails with the reason when not. */
  readonly ready: () => Promise<void>
  /** Of this package. */
  readonly version: string
  readonly trustedProxies: TrustedProxies
  /** Only where the sandbox runs. */
  readonly sandbox?: Omit<InspectionUseCases, 'authenticate'> & {
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
          ...inspectionRoutes({ ...sandbox, authenticate }),
          ...playgroundRoutes(sandbox.page),
        ]
      : []),
  ]
  return [...routes, ...docsRoutes(routes, service)]
}

/** Builds the Koa application; opens no port. */
export function createApp(
  service: Service,
  options: {
    log: Log
    newRequestId: () => string
    isStopping: () => boolean
    /** Milliseconds on a clock that is never set. */
    monotonic: () => number
  },
): Koa {
  const routes = routesOf(service)
  const app = new Koa()
  // Koa prints what it can't answer (a client that hung up) on stderr, stack and all.
  app.silent = true
  app.use(identifyRequests(options.newRequestId))
  const { log, monotonic } = options
  app.use(answerAndLog(log, monotonic, (request) => clientAddress(request, service.trustedProxies)))
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
  app.use(
    serve(routes, ({ path }, code) =>
      log.error({ route: path, undeclared: code }, 'a route fails with a code that it does not declare'),
    ),
  )
  return app
}
