import type { IncomingMessage, RequestListener } from 'node:http'
import Koa from 'koa'
import { clientAddress, type TrustedProxies } from './http/client-address.js'
import { createDirect } from './http/direct.js'
import { createHandling, type HandlingOptions } from './http/requests.js'
import type { Route } from './http/route.js'
import { serve } from './http/router.js'
import { docsRoutes } from './routes/docs.js'
import { metricsRoute } from './routes/metrics.js'
import { type MiniProgramUseCases, miniProgramRoutes } from './routes/mini-program.js'
import { probeRoutes } from './routes/probes.js'
import { sandboxRoutes } from './routes/sandbox/actions.js'
import { type InspectionUseCases, inspectionRoutes } from './routes/sandbox/inspection.js'
import { playgroundRoutes } from './routes/sandbox/playground.js'
import { type ShopUseCases, shopRoutes } from './routes/sandbox/shop.js'
import { keyOfService, type ServiceUseCases, serviceRoutes } from './routes/services.js'
import { tutorialRoutes } from './routes/tutorial.js'

/** What the routes need: the use cases, and what they have to know of the deployment. */
export interface Service extends MiniProgramUseCases, ServiceUseCases {
  /** Resolves when logins can be served; fails with the reason when not. */
  readonly ready: () => Promise<void>
  /** Of the circuit breaker on WeChat. */
  readonly circuit: () => string
  /** Of this package. */
  readonly version: string
  readonly trustedProxies: TrustedProxies
  /** Everything that is counted, for Prometheus. */
  readonly metrics: () => Promise<string>
  /** Metrics have a port of their own, where they are given without a key. */
  readonly metricsElsewhere: boolean
  /** Only where the sandbox runs. */
  readonly sandbox?: Omit<InspectionUseCases, 'authenticate'> &
    Pick<ShopUseCases, 'kept' | 'newOrderNumber'> & {
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
    ...(service.serviceKeys.size > 0 && !service.metricsElsewhere
      ? [metricsRoute(service.metrics, keyOfService(service))]
      : []),
    ...(sandbox
      ? [
          ...sandboxRoutes(sandbox.weixin),
          ...inspectionRoutes({ ...sandbox, authenticate }),
          ...shopRoutes({ ...service, ...sandbox }),
          ...playgroundRoutes(sandbox.page),
        ]
      : []),
  ]
  return [...routes, ...docsRoutes(routes, service)]
}

/**
 * Builds the application; opens no port. `koa` takes every request, `direct` the ordinary ones for the hottest routes
 * before they come to Koa.
 */
export function createApp(service: Service, options: Omit<AppOptions, 'routes' | 'clientOf'>) {
  const clientOf = (request: IncomingMessage) => clientAddress(request, service.trustedProxies)
  return appOf({ ...options, routes: routesOf(service), clientOf })
}

/** The application on the port that metrics have for themselves. */
export function createMetricsApp(
  text: () => Promise<string>,
  options: Omit<AppOptions, 'routes' | 'clientOf'>,
) {
  return appOf({ ...options, routes: [metricsRoute(text)], clientOf: () => '' })
}

type AppOptions = HandlingOptions & { readonly newRequestId: () => string }

function appOf({ newRequestId, ...options }: AppOptions) {
  const { routes } = options
  const handling = createHandling(options)
  const koa = new Koa()
  // Koa prints what it can't answer (a client that hung up) on stderr, stack and all.
  koa.silent = true
  koa.use(serve(routes, handling, newRequestId))
  const direct = createDirect(routes, handling, newRequestId)
  return { routes, koa, direct, logCounts: handling.logCounts }
}

export type App = ReturnType<typeof createApp>

/** What a server calls for each request. */
export function listenerOf({ koa, direct }: Pick<App, 'koa' | 'direct'>): RequestListener {
  const throughKoa = koa.callback()
  return (request, response) => {
    if (!direct(request, response)) void throughKoa(request, response)
  }
}
