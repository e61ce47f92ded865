import type { Clock, SessionRepository } from './ports.js'
import { isAlive, type Session, type UserKey } from './session.js'

/** What a team's other services may do with the sessions of a user. Fails with `storage_unavailable`. */
export function createUserSessions(deps: { sessions: SessionRepository; clock: Clock }) {
  return {
    /** The live sessions, the latest first. */
    async list(user: UserKey): Promise<readonly Session[]> {
      const now = deps.clock()
      const sessions = await deps.sessions.list(user, now)
      return sessions.filter((session) => isAlive(session, now))
    },

    /** Ends them all, logins under way included; tells how many there were. */
    endAll: (user: UserKey): Promise<number> => deps.sessions.endAll(user, deps.clock()),
  }
}

export type UserSessions = ReturnType<typeof createUserSessions>
