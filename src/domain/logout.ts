import type { SessionRepository } from './ports.js'

/**
 * Ends the session of a token. A token that is no session is none afterwards either, so that is no error.
 * Fails with `storage_unavailable` when the store can't confirm it.
 */
export function createLogout(deps: { sessions: SessionRepository }) {
  return (token: string): Promise<void> => deps.sessions.delete(token)
}

export type Logout = ReturnType<typeof createLogout>
