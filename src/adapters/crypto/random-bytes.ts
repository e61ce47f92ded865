/** So many bytes that nobody can guess. */
export type RandomBytes = (size: number) => Buffer

/** Bytes that are drawn at once. */
const POOL = 8192

/**
 * A `randomBytes` that draws many bytes ahead: Node takes some 6 us for each draw, however small, and a login needs
 * three. What was given out is wiped from the pool, so nothing is left of it here.
 *
 * @param fill a cryptographic source such as `randomFillSync` of `node:crypto`
 */
export function createRandomBytes(fill: (bytes: Uint8Array) => void): RandomBytes {
  const pool = Buffer.alloc(POOL)
  let used = POOL

  return (size) => {
    // Zeroed memory of its own: `fill` may fail, and nobody else's bytes should show then.
    const bytes = Buffer.alloc(size)
    if (size > POOL) {
      fill(bytes)
      return bytes
    }
    if (used + size > POOL) {
      fill(pool)
      used = 0
    }
    pool.copy(bytes, 0, used, used + size)
    pool.fill(0, used, used + size)
    used += size
    return bytes
  }
}
