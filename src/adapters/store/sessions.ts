import { R3SessionError } from '../../domain/errors.js'
import { withKey } from '../../domain/key-ring.js'
import type { LoginAnswer, Sealer, SessionRepository } from '../../domain/ports.js'
import { finished } from './attempts.js'
import { hashOf, hashOfAttempt } from './hashes.js'
import { changeRing } from './key-rings.js'
import type { RawStore } from './raw-store.js'
import { createSessionCache } from './session-cache.js'

/** A SessionRepository over any raw store; tokens reach it as SHA-256 only. */
export function createSessions(raw: RawStore, sealer: Sealer): SessionRepository {
  return {
    async save({ token, session, sessionKey, attempt, epoch, maxSessions }) {
      const answer: LoginAnswer = { r3session: token, expiresAt: session.expiresAt }
      const login = {
        tokenHash: hashOf(token),
        session,
        epoch,
        maxSessions,
        ...(attempt && { attempt: finished(hashOfAttempt('login', attempt), session, answer, sealer) }),
      }
      const outcome = await changeRing(
        raw,
        sealer,
        session,
        (ring) => withKey(ring, sessionKey, session.createdAt),
        (ring) => raw.save({ ...login, ring }),
      )
      if (typeof outcome !== 'object') throw new R3SessionError('invalid_session')
      return outcome
    },

    epoch: () => raw.epoch(),
    ...createSessionCache(raw),
    delete: (token) => raw.delete(hashOf(token)),
    list: ({ appid, openid }, now) => raw.list({ appid, openid }, now),
    endOne: ({ appid, openid }, id) => raw.endOne({ appid, openid }, id),
    endAll: ({ appid, openid }, when) => raw.endAll({ appid, openid }, { ...when, forget: false }),
    forget: ({ appid, openid }, when) => raw.endAll({ appid, openid }, { ...when, forget: true }),
    ready: () => raw.ready(),
  }
}
