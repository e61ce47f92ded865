/** The limits that go by the address of the client. */
import { type ErrorCode, R3SessionError, storeErrors } from '../../domain/errors.js'
import { type Limit, noLimit } from '../../domain/limits/limit.js'
import { type Asked, header } from '../http/asked.js'
import { clientAddress, type TrustedProxies } from '../http/client-address.js'
import type { Log } from '../log/logger.js'
import { networkOf } from './network.js'

/** What a route that counts by address can fail with, beyond what it fails with anyway. */
export const limitErrors = ['rate_limited', ...storeErrors] as const satisfies readonly ErrorCode[]

export interface AddressLimits {
  /** Counts a login, and fails with `limitErrors` where there were too many. */
  readonly countLogin: (asked: Asked) => Promise<void>
  /** What a wrong service key is answered with, instead of this error. */
  readonly refuseKey: (asked: Asked, error: R3SessionError) => Promise<R3SessionError>
}

/**
 * Clients are told apart by their address, those of IPv6 by their /64, which one household or machine has. Where no
 * address of a client is known there is no limit: all would share one, and one could lock out all. That is so for private
 * addresses, behind which there is a proxy that `TRUST_PROXY` does not name, or somebody of ours; the log says so once.
 *
 * A right key is a right key also where too many wrong ones came from: many services may share one address, and one of
 * them with an old key, or anybody else there, would cut off all the others. What keeps keys from being guessed is their
 * length, 32 characters and more; this limit tells an old key's owner to wait, and the operator that somebody tries.
 */
export function createAddressLimits(deps: {
  logins: Limit
  keyFailures: Limit
  trusted: TrustedProxies
  log: Pick<Log, 'info'>
  /** Whether nobody has to be told: a sandbox is asked by the machine that it is on. */
  isSandbox: boolean
}): AddressLimits {
  let isSaid = deps.isSandbox

  /** Whose allowance it is; `undefined` where that can't be told, or there is no limit. */
  function clientOf({ request }: Asked, limit: Limit): string | undefined {
    if (limit === noLimit) return undefined
    const address = clientAddress(request, deps.trusted)
    const client = networkOf(address, deps.trusted)
    if (client === undefined && !isSaid) {
      isSaid = true
      const advice = 'if that is a proxy, name it in TRUST_PROXY'
      deps.log.info(
        { client: address, advice },
        'no limits by address for clients that come from a private one',
      )
    }
    return client
  }

  return {
    async countLogin(asked) {
      const client = clientOf(asked, deps.logins)
      if (client === undefined) return
      const left = await deps.logins(client)
      left.check()
      void left.take()
    },

    async refuseKey(asked, error) {
      // Who sent no key tried none.
      const client = header(asked, 'authorization') === '' ? undefined : clientOf(asked, deps.keyFailures)
      if (client === undefined) return error
      try {
        const left = await deps.keyFailures(client)
        left.check()
        void left.take()
        return error
      } catch (refusal) {
        // A store that can't be asked makes no key right.
        return refusal instanceof R3SessionError && refusal.code === 'rate_limited' ? refusal : error
      }
    },
  }
}
