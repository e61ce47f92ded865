/** A user as WeChat names one: the same person has another openid in every mini program. */
export interface UserKey {
  readonly appid: string
  readonly openid: string
}

/**
 * What a login leaves behind. The token that opens it is not part of it: whoever holds a Session can't become one.
 * All times are milliseconds since 1970.
 */
export interface Session extends UserKey {
  /** Public name of the session in lists; 32 hex digits, no token. */
  readonly id: string
  /** Only for mini programs bound to an Open Platform account. */
  readonly unionid?: string
  readonly createdAt: number
  readonly lastSeenAt: number
  /** From this instant on the session is over. */
  readonly expiresAt: number
}

/** How long sessions live, in milliseconds: `ttl` unused (sliding), `maxAge` at most (absolute). */
export interface Lifetime {
  readonly ttl: number
  readonly maxAge: number
}

/** A session that begins now. */
export function beginSession(
  user: UserKey & { readonly unionid?: string },
  id: string,
  lifetime: Lifetime,
  now: number,
): Session {
  return { ...user, id, createdAt: now, lastSeenAt: now, expiresAt: endOf(now, now, lifetime) }
}

export function isAlive(session: Session, now: number): boolean {
  return now < session.expiresAt
}

/**
 * The session after a use at `now`, or the very same object when the use is too close to the last recorded one to be
 * worth a write. A session may therefore end early, by at most a hundredth of its ttl and never by more than a minute.
 */
export function seen(session: Session, lifetime: Lifetime, now: number): Session {
  if (now - session.lastSeenAt < Math.min(60_000, lifetime.ttl / 100)) return session
  return { ...session, lastSeenAt: now, expiresAt: endOf(session.createdAt, now, lifetime) }
}

function endOf(createdAt: number, lastSeenAt: number, { ttl, maxAge }: Lifetime): number {
  return Math.min(lastSeenAt + ttl, createdAt + maxAge)
}
