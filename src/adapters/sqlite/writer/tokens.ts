import type { Database } from '../driver.js'

/** What changes access_tokens. */
export function createTokenWriter(db: Database) {
  const claim = db.prepare(
    `INSERT INTO access_tokens (appid, claimed_until) VALUES (@appid, @until)
     ON CONFLICT DO UPDATE SET claimed_until = excluded.claimed_until WHERE claimed_until <= @now`,
  )
  const put = db.prepare('INSERT OR REPLACE INTO access_tokens VALUES (?, ?, 0)')
  const release = db.prepare('UPDATE access_tokens SET claimed_until = 0 WHERE appid = ?')

  return {
    claimToken: (appid: string, now: number, until: number): boolean =>
      claim.run({ appid, now, until }).changes > 0,

    putToken(appid: string, sealed: string): void {
      put.run(appid, sealed)
    },

    releaseToken(appid: string): void {
      release.run(appid)
    },
  }
}
