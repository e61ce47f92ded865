/** `r3session openapi`: the document that the service would serve with these settings, for tools that read one. */
import type { Env } from '../config/names.js'
import { readConfig } from '../config/read-config.js'
import { openApi } from '../docs/openapi.js'
import type { Route } from '../http/route.js'

/**
 * Gives it as text. Opens nothing.
 *
 * @param routesOf makes the table of routes; calls nothing that it is given
 * @throws ConfigError
 */
export function openApiText<Service>(
  env: Env,
  { routesOf, version }: { routesOf: (service: Service) => readonly Route[]; version: string },
): string {
  const { serviceKeys, apps, metricsPort } = readConfig(env)
  // What decides which routes there are.
  const service = {
    serviceKeys,
    metricsElsewhere: metricsPort !== undefined,
    sandbox: apps.length === 0 ? {} : undefined,
  } as unknown as Service
  return JSON.stringify(openApi(routesOf(service), { version }), null, 2)
}
