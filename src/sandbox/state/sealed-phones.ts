import { createHash } from 'node:crypto'
import type { Environment } from './environment.js'
import { keptMap, whole } from './kept.js'

/** WeChat docs, checkEncryptedData: it knows what was sealed in the last 3 days. */
export const KNOWN_FOR = 3 * 24 * 3600_000

/** Hashes remembered at most, two for each sealed number; the oldest are forgotten first. */
export const MAX_HASHES = 20_000

/** The sealed phone numbers that WeChat has given out. */
export function createSealedPhones(clock: Environment['clock']) {
  const sealedAt = new Map<string, number>()

  const isLive = (since: number) => clock() - since < KNOWN_FOR

  return {
    /** By appid and hash: when it was sealed. */
    kept: keptMap(sealedAt, whole, MAX_HASHES),

    /** @param encryptedData base64 */
    add(appid: string, encryptedData: string): void {
      // WeChat's page does not say whether the base64 text or its bytes are hashed, and callers do both.
      for (const data of [encryptedData, Buffer.from(encryptedData, 'base64')]) {
        for (const [hash, since] of sealedAt) {
          if (isLive(since) && sealedAt.size < MAX_HASHES) break
          sealedAt.delete(hash)
        }
        sealedAt.set(`${appid} ${createHash('sha256').update(data).digest('hex')}`, clock())
      }
    },

    /** When the data with this SHA-256 (lower-case hex) was sealed; `undefined` when it was not, or too long ago. */
    find(appid: string, hash: string): number | undefined {
      const since = sealedAt.get(`${appid} ${hash}`)
      return since !== undefined && isLive(since) ? since : undefined
    },
  }
}
