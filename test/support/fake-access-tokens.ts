import { R3SessionError } from '#src/domain/errors.js'
import type { AccessToken, AccessTokenRepository } from '#src/domain/ports.js'

/**
 * An AccessTokenRepository in memory that passes the port's suite. After `breakDown()` every method fails with
 * `storage_unavailable`.
 */
export function createFakeAccessTokens() {
  const tokens = new Map<string, AccessToken>()
  const claims = new Map<string, number>()
  let broken = false

  function checkAvailable(): void {
    if (broken) throw new R3SessionError('storage_unavailable', { cause: new Error('BROKEN_DOWN') })
  }

  return {
    breakDown(): void {
      broken = true
    },

    async read(appid) {
      checkAvailable()
      return tokens.get(appid)
    },

    async claim(appid, now, until) {
      checkAvailable()
      if (now < (claims.get(appid) ?? now)) return false
      claims.set(appid, until)
      return true
    },

    async write(appid, token) {
      checkAvailable()
      tokens.set(appid, token)
      claims.delete(appid)
    },

    async release(appid) {
      checkAvailable()
      claims.delete(appid)
    },
  } satisfies AccessTokenRepository & { breakDown(): void }
}

export type FakeAccessTokens = ReturnType<typeof createFakeAccessTokens>
