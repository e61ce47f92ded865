import { hash, timingSafeEqual } from 'node:crypto'
import { R3SessionError } from '../../domain/errors.js'
import { header } from './asked.js'
import type { Credentials } from './route.js'

/** The r3session of `Authorization: Bearer <r3session>`, whatever it looks like. The use case says what it opens. */
export const session: Credentials<string> = {
  scheme: 'r3session',
  errors: ['unauthorized'],
  read(asked) {
    const token = bearer(header(asked, 'authorization'))
    if (token === undefined) throw new R3SessionError('unauthorized')
    return token
  },
}

/**
 * The name of the service key in `Authorization: Bearer <key>` or in HTTP Basic with `name:key`.
 *
 * OAuth clients form-encode both halves before they join them (RFC 6749, section 2.3.1), curl and others don't: either
 * is understood. With Basic the name has to be the key's own.
 *
 * @param refuse says what a wrong one is answered with
 */
export function serviceKey(
  keys: ReadonlyMap<string, string>,
  refuse: NonNullable<Credentials<string>['refuse']>,
): Credentials<string> {
  const known = [...keys].map(([name, key]) => ({ name, key: sha256(key), pair: sha256(`${name}:${key}`) }))
  return {
    scheme: 'serviceKey',
    otherSchemes: ['serviceKeyBasic'],
    errors: ['invalid_client', 'rate_limited'],
    refuse,
    read(asked) {
      const authorization = header(asked, 'authorization')
      const key = sha256(bearer(authorization) ?? '')
      const pairs = basicPairs(authorization).map(sha256)
      // Every key is compared, and as digests of equal length, so that time tells nothing of any of them.
      const [match] = known.filter((one) => {
        const matches = pairs.map((pair) => timingSafeEqual(one.pair, pair))
        return timingSafeEqual(one.key, key) || matches.includes(true)
      })
      if (match === undefined) throw new R3SessionError('invalid_client')
      return match.name
    },
  }
}

/** The text after `Bearer`, RFC 6750; `undefined` when there is none. */
function bearer(authorization: string): string | undefined {
  // Blanks at the end are trimmed and not matched: a pattern would look for the end at every one of them.
  return /^bearer +(\S.*)$/i.exec(authorization.trim())?.[1]
}

/** What the `name:key` of HTTP Basic can be: as it stands, and form-decoded. None where it is malformed. */
function basicPairs(authorization: string): string[] {
  const base64 = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization.trim())?.[1]
  if (base64 === undefined) return []
  const bytes = Buffer.from(base64, 'base64')
  // Node skips what is no base64; what it reads otherwise than it was written was none.
  if (bytes.toString('base64') !== base64) return []
  try {
    const pair = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const border = pair.indexOf(':')
    return border < 0 ? [] : [pair, ...formDecoded(pair.slice(0, border), pair.slice(border + 1))]
  } catch {
    return []
  }
}

/** `name:key` of the halves decoded; none where they are no form's. */
function formDecoded(name: string, key: string): string[] {
  try {
    const [decodedName = '', decodedKey = ''] = [name, key].map((half) =>
      decodeURIComponent(half.replaceAll('+', ' ')),
    )
    // A name has no colon: one that was hidden in it must not move the border between the two.
    return decodedName.includes(':') ? [] : [`${decodedName}:${decodedKey}`]
  } catch {
    return []
  }
}

function sha256(text: string): Buffer {
  // By way of a text: Node takes less for it than for a Buffer.
  return Buffer.from(hash('sha256', text, 'binary'), 'latin1')
}
