import type { Environment } from './environment.js'
import { fields, keptMap, key16, whole } from './kept.js'

/** WeChat does not say how long a session_key lives; its community reports three days. */
export const KEY_LIFE = 3 * 24 * 3600_000

/** Users whose key is remembered. Who logged in longest ago is forgotten first, and gets a new key the next time. */
export const MAX_KEYS = 10_000

/** Whose key it is: an account, or what a caller says it is. */
export interface KeyOwner {
  readonly appid: string
  readonly openid: string
}

interface Key {
  readonly text: string
  readonly createdAt: number
  readonly expiresAt: number
}

/**
 * The one live session_key of each user of each mini program.
 *
 * @param refreshInterval milliseconds a key stays the same however often the user logs in; 0: a new one each time
 */
export function createSessionKeys({ clock, randomBytes }: Environment, refreshInterval: number) {
  const keys = new Map<string, Key>()
  const placeOf = ({ appid, openid }: KeyOwner) => `${appid} ${openid}`

  const create = (owner: KeyOwner, expiresAt = clock() + KEY_LIFE): string => {
    const place = placeOf(owner)
    keys.delete(place)
    const [oldest] = keys.keys()
    if (oldest !== undefined && keys.size >= MAX_KEYS) keys.delete(oldest)
    const text = randomBytes(16).toString('base64')
    keys.set(place, { text, createdAt: clock(), expiresAt })
    return text
  }

  const live = (owner: KeyOwner): Key | undefined => {
    const key = keys.get(placeOf(owner))
    return key !== undefined && clock() < key.expiresAt ? key : undefined
  }

  return {
    /** By appid and openid. */
    kept: keptMap(keys, fields<Key>({ text: key16, createdAt: whole, expiresAt: whole }), MAX_KEYS),

    /** `wx.login` may replace the key. (WeChat does not say whether it does so then or at code2Session.) */
    login(owner: KeyOwner): void {
      const key = live(owner)
      if (key === undefined || clock() - key.createdAt >= refreshInterval) create(owner)
    },

    /** The live key, base64 text, if the user has one. */
    find: (owner: KeyOwner): string | undefined => live(owner)?.text,

    /** The live key; a new one for a user that has none. */
    get: (owner: KeyOwner): string => live(owner)?.text ?? create(owner),

    /** A new key with a life of its own. */
    rotate: (owner: KeyOwner): string => create(owner),

    /** A new key that ends when the old one would have ended (WeChat docs, resetUserSessionKey). */
    replace: (owner: KeyOwner): string => create(owner, live(owner)?.expiresAt),
  }
}
