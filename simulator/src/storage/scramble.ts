/**
 * Stands for the AES of `encrypt: true`: a text that nobody reads by accident, and that only `unscramble` with the same
 * seed turns back. It protects nothing. (WebCrypto would, but exists on pages served by https only.)
 */
export function scramble(text: string, seed: string): string {
  // As JSON, because UTF-8 has no room for the half characters that a JavaScript string can hold.
  const bytes = new TextEncoder().encode(JSON.stringify(text))
  return btoa(Array.from(mixed(bytes, seed), (byte) => String.fromCharCode(byte)).join(''))
}

/** `undefined` for what `scramble` did not make with this seed. */
export function unscramble(text: string, seed: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    const value: unknown = JSON.parse(new TextDecoder().decode(mixed(bytes, seed)))
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** Each byte xor the next of a stream that the seed determines (xorshift32). Twice is the same as never. */
function mixed(bytes: Uint8Array, seed: string): Uint8Array {
  let state = 2463534242
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state
  }
  for (const character of seed) {
    // A stream that came to 0 would stay there.
    state = state ^ (character.codePointAt(0) ?? 0) || 1
    next()
  }
  return bytes.map((byte) => byte ^ next())
}
