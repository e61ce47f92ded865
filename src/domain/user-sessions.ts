import { type ErrorCode, storeErrors } from './errors.js'
import type { Caller, Report } from './events.js'
import type { Clock, Ending, SessionRepository } from './ports.js'
import { isAlive, type Session, type UserKey } from './session.js'

/**
 * How long an ending is remembered against logins that began before it, in milliseconds: far longer than WeChat takes
 * a login code.
 */
const ENDING_REMEMBERED = 3_600_000

/** What looking at a user's sessions, or ending them, can fail with. */
export const userSessionsErrors = storeErrors satisfies readonly ErrorCode[]

/** What a team's other services may do with the sessions of a user. Fails with `userSessionsErrors`. */
export function createUserSessions(deps: {
  sessions: Pick<SessionRepository, 'list' | 'endOne' | 'endAll' | 'forget'>
  clock: Clock
  report: Report
}) {
  function ending(): Ending {
    const now = deps.clock()
    return { now, rememberUntil: now + ENDING_REMEMBERED }
  }

  function ended(
    what: { user: UserKey; reason: 'all_ended' | 'ended' | 'forgotten'; count: number },
    by: Caller | undefined,
  ): void {
    deps.report({ type: 'sessions_ended', ...what, ...(by && { by }) })
  }

  return {
    /** The live sessions, the latest first. */
    async list(user: UserKey): Promise<readonly Session[]> {
      const now = deps.clock()
      const sessions = await deps.sessions.list(user, now)
      return sessions.filter((session) => isAlive(session, now))
    },

    /** Ends them all, logins under way included; tells how many there were. */
    async endAll({ appid, openid }: UserKey, by?: Caller): Promise<number> {
      const user = { appid, openid }
      const count = await deps.sessions.endAll(user, ending())
      ended({ user, reason: 'all_ended', count }, by)
      return count
    },

    /** Ends the session with this public id; one that is none is none afterwards either. */
    async endOne({ appid, openid }: UserKey, id: string, by?: Caller): Promise<void> {
      const user = { appid, openid }
      const wasThere = await deps.sessions.endOne(user, id)
      ended({ user, reason: 'ended', count: wasThere ? 1 : 0 }, by)
    },

    /** Ends them all and deletes whatever else is kept of the user. */
    async forget({ appid, openid }: UserKey, by?: Caller): Promise<void> {
      const user = { appid, openid }
      const count = await deps.sessions.forget(user, ending())
      ended({ user, reason: 'forgotten', count }, by)
    },
  }
}

export type UserSessions = ReturnType<typeof createUserSessions>
