import { R3SessionError } from '#src/domain/errors.js'
import { type KeyRing, withKey } from '#src/domain/key-ring.js'
import type { LoginAnswer, LoginAttempt, SessionRepository } from '#src/domain/ports.js'
import { isAlive, type Session, type UserKey } from '#src/domain/session.js'

interface Attempt {
  readonly key: string
  readonly claimedUntil: number
  readonly forgottenAt: number
  readonly answer?: LoginAnswer
}

/**
 * A SessionRepository in memory that passes the port's suites. After `breakDown()` every method fails with
 * `storage_unavailable`.
 */
export function createFakeSessions() {
  const sessions = new Map<string, Session>()
  const rings = new Map<string, KeyRing>()
  const endedEpochs = new Map<string, number>()
  const attempts = new Map<string, Attempt>()
  const nameOf = ({ appid, openid }: UserKey) => JSON.stringify([appid, openid])
  const codeOf = ({ appid, code }: LoginAttempt) => JSON.stringify([appid, code])
  let epoch = 0
  let broken = false

  function checkAvailable(): void {
    if (broken) throw new R3SessionError('storage_unavailable', { cause: new Error('BROKEN_DOWN') })
  }

  /** Tokens and sessions of a user that live at `now`, the latest first. */
  function liveSessions(user: UserKey, now: number): [token: string, session: Session][] {
    return [...sessions]
      .filter(([, session]) => nameOf(session) === nameOf(user) && isAlive(session, now))
      .sort(([, one], [, other]) => other.createdAt - one.createdAt)
  }

  function giveUp(attempt: LoginAttempt): void {
    const known = attempts.get(codeOf(attempt))
    if (known?.key === attempt.key && known.answer === undefined) attempts.delete(codeOf(attempt))
  }

  return {
    breakDown(): void {
      broken = true
    },

    async save({ token, session, sessionKey, epoch: began, maxSessions, attempt }) {
      checkAvailable()
      const user = nameOf(session)
      const claimed = attempt && attempts.get(codeOf(attempt))
      rings.set(user, withKey(rings.get(user) ?? [], sessionKey, session.createdAt))
      if ((endedEpochs.get(user) ?? 0) > began) {
        if (attempt) giveUp(attempt)
        throw new R3SessionError('invalid_session')
      }
      const others = liveSessions(session, session.createdAt).filter(([other]) => other !== token)
      for (const [other] of others.slice(maxSessions - 1)) sessions.delete(other)
      sessions.set(token, session)
      if (attempt && claimed?.key === attempt.key) {
        const answer = { r3session: token, expiresAt: session.expiresAt }
        attempts.set(codeOf(attempt), { ...claimed, answer })
      }
    },

    async epoch() {
      checkAvailable()
      return epoch
    },

    async find(token) {
      checkAvailable()
      return sessions.get(token)
    },

    async touch(token, { lastSeenAt, expiresAt }) {
      checkAvailable()
      const session = sessions.get(token)
      if (session !== undefined) sessions.set(token, { ...session, lastSeenAt, expiresAt })
    },

    async delete(token) {
      checkAvailable()
      sessions.delete(token)
    },

    async list(user, now) {
      checkAvailable()
      return liveSessions(user, now).map(([, session]) => session)
    },

    async endAll(user, now) {
      checkAvailable()
      endedEpochs.set(nameOf(user), ++epoch)
      const live = liveSessions(user, now).length
      for (const [token, session] of sessions) {
        if (nameOf(session) === nameOf(user)) sessions.delete(token)
      }
      return live
    },

    async replaceKey(user, { replaces, sessionKey, now }) {
      checkAvailable()
      const ring = rings.get(nameOf(user))
      const [newest, ...older] = ring ?? []
      if (ring === undefined || newest === undefined) return
      if (sessionKey !== undefined) rings.set(nameOf(user), withKey(ring, sessionKey, now))
      else if (newest.key === replaces) rings.set(nameOf(user), [{ replacedAt: now, ...newest }, ...older])
    },

    async claim(attempt, { now, until, forgottenAt }) {
      checkAvailable()
      const name = codeOf(attempt)
      const stored = attempts.get(name)
      const known = stored !== undefined && now < stored.forgottenAt ? stored : undefined
      if (known !== undefined && known.key !== attempt.key) return 'taken'
      if (known?.answer !== undefined) return known.answer
      if (known !== undefined && now < known.claimedUntil) return 'running'
      const remembered = Math.max(known?.forgottenAt ?? forgottenAt, until)
      attempts.set(name, { key: attempt.key, claimedUntil: until, forgottenAt: remembered })
      return 'first'
    },

    async abandon(attempt) {
      checkAvailable()
      giveUp(attempt)
    },

    async keys(user) {
      checkAvailable()
      return rings.get(nameOf(user)) ?? []
    },

    async ready() {
      checkAvailable()
    },
  } satisfies SessionRepository & { breakDown(): void }
}

export type FakeSessions = ReturnType<typeof createFakeSessions>
