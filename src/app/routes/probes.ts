/** The routes for whoever watches over the process. */
import { storeErrors } from '../../domain/errors.js'
import { type Route, route } from '../http/route.js'
import { readyReply, statusReply } from './schemas.js'

/**
 * @param ready resolves when logins can be served, and fails with the reason when not
 * @param circuit the state of the circuit breaker on WeChat. It decides nothing: every instance has the same WeChat, and
 *   to take them all out would end the sessions that need none
 */
export function probeRoutes({
  ready,
  circuit,
}: {
  ready: () => Promise<void>
  circuit: () => string
}): Route[] {
  return [
    route({
      method: 'GET',
      path: '/healthz',
      lane: 'probe',
      summary: 'Is the process alive?',
      success: { status: 200, means: 'It answers', schema: statusReply },
      errors: [],
      handle: async () => ({ body: { status: 'ok' } }),
    }),
    route({
      method: 'GET',
      path: '/readyz',
      lane: 'probe',
      summary: 'Can it serve logins?',
      success: { status: 200, means: 'It can', schema: readyReply },
      errors: storeErrors,
      handle: async () => {
        await ready()
        return { body: { status: 'ready', wechat: { circuit: circuit() } } }
      },
    }),
  ]
}
