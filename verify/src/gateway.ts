import { createHash, timingSafeEqual } from 'node:crypto'
import { VerifyError } from './error.js'
import { headerOf } from './headers.js'
import type { Caller, Verify } from './types.js'

/**
 * Believes the `X-WX-` headers of a request that carries one of the secrets. They have no signature, so without it
 * whoever reaches the port could be anybody.
 */
export function believeGateway(secrets: readonly string[]): Verify {
  const known = secrets.map(digest)
  return async (headers) => {
    const sent = digest(headerOf(headers, 'x-gateway-secret'))
    // Digests have one length, and comparing them takes one time.
    if (!known.some((one) => timingSafeEqual(one, sent)))
      throw new VerifyError('invalid_session', 'the request did not come through the gateway')

    const [openid, appid] = [headerOf(headers, 'x-wx-openid'), headerOf(headers, 'x-wx-appid')]
    const unionid = headerOf(headers, 'x-wx-unionid')
    const isWhole = [openid, appid, unionid || 'none'].every((value) => /^[\w-]+$/.test(value))
    // A value that came twice has a comma: the gateway adds to what the client sent, and does not replace it.
    if (headerOf(headers, 'x-wx-source') !== 'wx_client' || !isWhole)
      throw new VerifyError('invalid_session', 'the gateway names nobody, or two at once')
    return { openid, appid, ...(unionid !== '' && { unionid }) } satisfies Caller
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
