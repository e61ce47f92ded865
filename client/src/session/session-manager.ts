import type { Time } from '../network/time.js'
import type { LoginAnswer, PhoneWish } from './login.js'
import type { TokenStorage } from './token-storage.js'

/** A token, and what the client knows about it. */
export interface HeldToken {
  readonly token: string
  /** The number of the login that gave it, counted from 1; 0 if it was read from the storage. */
  readonly login: number
  /** When it ends, in milliseconds since 1970 by the phone's clock; 0 if not known. Using a session may extend it. */
  ends: number
  /** Set when the token turned out to be invalid; resolves to another token from the storage, if there is one. */
  discarded?: Promise<string | undefined>
}

/**
 * One try with this token, one with a token of another client, one after a login. If all fail, the token is not the
 * cause.
 */
const MAX_SENDS = 3

export type SessionManager = ReturnType<typeof createSessionManager>

/**
 * Keeps the token that all calls use, and replaces it when it is no longer valid. There is one login at a time, and all
 * calls that need a token wait for it.
 *
 * There must be no `await` between reading `held` and starting a login. This is why many 401 answers at once cause only
 * one login.
 */
export function createSessionManager(
  storage: TokenStorage,
  logIn: (wish: PhoneWish) => Promise<LoginAnswer>,
  time: Time,
) {
  let held: HeldToken | undefined
  let loading: Promise<unknown> | undefined
  let pendingLogin: Promise<HeldToken> | undefined
  let logins = 0
  let told = false
  const listeners = new Set<(loggedIn: boolean) => void>()

  /** Tells the listeners of a new session, or that there is none any more. What they throw is theirs. */
  function tell(isNew?: boolean): void {
    const loggedIn = held !== undefined
    if (loggedIn === told && !isNew) return
    told = loggedIn
    listeners.forEach((listener) => {
      void Promise.resolve(loggedIn).then((value) => listeners.has(listener) && listener(value))
    })
  }

  function onChange(listener: (loggedIn: boolean) => void): () => void {
    // Another function each time, so that each subscription ends by itself.
    const own = (loggedIn: boolean) => listener(loggedIn)
    listeners.add(own)
    return () => {
      listeners.delete(own)
    }
  }

  const found = (token: string | undefined): HeldToken | undefined =>
    token ? { token, login: 0, ends: 0 } : undefined

  /** Reads the storage once, when a token is first needed. Waits for a logout in progress. */
  function load(): Promise<unknown> {
    loading ||= storage.read().then((token) => {
      held = found(token)
      tell()
    })
    return loading
  }

  /** Logs in, or joins a login in progress; that one does not send the code of the phone button. */
  function fresh(wish: PhoneWish = {}): Promise<HeldToken> {
    const over = () => {
      pendingLogin = undefined
      tell()
    }
    if (!pendingLogin) {
      pendingLogin = logIn(wish).then(({ r3session: token, expiresIn }) => {
        // The token is in memory, so no call has to wait for the storage.
        void storage.write(token)
        held = { token, login: ++logins, ends: time.now() + expiresIn * 1000 }
        tell(true)
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

  /** The token to use in place of an invalid one: a newer one if there is one, otherwise that of a new login. */
  function replace(dead: HeldToken, wish?: PhoneWish): Promise<HeldToken> {
    return Promise.resolve(held === dead ? discard(dead) : undefined).then((stored) => {
      if (held === dead) {
        held = found(stored)
        if (held) tell(true)
      }
      return held || fresh(wish)
    })
  }

  /** Removes an invalid token, but not a newer one that has replaced it. */
  function forget(dead: HeldToken): Promise<unknown> {
    if (held === dead) held = undefined
    return discard(dead)
  }

  /** The current token, or undefined. First waits for a login in progress, whether it succeeds or fails. */
  function current(): Promise<HeldToken | undefined> {
    const seen = () => held
    return load()
      .then(() => pendingLogin)
      .then(seen, seen)
  }

  return {
    /** The number of logins that have succeeded. */
    logins: () => logins,

    current,

    /** Logs in even if there is a token, to renew WeChat's key. Joins a login in progress. */
    fresh,

    onChange,

    /** Waits until there is a token. Does nothing for it but read the storage. */
    ready: () =>
      load().then(() => {
        if (held) return undefined
        return new Promise<void>((resolve) => {
          const end = onChange((loggedIn) => {
            if (!loggedIn) return
            end()
            resolve()
          })
        })
      }),

    /**
     * Ends the current session with `endAtService`, and forgets it. Other calls wait until that is done or has failed.
     */
    end(endAtService: (held: HeldToken) => Promise<unknown>): Promise<void> {
      const ended = current().then((ending) => ending && endAtService(ending).then(() => forget(ending)))
      loading = ended.catch(() => {})
      return ended.then(() => tell())
    },

    /**
     * Sends with a token. After a 401 it replaces the token and sends again. It stops when the refused token comes from
     * a login that finished after this call began. So a call causes at most one login, and a server that refuses
     * everything causes no endless loop.
     */
    authorized<T extends { readonly statusCode: number }>(
      send: (held: HeldToken) => Promise<T>,
      wish?: PhoneWish,
    ): Promise<T> {
      const before = logins
      const attempt = (using: HeldToken, sends: number): Promise<T> =>
        send(using).then((answer) =>
          answer.statusCode !== 401 || using.login > before || sends === MAX_SENDS
            ? answer
            : replace(using, wish).then((next) => attempt(next, sends + 1)),
        )
      return load()
        .then(() => held || fresh(wish))
        .then((using) => attempt(using, 1))
    },
  }
}
