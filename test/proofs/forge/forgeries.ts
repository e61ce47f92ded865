import { createNodeDecryptor } from '#src/adapters/crypto/decryptor.js'
import { readOpenData } from '#src/domain/open-data/open-data.js'
import { type Success, tryForgeries } from '../../support/forger.js'
import { NOW, session } from '../../support/genuine-data.js'

export const decryptor = createNodeDecryptor()
export const read = (plaintext: string) => readOpenData(plaintext, session, 3_600_000, NOW)

/**
 * Characters in the first block of what WeChat seals, which its owner rewrites at will: the names of the fields take 12,
 * 14 and 0 of the 16.
 */
const free: Readonly<Record<string, number>> = { openGId: 4, opengid: 4, msgTicket: 2, activityId: 16 }

/**
 * Makes so many forgeries. `forged` are those that open with a value of the forger's own; `begun` those that open with
 * the id of a chat, a ticket or an activity whose first block is his and all the rest the end of a genuine one, which
 * nobody can tell without a MAC.
 */
export function provenForgeries(howMany: number, seed: number) {
  const { opened, successes, genuine, refused } = tryForgeries(howMany, seed, { decryptor, read })
  const texts = genuine.map(({ text }) => text)
  const isBegun = ({ field, value }: Success) => {
    const rest = String(value).slice(free[field] ?? 0)
    const isRest = texts.some((text) => text.endsWith(rest) || text.includes(`${rest}"`))
    return field in free && rest.length >= 16 && isRest
  }
  const valued = successes.filter(({ value }) => !isEmpty(value))
  return {
    opened,
    refused,
    forged: valued.filter((success) => !isBegun(success)),
    begun: valued.filter(isBegun),
  }
}

/** A list without entries tells nothing. */
function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}
