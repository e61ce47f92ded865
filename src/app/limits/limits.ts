import { createLimit, type LimitName } from '../../domain/limits/limit.js'
import type { Config } from '../config/config.js'
import { createAddressLimits } from './address-limits.js'

/** The limits of the settings. */
export function createLimits(
  { limits, trustedProxies: trusted }: Pick<Config, 'limits' | 'trustedProxies'>,
  deps: Omit<Parameters<typeof createLimit>[1], 'most'> &
    Pick<Parameters<typeof createAddressLimits>[0], 'log' | 'isSandbox'>,
) {
  const limit = (name: LimitName, most: number) => createLimit(name, { ...deps, most })
  return {
    /** By appid and openid. */
    failureLimit: limit('decrypt_failures', limits.decryptFailures),
    addressLimits: createAddressLimits({
      ...deps,
      logins: limit('logins', limits.logins),
      keyFailures: limit('key_failures', limits.keyFailures),
      trusted,
    }),
  }
}
