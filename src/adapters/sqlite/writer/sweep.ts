import type { UserKey } from '../../../domain/session.js'
import type { Database } from '../driver.js'

/** Rows that one step of the sweep looks at: about 4 ms of work, which is what a login may have to wait for it. */
const SWEEP_STEP = 100

/**
 * What a step of the sweep found: how far it came, to be given as `after` to the next step, or `null` at the end; and
 * when the first of the rows it passed will end.
 */
export interface SweepStep<Place> {
  readonly last: Place | null
  readonly soonest: number | null
}

/** The steps of the sweep through each table, in the order the rows lie on disk, deleting what is over at `now`. */
export function createSweepWriter(db: Database) {
  function expiredIn(table: 'sessions' | 'login_attempts', key: 'token_hash' | 'code_hash') {
    const look = db.prepare<[{ after: Uint8Array; now: number }], SweepStep<Uint8Array>>(
      `SELECT max(${key}) AS last, min(expires_at) FILTER (WHERE expires_at > @now) AS soonest FROM
       (SELECT ${key}, expires_at FROM ${table} WHERE ${key} > @after ORDER BY ${key} LIMIT ${SWEEP_STEP})`,
    )
    const deleteExpired = db.prepare(
      `DELETE FROM ${table} WHERE ${key} > @after AND ${key} <= @last AND expires_at <= @now`,
    )
    return (after: Uint8Array, now: number): SweepStep<Uint8Array> => {
      const { last = null, soonest = null } = look.get({ after, now }) ?? {}
      if (last !== null) deleteExpired.run({ after, last, now })
      return { last, soonest }
    }
  }

  const lastUserOfStep = db.prepare<[UserKey], UserKey>(
    `SELECT appid, openid FROM
     (SELECT appid, openid FROM users WHERE (appid, openid) > (@appid, @openid)
      ORDER BY appid, openid LIMIT ${SWEEP_STEP})
     ORDER BY appid DESC, openid DESC LIMIT 1`,
  )
  const ofStep = '(appid, openid) > (?, ?) AND (appid, openid) <= (?, ?)'
  const deleteUnneeded = db.prepare(
    `DELETE FROM users WHERE ${ofStep} AND (ended_epoch = 0 OR ended_until <= ?) AND NOT EXISTS
     (SELECT 1 FROM sessions WHERE sessions.appid = users.appid AND sessions.openid = users.openid)`,
  )
  const soonestForgotten = db
    .prepare<[string, string, string, string, number], number | null>(
      `SELECT min(ended_until) FROM users WHERE ${ofStep} AND ended_epoch > 0 AND ended_until > ?`,
    )
    .pluck()

  return {
    sweepSessions: expiredIn('sessions', 'token_hash'),
    sweepAttempts: expiredIn('login_attempts', 'code_hash'),

    /** Deletes the users that neither a session nor a login under way needs. */
    sweepUsers(after: UserKey, now: number): SweepStep<UserKey> {
      const last = lastUserOfStep.get(after)
      if (last === undefined) return { last: null, soonest: null }
      const step = [after.appid, after.openid, last.appid, last.openid, now] as const
      deleteUnneeded.run(...step)
      return { last, soonest: soonestForgotten.get(...step) ?? null }
    },
  }
}
