/** What Prometheus reads: with a service key beside everything else, without one on a port of its own. */
import * as z from 'zod'
import { type Credentials, type Route, route } from '../http/route.js'

/** The form that every Prometheus reads, whatever it asks for. */
const TEXT = 'text/plain; version=0.0.4'

const metricsReply = z.string().meta({ contentMediaType: TEXT })

/**
 * @param text everything that is counted
 * @param credentials who may read it; everybody without it
 */
export function metricsRoute(text: () => Promise<string>, credentials?: Credentials<string>): Route {
  return route({
    method: 'GET',
    path: '/metrics',
    // Who looks into an overload must not be kept out by it.
    lane: 'probe',
    summary: 'What Prometheus reads',
    ...(credentials && { credentials }),
    success: { status: 200, means: 'Everything that is counted, of all processes', schema: metricsReply },
    errors: [],
    handle: async () => ({
      body: await text(),
      headers: { 'Content-Type': `${TEXT}; charset=utf-8` },
    }),
  })
}
