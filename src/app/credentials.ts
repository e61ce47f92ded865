import type { Context } from 'koa'
import { R3SessionError } from '../domain/errors.js'
import type { Credentials } from './route.js'

/** The r3session of `Authorization: Bearer <r3session>`, whatever it looks like. */
export const session: Credentials<string> = {
  scheme: 'r3session',
  errors: ['unauthorized', 'invalid_session', 'storage_unavailable'],
  read(ctx) {
    const token = bearer(ctx)
    if (token === undefined) throw new R3SessionError('unauthorized')
    return token
  },
}

/** The text after `Bearer`, RFC 6750; `undefined` when there is none or it is no single word. */
function bearer(ctx: Context): string | undefined {
  return /^bearer +(\S+)\s*$/i.exec(ctx.get('authorization'))?.[1]
}
