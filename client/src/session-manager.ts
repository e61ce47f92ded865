import type { LoginAnswer } from './login.js'
import type { Time } from './time.js'
import type { TokenStorage } from './token-storage.js'

/** A token and what is known about it. */
export interface HeldToken {
  readonly token: string
  /** Which of this client's logins gave it, counted from 1; 0 for one that was found in the storage. */
  readonly login: number
  /** Milliseconds since 1970 by the phone's clock, 0 if not known. Use prolongs a session, so it may live longer. */
  ends: number
  /** Set once the token was found dead: resolves to the one that the storage holds instead. */
  discarded?: Promise<string | undefined>
}

/** A token is tried, another client's is tried, a new login's is tried; then it is not the token's fault. */
const MAX_SENDS = 3

export type SessionManager = ReturnType<typeof createSessionManager>

/**
 * Keeps the one token that all calls are sent with, and replaces it when it is dead: one login at a time, which all who
 * need it wait for.
 *
 * Between looking at `held` and starting a login there must be no `await`: that is what keeps N dead answers from
 * causing two logins.
 */
export function createSessionManager(storage: TokenStorage, logIn: () => Promise<LoginAnswer>, time: Time) {
  let held: HeldToken | undefined
  let loading: Promise<unknown> | undefined
  let pendingLogin: Promise<HeldToken> | undefined
  let logins = 0

  const found = (token: string | undefined): HeldToken | undefined =>
    token ? { token, login: 0, ends: 0 } : undefined

  /** What the storage holds is looked at once, when it is first needed. Waits for a logout that is under way. */
  function load(): Promise<unknown> {
    loading ||= storage.read().then((token) => {
      held = found(token)
    })
    return loading
  }

  function fresh(): Promise<HeldToken> {
    const over = () => {
      pendingLogin = undefined
    }
    if (!pendingLogin) {
      pendingLogin = logIn().then(({ r3session: token, expiresIn }) => {
        // Nobody needs to wait for the storage: the token is in memory.
        void storage.write(token)
        held = { token, login: ++logins, ends: time.now() + expiresIn * 1000 }
        return held
      })
      pendingLogin.then(over, over)
    }
    return pendingLogin
  }

  function discard(dead: HeldToken): Promise<string | undefined> {
    dead.discarded ||= storage.discard(dead.token)
    return dead.discarded
  }

  /** The token to use in place of a dead one: a newer one that is here already, or else a new login's. */
  async function replace(dead: HeldToken): Promise<HeldToken> {
    const stored = held === dead ? await discard(dead) : undefined
    if (held === dead) held = found(stored)
    return held || fresh()
  }

  /** Removes a token that is dead, unless it is another one by now. */
  function forget(dead: HeldToken): Promise<unknown> {
    if (held === dead) held = undefined
    return discard(dead)
  }

  /** The token there is, once a login under way has ended, well or badly; undefined when there is none. */
  function current(): Promise<HeldToken | undefined> {
    const seen = () => held
    return load()
      .then(() => pendingLogin)
      .then(seen, seen)
  }

  return {
    /** How many logins have succeeded. */
    logins: () => logins,

    current,

    /** A login, although there may be a token: WeChat's key is to be renewed. Joins the one under way. */
    fresh,

    /** Ends the session there is, by `end`, and forgets it. Who needs a token waits until that is done or has failed. */
    end(endAtService: (held: HeldToken) => Promise<unknown>): Promise<void> {
      const ended = current().then((ending) => ending && endAtService(ending).then(() => forget(ending)))
      loading = ended.catch(() => {})
      return ended.then(() => {})
    },

    /**
     * Sends with a token. A 401 has the token replaced and the request sent again; not any more once the token that was
     * refused comes from a login that ended after this call began. So a call causes one login at most, and a server that
     * refuses everything no endless loop.
     */
    async authorized<T extends { readonly statusCode: number }>(
      send: (held: HeldToken) => Promise<T>,
    ): Promise<T> {
      const before = logins
      await load()
      let using = held || (await fresh())
      for (let sends = 1; ; sends++) {
        const answer = await send(using)
        if (answer.statusCode !== 401) return answer
        if (using.login > before || sends === MAX_SENDS) return answer
        using = await replace(using)
      }
    },
  }
}
