import type { Database } from '../driver.js'

/** How much is in a database, for whoever wants to see that it is what they meant. */
export interface Contents {
  readonly sessions: number
  /** Those of whom a ring of session keys is kept. */
  readonly users: number
}

export function contentsOf(db: Database): Contents {
  const count = (sql: string) => Number(db.prepare(sql).pluck().get())
  return {
    sessions: count('SELECT count(*) FROM sessions'),
    users: count('SELECT count(*) FROM users WHERE sealed_keys IS NOT NULL'),
  }
}
