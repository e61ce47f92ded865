import Koa from 'koa'
import { type MiniProgramUseCases, miniProgramRoutes } from './mini-program.js'
import { probeRoutes } from './probes.js'
import { answerAndLog, identifyRequests, type Log, limitLoad } from './requests.js'
import { type Phone, sandboxRoutes } from './sandbox-routes.js'
import { serve } from './serve.js'
import { tutorialRoutes } from './tutorial.js'

/** What the routes need: the use cases, and what they have to know of the deployment. */
export interface Service extends MiniProgramUseCases {
  /** Resolves when logins can be served; fails with the reason when not. */
  readonly ready: () => Promise<void>
  /** Only where the sandbox runs. */
  readonly phone?: Phone
}

/** Builds the Koa application; opens no port. */
export function createApp(
  service: Service,
  options: { log: Log; newRequestId: () => string; isStopping: () => boolean },
): Koa {
  const routes = [
    ...miniProgramRoutes(service),
    ...tutorialRoutes(service),
    ...probeRoutes(service),
    ...(service.phone ? sandboxRoutes(service.phone) : []),
  ]
  const app = new Koa()
  app.use(identifyRequests(options.newRequestId))
  app.use(answerAndLog(options.log))
  app.use(limitLoad(options.isStopping))
  app.use(serve(routes))
  return app
}
