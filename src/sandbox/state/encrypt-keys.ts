import type { Environment } from './environment.js'
import { type Form, fields, keptMap, key16, list, text, whole } from './kept.js'
import { SandboxError } from './sandbox-error.js'
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

const oneForm = fields<EncryptKey>({
  encryptKey: key16,
  iv: text,
  version: whole,
  createdAt: whole,
  expiresAt: whole,
})
const severalForm = list(oneForm, KEYS_GIVEN)

const form: Form<EncryptKeys> = {
  save: (keys) => severalForm.save([...keys]),
  read(json, place) {
    const [newest, ...older] = severalForm.read(json, place)
    if (newest === undefined) throw new SandboxError(`${place} has no key`)
    return [newest, ...older]
  },
}

/** The keys for what mini programs encrypt themselves (`wx.getUserCryptoManager`), per user and app. */
export function createEncryptKeys({ clock, randomBytes }: Environment) {
  const keys = new Map<string, EncryptKeys>()

  return {
    /** By appid and openid. */
    kept: keptMap(keys, form, MAX_OWNERS),

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
