import { type ErrorCode, R3SessionError, storeErrors } from './errors.js'
import { type Report, swallow } from './events.js'
import type { Clock, SessionRepository } from './ports.js'
import { isAlive, type Lifetime, type Session, seen } from './session.js'

/** Characters of an r3session. Of those that have as many, the store knows which are one. */
const TOKEN_LENGTH = 128

/** What asking for the session of a token can fail with. */
export const authenticateErrors = ['invalid_session', ...storeErrors] as const satisfies readonly ErrorCode[]

/**
 * Says whose token this is, and counts the call as a use of the session.
 *
 * Unknown, malformed, expired and ended tokens fail alike, with `invalid_session`. A store that can't be read fails
 * with `storage_unavailable`: never a yes in doubt.
 */
export function createAuthenticate(deps: {
  sessions: Pick<SessionRepository, 'find' | 'touch'>
  lifetime: Lifetime
  clock: Clock
  report: Report
}) {
  const lives = (session: Session) => isAlive(session, deps.clock())
  /** Whether the use of it now is too close to the last one to be recorded. */
  const isRecorded = (session: Session) => seen(session, deps.lifetime, deps.clock()) === session
  const recordingFailed = swallow(deps.report, 'recording the last use of a session')
  let recording: Promise<void> | undefined

  return async (token: string): Promise<Session> => {
    const stored =
      token.length === TOKEN_LENGTH ? await deps.sessions.find(token, lives, isRecorded) : undefined
    const now = deps.clock()
    if (stored === undefined || !isAlive(stored, now)) throw new R3SessionError('invalid_session')
    const session = seen(stored, deps.lifetime, now)
    if (session === stored) return stored
    // Lifetimes may have been shortened since the last use.
    if (!isAlive(session, now)) throw new R3SessionError('invalid_session')
    // Nobody waits for this write: a store that is busy, or can read and not write (a full disk, say), must not keep
    // sessions that exist from being used. This one then just does not slide any further.
    const recorded = deps.sessions.touch(token, session)
    if (recorded !== recording) {
      // Many uses may be recorded together. Their failure is one, and so is what waits for it.
      recording = recorded
      recorded.catch(recordingFailed)
    }
    return session
  }
}

export type Authenticate = ReturnType<typeof createAuthenticate>
