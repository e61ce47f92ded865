import { hash } from 'node:crypto'
import { R3SessionError } from '../domain/errors.js'
import { type KeyRing, withKey } from '../domain/key-ring.js'
import type { LoginAnswer, LoginAttempt, Sealer, SessionRepository } from '../domain/ports.js'
import type { Session, UserKey } from '../domain/session.js'
import { placeOfKeys } from './sqlite-places.js'
import type { Store } from './sqlite-store.js'
import type { HashedAttempt } from './sqlite-writer-attempts.js'
import type { KeyChange } from './sqlite-writer-sessions.js'

type SessionRow = Omit<Session, 'unionid'> & { readonly unionid: string | null }

const SESSION = `SELECT appid, openid, id, unionid, created_at AS createdAt, last_seen_at AS lastSeenAt,
  expires_at AS expiresAt FROM sessions`

/**
 * A SessionRepository in SQLite. Tokens, login codes and Idempotency-Keys are there as SHA-256 only; session keys and
 * the answers of logins are sealed.
 */
export function createSqliteSessions(
  store: Store,
  sealer: Sealer,
  ready: () => Promise<void>,
): SessionRepository {
  const { db, read, write } = store
  const selectSession = db.prepare<[Uint8Array], SessionRow>(`${SESSION} WHERE token_hash = ?`)
  const selectLive = db.prepare<[string, string, number], SessionRow>(
    `${SESSION} WHERE appid = ? AND openid = ? AND expires_at > ? ORDER BY created_at DESC`,
  )
  const selectEpoch = db.prepare<[], number>('SELECT value FROM epoch').pluck()
  const selectKeys = db
    .prepare<[string, string], string | null>('SELECT sealed_keys FROM users WHERE appid = ? AND openid = ?')
    .pluck()

  async function sealedKeys({ appid, openid }: UserKey): Promise<string | null> {
    return (await read(() => selectKeys.get(appid, openid))) ?? null
  }

  function openKeys(sealed: string | null, user: UserKey): KeyRing {
    const ring = sealed === null ? undefined : sealer.open(sealed, placeOfKeys(user))
    return ring === undefined ? [] : JSON.parse(ring)
  }

  /** Records the ring that `change` makes of the present one; does nothing where it makes none. */
  async function changeRing<Outcome>(
    user: UserKey,
    change: (ring: KeyRing) => KeyRing | undefined,
    record: (keys: KeyChange) => Promise<Outcome | 'outdated'>,
  ): Promise<Outcome | undefined> {
    for (;;) {
      const replaces = await sealedKeys(user)
      const ring = change(openKeys(replaces, user))
      if (ring === undefined) return undefined
      const outcome = await record({
        sealedKeys: sealer.seal(JSON.stringify(ring), placeOfKeys(user)),
        replaces,
      })
      // Otherwise another change of this ring came between, and this one starts from what it left.
      if (outcome !== 'outdated') return outcome
    }
  }

  return {
    async save({ token, session, sessionKey, attempt, epoch, maxSessions }) {
      const answer = { r3session: token, expiresAt: session.expiresAt }
      const finished = attempt && finish(hashOfAttempt(attempt), answer)
      const outcome = await changeRing(
        session,
        (ring) => withKey(ring, sessionKey, session.createdAt),
        (keys) => write('save', { tokenHash: hashOf(token), session, epoch, maxSessions }, keys, finished),
      )
      if (outcome === 'ended') throw new R3SessionError('invalid_session')
    },

    epoch: async () => (await read(() => selectEpoch.get())) ?? 0,

    async find(token) {
      const row = await read(() => selectSession.get(hashOf(token)))
      return row && sessionOf(row)
    },

    touch: (token, { lastSeenAt, expiresAt }) => write('touch', hashOf(token), lastSeenAt, expiresAt),

    delete: (token) => write('delete', hashOf(token)),

    async list({ appid, openid }, now) {
      const rows = await read(() => selectLive.all(appid, openid, now))
      return rows.map(sessionOf)
    },

    endAll: ({ appid, openid }, now) => write('endAll', { appid, openid }, now),

    async replaceKey({ appid, openid }, { replaces, sessionKey, now }) {
      const user = { appid, openid }
      await changeRing(
        user,
        (ring) => {
          const [newest, ...older] = ring
          if (newest === undefined) return undefined
          if (sessionKey !== undefined) return withKey(ring, sessionKey, now)
          const isCurrent = newest.key === replaces && newest.replacedAt === undefined
          return isCurrent ? [{ ...newest, replacedAt: now }, ...older] : undefined
        },
        (keys) => write('replaceKeys', user, keys),
      )
    },

    async claim(attempt, times) {
      const hashed = hashOfAttempt(attempt)
      const claim = await write('claimAttempt', hashed, times)
      if (typeof claim === 'string') return claim
      const answer = sealer.open(claim.sealedAnswer, placeOfAnswer(hashed))
      // Another process sealed it under a secret this one does not have: the code is used, and for whom can't be told.
      return answer === undefined ? 'taken' : JSON.parse(answer)
    },

    abandon: (attempt) => write('abandonAttempt', hashOfAttempt(attempt)),

    keys: async (user) => openKeys(await sealedKeys(user), user),

    ready,
  }

  function finish(hashed: HashedAttempt, answer: LoginAnswer) {
    return { ...hashed, sealedAnswer: sealer.seal(JSON.stringify(answer), placeOfAnswer(hashed)) }
  }
}

function sessionOf({ unionid, ...session }: SessionRow): Session {
  return unionid === null ? session : { ...session, unionid }
}

function placeOfAnswer({ codeHash, keyHash }: HashedAttempt): string {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  return JSON.stringify(['login_attempts', hex(codeHash), hex(keyHash)])
}

/** A key may be short enough to be guessed from its hash; together with the code, which nobody has any more, it isn't. */
function hashOfAttempt({ appid, code, key }: LoginAttempt): HashedAttempt {
  return {
    codeHash: hashOf(JSON.stringify([appid, code])),
    keyHash: hashOf(JSON.stringify([appid, code, key])),
  }
}

function hashOf(text: string): Uint8Array {
  return hash('sha256', text, 'buffer')
}
