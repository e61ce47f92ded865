/** What is counted of every request. A verification takes 30 us in all, so this has to be done in a few tenths of one. */
import type { Answered } from '../http/requests.js'
import { addDuration, type Durations, emptyDurations, histogramOf, type Metric, PREFIX } from './metric.js'

/** A client may write any method, and each would be a series for good. */
const METHODS = ['other', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const OTHER = 0

/** Milliseconds: verifications take less than one, and a call to WeChat may take 60 s. */
const BOUNDS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]

interface PerRoute {
  /** By status and method, as one number: the key of a Map that is found fastest. */
  readonly counts: Map<number, { count: number }>
  readonly durations: Durations
}

export function createRequestTally() {
  const methods = new Map(METHODS.map((method, at) => [method, at]))
  const routes = new Map<string, PerRoute>()

  function perRoute(route: string): PerRoute {
    const fresh = { counts: new Map(), durations: emptyDurations(BOUNDS) }
    routes.set(route, fresh)
    return fresh
  }

  return {
    observe({ route, method, status, ms }: Answered): void {
      const { counts, durations } = routes.get(route) ?? perRoute(route)
      const key = status * METHODS.length + (methods.get(method) ?? OTHER)
      const known = counts.get(key)
      if (known === undefined) counts.set(key, { count: 1 })
      else known.count++
      addDuration(durations, BOUNDS, ms)
    },

    metrics(): Metric[] {
      const values = [...routes].flatMap(([route, { counts }]) =>
        [...counts].map(([key, { count }]) => ({
          labels: {
            route,
            method: METHODS[key % METHODS.length] ?? '',
            status: Math.floor(key / METHODS.length),
          },
          value: count,
        })),
      )
      return [
        {
          name: `${PREFIX}http_requests_total`,
          help: 'Answered requests by pattern of the route, method and status.',
          type: 'counter',
          aggregator: 'sum',
          values,
        },
        histogramOf(
          'http_request_duration_seconds',
          'From the head of a request to its answer, by pattern of the route.',
          'route',
          BOUNDS,
          [...routes].map(([route, { durations }]) => [route, durations]),
        ),
      ]
    },
  }
}
