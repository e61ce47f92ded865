import { R3SessionError } from '#src/domain/errors.js'
import { type KeyRing, withKey } from '#src/domain/key-ring.js'
import type { SessionRepository } from '#src/domain/ports.js'
import type { Session, UserKey } from '#src/domain/session.js'

/**
 * A SessionRepository in memory that passes the port's suite. After `breakDown()` every method fails with
 * `storage_unavailable`.
 */
export function createFakeSessions() {
  const sessions = new Map<string, Session>()
  const rings = new Map<string, KeyRing>()
  const nameOf = ({ appid, openid }: UserKey) => JSON.stringify([appid, openid])
  let broken = false

  function checkAvailable(): void {
    if (broken) throw new R3SessionError('storage_unavailable', { cause: new Error('BROKEN_DOWN') })
  }

  return {
    breakDown(): void {
      broken = true
    },

    async save({ token, session, sessionKey }) {
      checkAvailable()
      const user = nameOf(session)
      sessions.set(token, session)
      rings.set(user, withKey(rings.get(user) ?? [], sessionKey, session.createdAt))
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
