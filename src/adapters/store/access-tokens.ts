import type { AccessTokenRepository, Sealer } from '../../domain/ports.js'
import type { RawStore } from './raw-store.js'

/** An AccessTokenRepository over any raw store; tokens are sealed, each for its own app. */
export function createAccessTokenRepository(raw: RawStore, sealer: Sealer): AccessTokenRepository {
  return {
    async read(appid) {
      const sealed = await raw.token(appid)
      const token = sealed === undefined ? undefined : sealer.open(sealed, placeOf(appid))
      return token === undefined ? undefined : JSON.parse(token)
    },

    claim: (appid, now, until) => raw.claimToken(appid, now, until),

    write: (appid, { accessToken, expiresAt, refreshAt }) =>
      raw.putToken(appid, sealer.seal(JSON.stringify({ accessToken, expiresAt, refreshAt }), placeOf(appid))),

    release: (appid) => raw.releaseToken(appid),
  }
}

function placeOf(appid: string): string {
  return JSON.stringify(['access_tokens', appid])
}
