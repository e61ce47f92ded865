import type { Database } from '../driver.js'
import { withoutSync } from '../file/open-file.js'

/** What changes access_tokens. None of it waits for the disk: WeChat gives the same token again. */
export function createTokenWriter(db: Database) {
  const claim = db.prepare(
    `INSERT INTO access_tokens (appid, claimed_until) VALUES (@appid, @until)
     ON CONFLICT DO UPDATE SET claimed_until = excluded.claimed_until WHERE claimed_until <= @now`,
  )
  const put = db.prepare('INSERT OR REPLACE INTO access_tokens VALUES (?, ?, 0)')
  const release = db.prepare('UPDATE access_tokens SET claimed_until = 0 WHERE appid = ?')

  return {
    claimToken: (appid: string, now: number, until: number): boolean =>
      withoutSync(db, () => claim.run({ appid, now, until }).changes > 0),

    putToken(appid: string, sealed: string): void {
      withoutSync(db, () => put.run(appid, sealed))
    },

    releaseToken(appid: string): void {
      withoutSync(db, () => release.run(appid))
    },
  }
}
