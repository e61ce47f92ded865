/** The routes for whoever watches over the process. */
import { storeErrors } from '../../domain/errors.js'
import { type Route, route } from '../http/route.js'
import { statusReply } from './schemas.js'

/** @param ready resolves when logins can be served, and fails with the reason when not */
export function probeRoutes({ ready }: { ready: () => Promise<void> }): Route[] {
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
      success: { status: 200, means: 'It can', schema: statusReply },
      errors: storeErrors,
      handle: async () => {
        await ready()
        return { body: { status: 'ready' } }
      },
    }),
  ]
}
