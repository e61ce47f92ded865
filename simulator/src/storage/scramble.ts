/**
 * Takes the place of the AES of `encrypt: true`. Makes a text unreadable; `unscramble` with the same seed makes it
 * readable again. It gives no security. (WebCrypto would, but exists only on pages served over https.)
 */
export function scramble(text: string, seed: string): string {
  // As JSON, because UTF-8 can't encode the lone surrogates that a JavaScript string may contain.
  const bytes = new TextEncoder().encode(JSON.stringify(text))
  return btoa(Array.from(mixed(bytes, seed), (byte) => String.fromCharCode(byte)).join(''))
}

/** The original text; `undefined` if `scramble` did not make it with this seed. */
export function unscramble(text: string, seed: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    const value: unknown = JSON.parse(new TextDecoder().decode(mixed(bytes, seed)))
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** XORs each byte with a pseudo-random stream from the seed (xorshift32). Doing it twice gives the original bytes. */
function mixed(bytes: Uint8Array, seed: string): Uint8Array {
  let state = 2463534242
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state
  }
  for (const character of seed) {
    // A state of 0 would stay 0.
    state = state ^ (character.codePointAt(0) ?? 0) || 1
    next()
  }
  return bytes.map((byte) => byte ^ next())
}
