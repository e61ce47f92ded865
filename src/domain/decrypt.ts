import { type Authenticate, authenticateErrors } from './authenticate.js'
import { type ErrorCode, R3SessionError } from './errors.js'
import type { Report } from './events.js'
import { liveKeys } from './key-ring.js'
import { type OpenData, readOpenData } from './open-data/open-data.js'
import type { Clock, Decryptor, KeyRingRepository } from './ports.js'

/** What `wx.getUserInfo` and its kin return, as far as it matters here. */
export interface SealedData {
  readonly encryptedData: string
  readonly iv: string
  readonly rawData?: string | undefined
  readonly signature?: string | undefined
}

/** Every refusal takes this long, in milliseconds, so that its duration tells no more than the answer does. */
export const REFUSAL_TIME = 25

/** What opening sealed data can fail with; the store's own failures are among those of authenticate. */
export const decryptErrors = [
  ...authenticateErrors,
  'decrypt_failed',
  'signature_mismatch',
] as const satisfies readonly ErrorCode[]

/**
 * Opens data that WeChat sealed for the user of a session, with any session key of the user's ring.
 *
 * Fails with `decryptErrors`: `signature_mismatch` when `rawData` and `signature` are both given and no key of the ring
 * has signed them (a key was replaced or lost, or the text was changed), and `decrypt_failed` for everything else,
 * whatever the reason: an answer that told bad padding from bad content would let anybody forge data block by block.
 */
export function createDecrypt(deps: {
  authenticate: Authenticate
  keyRings: Pick<KeyRingRepository, 'keys'>
  decryptor: Decryptor
  /** Milliseconds after which sealed data is too old; 0 turns the check off. */
  openDataMaxAge: number
  clock: Clock
  report: Report
  /** Milliseconds on a clock that is never set. */
  monotonic: Clock
  /** Resolves after so many milliseconds. */
  pause: (milliseconds: number) => Promise<void>
}) {
  return async (token: string, sealed: SealedData): Promise<OpenData> => {
    const session = await deps.authenticate(token)
    const ring = liveKeys(await deps.keyRings.keys(session), deps.clock())
    const began = deps.monotonic()

    const { encryptedData, iv, rawData, signature } = sealed
    if (rawData !== undefined && signature !== undefined) {
      const belongs = ring.some(({ key }) => deps.decryptor.verifies({ rawData, signature, sessionKey: key }))
      if (!belongs) throw new R3SessionError('signature_mismatch')
    }
    const { appid, openid } = session
    const decrypted = (key: 'newest' | 'older' | 'none') =>
      deps.report({ type: 'decryption', user: { appid, openid }, key })
    for (const [age, { key }] of ring.entries()) {
      const plaintext = deps.decryptor.open({ encryptedData, iv, sessionKey: key })
      if (plaintext === undefined) continue
      const data = readOpenData(plaintext, session, deps.openDataMaxAge, deps.clock())
      if (data === undefined) continue
      decrypted(age === 0 ? 'newest' : 'older')
      return data
    }
    decrypted('none')
    await deps.pause(Math.max(0, began + REFUSAL_TIME - deps.monotonic()))
    throw new R3SessionError('decrypt_failed')
  }
}

export type Decrypt = ReturnType<typeof createDecrypt>
