/** One session_key of WeChat's, as base64 text (16 bytes, 24 characters). Times in milliseconds since 1970. */
export interface SessionKey {
  readonly key: string
  /** When a newer key took its place; absent on the newest. */
  readonly replacedAt?: number
}

/**
 * The session keys of one user of one mini program, newest first.
 *
 * WeChat keeps one key per user and may replace it at every `wx.login`, on any device. Data sealed just before is
 * then still on its way, so older keys stay useful for a while: this ring is what ends the most reported trouble
 * of WeChat logins, data that "sometimes" does not decrypt.
 */
export type KeyRing = readonly SessionKey[]

/** Keys kept per user, the newest included. */
export const RING_SIZE = 3

/** How long a replaced key still opens data. Login codes live 5 minutes, so 15 cover a slow device with ease. */
export const REPLACED_KEY_LIFE = 15 * 60_000

/**
 * The ring after WeChat gave `key` at `now`. Logins in flight may end out of order and WeChat often gives the same key
 * again: whatever it gave last is the newest, wherever it stood before.
 */
export function withKey(ring: KeyRing, key: string, now: number): KeyRing {
  if (ring[0]?.key === key) return liveKeys(ring, now)
  const older = ring.filter((entry) => entry.key !== key).map((entry) => ({ replacedAt: now, ...entry }))
  return liveKeys([{ key }, ...older], now).slice(0, RING_SIZE)
}

/** The keys of the ring that may still open data at `now`. */
export function liveKeys(ring: KeyRing, now: number): KeyRing {
  return ring.filter(({ replacedAt }) => replacedAt === undefined || now - replacedAt < REPLACED_KEY_LIFE)
}
