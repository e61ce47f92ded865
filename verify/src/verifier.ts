import { checkNumber, checkSecret, checkUrl, refuseOptions } from './check.js'
import { VerifyError } from './error.js'
import { believeGateway } from './gateway.js'
import { type HeadersLike, headerOf } from './headers.js'
import { createIntrospection } from './introspection.js'
import type { GatewayOptions, IntrospectionOptions, Verify } from './types.js'

/** Makes the function that tells who is calling. Throws a TypeError that says what is wrong with the options. */
export function createVerifier(options: IntrospectionOptions | GatewayOptions): Verify {
  if (typeof options !== 'object' || options === null) return refuseOptions('options are missing')
  if ('gatewaySecret' in options) {
    if ('url' in options) return refuseOptions('either url and key, or gatewaySecret')
    const secrets = [options.gatewaySecret].flat()
    if (secrets.length === 0) return refuseOptions('gatewaySecret is empty')
    for (const secret of secrets) checkSecret('gatewaySecret', secret)
    return believeGateway(secrets)
  }

  const {
    url,
    key,
    cacheMaxAge = 5000,
    cacheSize = 10_000,
    timeout = 2000,
    onUnavailable = warnOnce(),
    clock = () => performance.now(),
  } = options
  checkUrl(url)
  checkSecret('key', key)
  checkNumber('cacheMaxAge', cacheMaxAge, 0)
  checkNumber('cacheSize', cacheSize, 0)
  checkNumber('timeout', timeout, 1)
  const ask = createIntrospection({ url, key, cacheMaxAge, cacheSize, timeout, onUnavailable, clock })

  return async (headers) => ask(tokenOf(headers))
}

/** The r3session of a request. What can't be one is refused here, so that it costs r3session nothing. */
function tokenOf(headers: HeadersLike): string {
  const authorization = headerOf(headers, 'authorization')
  if (authorization === '') throw new VerifyError('unauthorized', 'the request has no Authorization header')
  const [, token] = /^[Bb][Ee][Aa][Rr][Ee][Rr] +([0-9a-f]{128}) *$/.exec(authorization) ?? []
  if (token === undefined)
    throw new VerifyError('invalid_session', 'the Authorization header has no r3session')
  return token
}

/** Warns of each kind of failure once: of every request that met it would be a flood. */
function warnOnce() {
  const warned = new Set<string>()
  return ({ message }: VerifyError) => {
    if (warned.has(message)) return
    warned.add(message)
    process.emitWarning(message, 'R3SessionWarning')
  }
}
