import { R3SessionError } from './errors.js'
import type { Clock, SessionRepository } from './ports.js'
import { isAlive, type Lifetime, type Session, seen } from './session.js'

const TOKEN = /^[0-9a-f]{128}$/

/**
 * Says whose token this is, and counts the call as a use of the session.
 *
 * Unknown, malformed, expired and ended tokens fail alike, with `invalid_session`. A store that can't be read fails
 * with `storage_unavailable`: never a yes in doubt.
 */
export function createAuthenticate(deps: { sessions: SessionRepository; lifetime: Lifetime; clock: Clock }) {
  return async (token: string): Promise<Session> => {
    const stored = TOKEN.test(token) ? await deps.sessions.find(token) : undefined
    const now = deps.clock()
    if (stored === undefined || !isAlive(stored, now)) throw new R3SessionError('invalid_session')
    const session = seen(stored, deps.lifetime, now)
    if (session === stored) return stored
    try {
      await deps.sessions.touch(token, session)
      return session
    } catch (error) {
      // A store that can read but not write (a full disk, say) must not end sessions that exist: this one just
      // does not slide any further.
      if (error instanceof R3SessionError && error.code === 'storage_unavailable') return stored
      throw error
    }
  }
}

export type Authenticate = ReturnType<typeof createAuthenticate>
