import { createDecipheriv } from 'node:crypto'

/** What OpenSSL opens with this key and iv, where padding and UTF-8 are right. */
export function openedByOpenssl(ciphertext: Uint8Array, key: Uint8Array, iv: Uint8Array): string | undefined {
  const decipher = createDecipheriv('aes-128-cbc', key, iv)
  try {
    const plaintext = Buffer.concat([decipher.update(ciphertext), decipher.final()])
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plaintext)
  } catch {
    return undefined
  }
}

/** PKCS#7 as RFC 5652 has it: n bytes of value n, n from 1 to 16. */
export function isPadded(block: Uint8Array): boolean {
  const count = block.at(-1) ?? 0
  return count >= 1 && count <= 16 && block.slice(16 - count).every((byte) => byte === count)
}
