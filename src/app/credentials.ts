import { createHash, timingSafeEqual } from 'node:crypto'
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

/** The name of the service key in `Authorization: Bearer <key>`. */
export function serviceKey(keys: ReadonlyMap<string, string>): Credentials<string> {
  const digests = [...keys].map(([name, key]) => ({ name, digest: sha256(key) }))
  return {
    scheme: 'serviceKey',
    errors: ['invalid_client'],
    read(ctx) {
      const digest = sha256(bearer(ctx) ?? '')
      // Every key is compared, and as digests of equal length, so that time tells nothing of any of them.
      const [match] = digests.filter((known) => timingSafeEqual(known.digest, digest))
      if (match === undefined) throw new R3SessionError('invalid_client')
      return match.name
    },
  }
}

/** The text after `Bearer`, RFC 6750; `undefined` when there is none. */
function bearer(ctx: Context): string | undefined {
  return /^bearer +(\S.*?)\s*$/i.exec(ctx.get('authorization'))?.[1]
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
