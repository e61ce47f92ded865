import type { FinishedAttempt, HashedAttempt, RawStore } from '#src/adapters/store/raw-store.js'
import type { Count } from '#src/domain/limits/counters.js'
import { isAlive, type Session, type UserKey } from '#src/domain/session.js'
import { breakable, type StepsOf } from './breakable.js'

type Attempt = { key: string; leaseUntil: number; until: number } & Partial<FinishedAttempt>

const hex = (hash: Uint8Array) => Buffer.from(hash).toString('hex')
const nameOf = ({ appid, openid }: UserKey) => JSON.stringify([appid, openid])

/** A raw store of Maps: the least that an engine has to do. After `breakDown()` every method fails. */
export function createMapStore(): RawStore & { breakDown(): void } {
  const sessions = new Map<string, Session>()
  const attempts = new Map<string, Attempt>()
  const [rings, tokens] = [new Map<string, string>(), new Map<string, string>()]
  const [endings, claims] = [new Map<string, number>(), new Map<string, number>()]
  const counts = new Map<string, Count>()
  let epoch = 0

  const of = (user: UserKey) => [...sessions].filter(([, session]) => nameOf(session) === nameOf(user))
  const live = (user: UserKey, now: number) =>
    of(user)
      .filter(([, session]) => isAlive(session, now))
      .sort(([, one], [, other]) => other.createdAt - one.createdAt)
  const end = (hash: string) => {
    const session = sessions.get(hash)
    if (sessions.delete(hash)) epoch++
    return session
  }
  const claimed = ({ codeHash, keyHash }: HashedAttempt) =>
    [attempts.get(hex(codeHash))].find((known) => known?.key === hex(keyHash))
  const isOpen = (attempt: HashedAttempt) =>
    [claimed(attempt)].some((known) => known && known.sealedAnswer === undefined)

  const steps: StepsOf<Omit<RawStore, 'findWithEpoch' | 'isDistant'>> = {
    save({ tokenHash, session, ring, epoch: began, maxSessions, attempt }) {
      const ended = (endings.get(nameOf(session)) ?? 0) > began
      const isForgotten = ended && !rings.has(nameOf(session))
      if (!isForgotten && steps.putRing(session, ring) === 'outdated') return 'outdated'
      if (attempt) ended ? steps.abandon(attempt) : steps.finish(attempt)
      if (ended) return 'ended'
      const others = live(session, session.createdAt).filter(([hash]) => hash !== hex(tokenHash))
      const oldest = others.slice(maxSessions - 1)
      for (const [hash] of oldest) end(hash)
      sessions.set(hex(tokenHash), session)
      return { madeRoom: oldest.length }
    },
    epoch: () => epoch,
    find: (tokenHash) => sessions.get(hex(tokenHash)),
    touch(tokenHash, times) {
      const session = sessions.get(hex(tokenHash))
      if (session && session.lastSeenAt <= times.lastSeenAt)
        sessions.set(hex(tokenHash), { ...session, ...times })
      return session !== undefined
    },
    delete: (tokenHash) => end(hex(tokenHash)),
    list: (user, now) => live(user, now).map(([, session]) => session),
    endOne: (user, id) => of(user).some(([hash, session]) => session.id === id && end(hash)),
    endAll(user, { now, forget }) {
      const ended = live(user, now).length
      for (const [hash] of of(user)) sessions.delete(hash)
      endings.set(nameOf(user), ++epoch)
      if (forget) rings.delete(nameOf(user))
      for (const [code, { user: whose }] of attempts)
        if (forget && whose && nameOf(whose) === nameOf(user)) attempts.delete(code)
      return ended
    },
    ring: (user) => rings.get(nameOf(user)),
    putRing(user, { sealed, replaces }) {
      if (rings.get(nameOf(user)) !== replaces) return 'outdated'
      return rings.set(nameOf(user), sealed) && 'saved'
    },
    claim(attempt, { now, leaseUntil, rememberUntil }) {
      const known = [attempts.get(hex(attempt.codeHash))].find((each) => each && now < each.until)
      if (known && !claimed(attempt)) return 'taken'
      if (known?.sealedAnswer !== undefined) return { sealedAnswer: known.sealedAnswer }
      if (known && now < known.leaseUntil) return 'running'
      const until = known?.until ?? rememberUntil
      return attempts.set(hex(attempt.codeHash), { key: hex(attempt.keyHash), leaseUntil, until }) && 'first'
    },
    finish(attempt) {
      if (rings.has(nameOf(attempt.user))) Object.assign(claimed(attempt) ?? {}, attempt)
      else steps.abandon(attempt)
    },
    abandon: (attempt) => void (isOpen(attempt) && attempts.delete(hex(attempt.codeHash))),
    token: (appid) => tokens.get(appid),
    claimToken: (appid, now, until) => now >= (claims.get(appid) ?? now) && Boolean(claims.set(appid, until)),
    putToken: (appid, sealed) => void (tokens.set(appid, sealed) && claims.delete(appid)),
    releaseToken: (appid) => void claims.delete(appid),
    count: () => sessions.size,
    counted: (name) => counts.get(hex(name)),
    addCounts: (additions) =>
      additions.map(({ name, count, now, until }) => {
        const known = [counts.get(hex(name))].find((each) => each && each.until > now && each.until <= until)
        const sum = { count: (known?.count ?? 0) + count, until: known?.until ?? until }
        counts.set(hex(name), sum)
        return sum
      }),
    ready: () => {},
  }
  return breakable(steps)
}
