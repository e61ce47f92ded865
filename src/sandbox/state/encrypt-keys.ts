import type { Environment } from './environment.js'
import type { KeyOwner } from './session-keys.js'

/** WeChat docs, getUserEncryptKey: a key lives an hour, and the answer has the last three. */
export const ENCRYPT_KEY_LIFE = 3600_000
const KEYS_GIVEN = 3

/** Users whose keys are remembered; who got a key longest ago is forgotten first. */
export const MAX_OWNERS = 10_000

export interface EncryptKey {
  /** Base64 of 16 bytes. */
  readonly encryptKey: string
  /** 16 hex digits, to be used as they are. */
  readonly iv: string
  /** Counts from 1 on. */
  readonly version: number
  readonly createdAt: number
  readonly expiresAt: number
}

/** Newest first; there is always one. */
export type EncryptKeys = readonly [EncryptKey, ...EncryptKey[]]

/** The keys for what mini programs encrypt themselves (`wx.getUserCryptoManager`), per user and app. */
export function createEncryptKeys({ clock, randomBytes }: Environment) {
  const keys = new Map<string, EncryptKeys>()

  return {
    /** The last three keys of the user. The newest lives: where none does, there is a new one. */
    of({ appid, openid }: KeyOwner): EncryptKeys {
      const place = `${appid} ${openid}`
      const known = keys.get(place)
      const now = clock()
      if (known !== undefined && now < known[0].expiresAt) return known
      const created: EncryptKey = {
        encryptKey: randomBytes(16).toString('base64'),
        iv: randomBytes(8).toString('hex'),
        version: (known?.[0].version ?? 0) + 1,
        createdAt: now,
        expiresAt: now + ENCRYPT_KEY_LIFE,
      }
      keys.delete(place)
      const [oldest] = keys.keys()
      if (oldest !== undefined && keys.size >= MAX_OWNERS) keys.delete(oldest)
      const latest: EncryptKeys = [created, ...(known ?? []).slice(0, KEYS_GIVEN - 1)]
      keys.set(place, latest)
      return latest
    },
  }
}
