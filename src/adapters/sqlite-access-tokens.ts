import type { AccessTokenRepository, Sealer } from '../domain/ports.js'
import type { Store } from './sqlite-store.js'

/** An AccessTokenRepository in SQLite; the tokens are sealed. */
export function createSqliteAccessTokens({ db, read, write }: Store, sealer: Sealer): AccessTokenRepository {
  const selectToken = db
    .prepare<[string], string | null>('SELECT sealed_token FROM access_tokens WHERE appid = ?')
    .pluck()

  return {
    async read(appid) {
      const sealed = await read(() => selectToken.get(appid))
      const token = sealed ? sealer.open(sealed, placeOf(appid)) : undefined
      return token === undefined ? undefined : JSON.parse(token)
    },

    claim: (appid, now, until) => write('claimToken', appid, now, until),

    write: (appid, { accessToken, expiresAt, refreshAt }) => {
      const token = JSON.stringify({ accessToken, expiresAt, refreshAt })
      return write('writeToken', appid, sealer.seal(token, placeOf(appid)))
    },

    release: (appid) => write('releaseToken', appid),
  }
}

function placeOf(appid: string): string {
  return JSON.stringify(['access_tokens', appid])
}
