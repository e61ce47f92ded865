import { type ErrorCode, storeErrors } from './errors.js'
import type { Report } from './events.js'
import type { SessionRepository } from './ports.js'

/** What a logout can fail with. */
export const logoutErrors = storeErrors satisfies readonly ErrorCode[]

/**
 * Ends the session of a token. A token that is no session is none afterwards either, so that is no error.
 * Fails with `storage_unavailable` when the store can't confirm it.
 */
export function createLogout(deps: { sessions: Pick<SessionRepository, 'delete'>; report: Report }) {
  return async (token: string): Promise<void> => {
    const ended = await deps.sessions.delete(token)
    if (ended === undefined) return
    const { appid, openid } = ended
    deps.report({ type: 'sessions_ended', user: { appid, openid }, reason: 'logout', count: 1 })
  }
}

export type Logout = ReturnType<typeof createLogout>
