import { createHash } from 'node:crypto'
import { liveKeys } from '../../../domain/key-ring.js'
import type { Clock, KeyRingRepository, SessionRepository } from '../../../domain/ports.js'
import { isAlive, type UserKey } from '../../../domain/session.js'
import { listedSession } from '../services.js'

/**
 * What the service has on record for a token, for the inspection routes of a sandbox. It shows no session_key, only a
 * fingerprint that tells one from another. Looking does not count as use of the session.
 *
 * @param weixinKey the key that is valid at WeChat for a user now, if any
 */
export function createServerView(deps: {
  sessions: Pick<SessionRepository, 'find' | 'list'>
  keyRings: Pick<KeyRingRepository, 'keys'>
  weixinKey: (user: UserKey) => string | undefined
  clock: Clock
}) {
  const { sessions, keyRings, weixinKey, clock } = deps
  return async (token: string) => {
    const now = clock()
    const session = await sessions.find(token)
    if (session === undefined || !isAlive(session, now)) return nothing
    const [others, ring] = await Promise.all([sessions.list(session, now), keyRings.keys(session)])
    const { appid, openid, unionid } = session
    return {
      session: { ...listedSession(session), appid, openid, ...(unionid === undefined ? {} : { unionid }) },
      sessions: others.map(listedSession),
      ring: liveKeys(ring, now).map(({ key, at, replacedAt }) => ({
        fingerprint: fingerprint(key),
        at: iso(at),
        ...(replacedAt === undefined ? {} : { replacedAt: iso(replacedAt) }),
      })),
      weixinKey: fingerprint(weixinKey(session)),
    }
  }
}

/** How much the service has of a user, for the shop of a sandbox to show what forgetting leaves. */
export function createKeptCount(deps: {
  sessions: Pick<SessionRepository, 'list'>
  keyRings: Pick<KeyRingRepository, 'keys'>
  clock: Clock
}) {
  return async (user: UserKey) => {
    const [sessions, ring] = await Promise.all([
      deps.sessions.list(user, deps.clock()),
      deps.keyRings.keys(user),
    ])
    return { sessions: sessions.length, sessionKeys: ring.length }
  }
}

export type ServerView = ReturnType<typeof createServerView>

const nothing = { session: null, sessions: [], ring: [], weixinKey: null }

function iso(time: number): string {
  return new Date(time).toISOString()
}

/** A key has 128 random bits: nobody finds it by trying. */
function fingerprint(key: string | undefined): string | null {
  return key === undefined ? null : createHash('sha256').update(key).digest('hex').slice(0, 8)
}
