import type { Database } from '../driver.js'

/**
 * Rows that one step of the sweep looks at where some of them are over: 2 ms of work (its CPU time, of 300,000 sessions),
 * which is what a login may have to wait for it. Where none are, it looks at more in the same time.
 */
const SWEEP_STEP = 100
const STEP_WITHOUT_ENDED = 1000

/**
 * What a step of the sweep found: how far it came, to be given as `after` to the next step, or `null` at the end; and
 * when the first of the rows it passed will end.
 */
export interface SweepStep<Place> {
  readonly last: Place | null
  readonly soonest: number | null
}

/** A user by the number of the app. */
export interface StoredUser {
  readonly app: number
  readonly openid: string
}

/** The steps of the sweep through each table, in the order the rows lie on disk, deleting what is over at `now`. */
export function createSweepWriter(db: Database) {
  function expiredIn<Key extends number | Uint8Array>(
    table: 'sessions' | 'login_attempts' | 'counts',
    key: 'hash_head' | 'code_hash' | 'name',
  ) {
    const look = db.prepare<[{ after: Key; now: number; rows: number }], SweepStep<Key> & { ended: number }>(
      `SELECT max(${key}) AS last, min(expires_at) FILTER (WHERE expires_at > @now) AS soonest,
       count(*) FILTER (WHERE expires_at <= @now) AS ended FROM
       (SELECT ${key}, expires_at FROM ${table} WHERE ${key} > @after ORDER BY ${key} LIMIT @rows)`,
    )
    const deleteExpired = db.prepare(
      `DELETE FROM ${table} WHERE ${key} > @after AND ${key} <= @last AND expires_at <= @now`,
    )
    let rows = SWEEP_STEP
    return (after: Key, now: number): SweepStep<Key> => {
      let found = look.get({ after, now, rows })
      if (found && found.ended > SWEEP_STEP) found = look.get({ after, now, rows: SWEEP_STEP })
      const { last = null, soonest = null, ended = 0 } = found ?? {}
      rows = ended > 0 ? SWEEP_STEP : STEP_WITHOUT_ENDED
      if (ended > 0) deleteExpired.run({ after, last, now })
      return { last, soonest }
    }
  }

  const lastUserOfStep = db.prepare<[StoredUser], StoredUser>(
    `SELECT app, openid FROM
     (SELECT app, openid FROM users WHERE (app, openid) > (@app, @openid)
      ORDER BY app, openid LIMIT ${SWEEP_STEP})
     ORDER BY app DESC, openid DESC LIMIT 1`,
  )
  const ofStep = '(app, openid) > (?, ?) AND (app, openid) <= (?, ?)'
  const deleteUnneeded = db.prepare(
    `DELETE FROM users WHERE ${ofStep} AND (ended_epoch = 0 OR ended_until <= ?) AND NOT EXISTS
     (SELECT 1 FROM sessions WHERE sessions.app = users.app AND sessions.openid = users.openid)`,
  )
  const soonestForgotten = db
    .prepare<[number, string, number, string, number], number | null>(
      `SELECT min(ended_until) FROM users WHERE ${ofStep} AND ended_epoch > 0 AND ended_until > ?`,
    )
    .pluck()

  return {
    sweepSessions: expiredIn<number>('sessions', 'hash_head'),
    sweepAttempts: expiredIn<Uint8Array>('login_attempts', 'code_hash'),
    sweepCounts: expiredIn<Uint8Array>('counts', 'name'),

    /** Deletes the users that neither a session nor a login under way needs. */
    sweepUsers(after: StoredUser, now: number): SweepStep<StoredUser> {
      const last = lastUserOfStep.get(after)
      if (last === undefined) return { last: null, soonest: null }
      const step = [after.app, after.openid, last.app, last.openid, now] as const
      deleteUnneeded.run(...step)
      return { last, soonest: soonestForgotten.get(...step) ?? null }
    },
  }
}
