/**
 * How keys and texts lie in their columns: in fewer bytes, and in keys that SQLite finds faster. What does not have the
 * usual form is kept as it came, so everything comes back as it was given. Files are written so, and a step of the schema
 * calls it: another form would be another step.
 */
import type { Hash } from '../store/raw-store.js'

/** Bits of the head that the tail lacks: 6 whole bytes of it. */
const TAIL_FROM = 6

/** What stands in front of the bytes of a sealed text, and those in base64url. */
const SEALED = /^([\w.-]{0,254}\.)([\w-]+)$/

/**
 * A hash as the place of a row, its first 53 bits, and the rest by which the row is known. A table whose key is an
 * integer needs a level less at ten million rows than one whose key is 32 bytes. In order of places rows are in order
 * of hashes. Two of ten million hashes share a place in one of 180 databases.
 */
export function placeOf(hash: Hash): { readonly head: number; readonly tail: Uint8Array } {
  const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength)
  return {
    head: view.getUint32(0) * 2 ** 21 + (view.getUint32(4) >>> 11),
    tail: hash.subarray(TAIL_FROM),
  }
}

/** The hash that `placeOf` took apart. */
export function hashAt({ head, tail }: ReturnType<typeof placeOf>): Hash {
  const hash = Buffer.alloc(TAIL_FROM + tail.length)
  hash.writeUIntBE(Math.floor(head / 2 ** 5), 0, TAIL_FROM)
  hash.set(tail, TAIL_FROM)
  return hash
}

/** A sealed text: the length of what is kept as text, that text, and the bytes behind it; 0 where all is text. */
export function pack(sealed: string): Uint8Array {
  const [, text = '', encoded = ''] = SEALED.exec(sealed) ?? []
  const bytes = Buffer.from(encoded, 'base64url')
  const isExact = text !== '' && bytes.toString('base64url') === encoded
  return isExact
    ? Buffer.concat([Buffer.of(text.length), Buffer.from(text), bytes])
    : Buffer.concat([Buffer.of(0), Buffer.from(sealed)])
}

/** What `pack` made it of. */
export function unpack(packed: Buffer): string {
  const [length = 0] = packed
  const text = packed.toString('utf8', 1, length === 0 ? undefined : 1 + length)
  return length === 0 ? text : text + packed.toString('base64url', 1 + length)
}

/** SQL for an id of 32 hex digits as its 16 bytes, made of an expression. */
export function packedId(id: string): string {
  return `CASE WHEN length(${id}) = 32 AND ${id} NOT GLOB '*[^0-9a-f]*' THEN unhex(${id}) ELSE ${id} END`
}

/** SQL for the id in its column. */
export const UNPACKED_ID = "CASE typeof(id) WHEN 'blob' THEN lower(hex(id)) ELSE id END"
