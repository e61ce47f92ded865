/** One session_key of WeChat's, as base64 text (16 bytes, 24 characters). Times in milliseconds since 1970. */
export interface SessionKey {
  readonly key: string
  /** When WeChat gave it. */
  readonly at: number
  /** When a newer key took its place, or WeChat was found not to honour it any more; absent on a newest that lives. */
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
 * The ring with a key that WeChat gave at `at`. The newest is the one that WeChat gave last, also when logins are
 * recorded in another order than WeChat answered them; one that arrives late goes in as replaced already,
 * and the same key of the same millisecond is the same login, recorded again.
 */
export function withKey(ring: KeyRing, key: string, at: number): KeyRing {
  const known = ring.find((entry) => entry.key === key)
  if (known !== undefined && known.at >= at) return liveKeys(ring, at)
  const others = ring.filter((entry) => entry.key !== key)
  const ordered = [{ key, at }, ...others].sort((one, other) => other.at - one.at)
  const marked = ordered.map((entry, i) => {
    const newer = ordered[i - 1]
    return newer === undefined ? entry : { replacedAt: newer.at, ...entry }
  })
  return liveKeys(marked, at).slice(0, RING_SIZE)
}

/** The keys of the ring that may still open data at `now`. */
export function liveKeys(ring: KeyRing, now: number): KeyRing {
  return ring.filter(({ replacedAt }) => replacedAt === undefined || now - replacedAt < REPLACED_KEY_LIFE)
}

/** The newest key, unless it is known that WeChat does not honour it any more. */
export function currentKey(ring: KeyRing): string | undefined {
  const [newest] = ring
  return newest?.replacedAt === undefined ? newest?.key : undefined
}

/** The ring after WeChat was found not to honour `key` at `now`: the very same one, unless that is the current key. */
export function withoutKey(ring: KeyRing, key: string, now: number): KeyRing {
  const [newest, ...older] = ring
  if (newest?.key !== key || newest.replacedAt !== undefined) return ring
  return [{ ...newest, replacedAt: now }, ...older]
}

/** The ring after WeChat gave a key outside a login. Who has no ring has no session to use it with. */
export function withResetKey(ring: KeyRing, key: string, now: number): KeyRing {
  return ring.length === 0 ? ring : withKey(ring, key, now)
}
