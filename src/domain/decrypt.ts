import { type Authenticate, authenticateErrors } from './authenticate.js'
import { createCache } from './concurrency/cache.js'
import { type ErrorCode, R3SessionError } from './errors.js'
import type { Report } from './events.js'
import { type KeyRing, liveKeys } from './key-ring.js'
import type { Limit } from './limits/limit.js'
import { type OpenData, readOpenData } from './open-data/open-data.js'
import type { Clock, Decryptor, KeyRingRepository } from './ports.js'
import type { Session } from './session.js'

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
  'rate_limited',
] as const satisfies readonly ErrorCode[]

/** Sealed data that did not open is remembered for so long, in milliseconds, and so much of it. */
const FAILURE_REMEMBERED = 10 * 60_000
const FAILURES_REMEMBERED = 10_000

/**
 * Opens data that WeChat sealed for the user of a session, with any session key of the user's ring.
 *
 * Fails with `decryptErrors`: `signature_mismatch` when `rawData` and `signature` are both given and no key of the ring
 * has signed them (a key was replaced or lost, or the text was changed), and `decrypt_failed` for everything else,
 * whatever the reason: an answer that told bad padding from bad content would let anybody forge data block by block.
 *
 * Whoever owns enough genuine ciphertexts can forge by asking, since one of very many guesses opens. So what did not
 * open is counted by user, and beyond the limit nothing is tried any more: `rate_limited`. The same data with the same
 * keys is tried once and counted once, however often it is sent. A signature that does not match counts for nothing: by
 * asking for one, nobody comes nearer to a key of 128 bits.
 */
export function createDecrypt(deps: {
  authenticate: Authenticate
  keyRings: Pick<KeyRingRepository, 'keys'>
  decryptor: Decryptor
  /** By appid and openid. */
  failureLimit: Limit
  /** Stands for data in memory. */
  digest: (text: string) => string
  /** Milliseconds after which sealed data is too old; 0 turns the check off. */
  openDataMaxAge: number
  clock: Clock
  report: Report
  /** Milliseconds on a clock that is never set. */
  monotonic: Clock
  /** Resolves after so many milliseconds. */
  pause: (milliseconds: number) => Promise<void>
}) {
  const failed = createCache<true>({
    life: FAILURE_REMEMBERED,
    atMost: FAILURES_REMEMBERED,
    clock: deps.clock,
  })

  /** The data in it, and whether the newest key opened it; `undefined` where none does. */
  function open({ encryptedData, iv }: SealedData, ring: KeyRing, session: Session) {
    for (const [age, { key }] of ring.entries()) {
      const plaintext = deps.decryptor.open({ encryptedData, iv, sessionKey: key })
      if (plaintext === undefined) continue
      const data = readOpenData(plaintext, session, deps.openDataMaxAge, deps.clock())
      if (data !== undefined) return { data, key: age === 0 ? ('newest' as const) : ('older' as const) }
    }
    return undefined
  }

  /** All that decides whether it opens, but for its age. */
  function nameOf({ encryptedData, iv }: SealedData, ring: KeyRing, session: Session): string {
    const { appid, openid, unionid } = session
    const keys = ring.map(({ key }) => key)
    return deps.digest(JSON.stringify([appid, openid, unionid, keys, encryptedData, iv]))
  }

  return async (token: string, sealed: SealedData): Promise<OpenData> => {
    const session = await deps.authenticate(token)
    const { appid, openid } = session
    const ring = liveKeys(await deps.keyRings.keys(session), deps.clock())
    const failures = await deps.failureLimit(appid, openid)
    // From here to the count of a failure nothing is awaited: of guesses that come at once none is let through.
    failures.check()
    const began = deps.monotonic()

    const { rawData, signature } = sealed
    if (rawData !== undefined && signature !== undefined) {
      const belongs = ring.some(({ key }) => deps.decryptor.verifies({ rawData, signature, sessionKey: key }))
      if (!belongs) throw new R3SessionError('signature_mismatch')
    }
    const user = { appid, openid }
    // As long as nothing failed, nothing has to be looked for.
    const isKnown = failures.isTouched() && failed.get(nameOf(sealed, ring, session)) === true
    const opened = isKnown ? undefined : open(sealed, ring, session)
    deps.report({ type: 'decryption', user, key: opened?.key ?? 'none' })
    if (opened !== undefined) return opened.data

    if (!isKnown) {
      failed.set(nameOf(sealed, ring, session), true)
      await failures.take()
    }
    await deps.pause(Math.max(0, began + REFUSAL_TIME - deps.monotonic()))
    throw new R3SessionError('decrypt_failed')
  }
}

export type Decrypt = ReturnType<typeof createDecrypt>
