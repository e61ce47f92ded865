import { hash } from 'node:crypto'
import type { Attempt } from '../../domain/ports.js'
import type { Hash, HashedAttempt } from './raw-store.js'

/** SHA-256 as a text of 32 characters, one a byte: of all forms the cheapest to make and to look up in a Map. */
export function digestOf(secret: string): string {
  return hash('sha256', secret, 'binary')
}

/** In memory of its own: Node's pool would go along whole, 64 KB, wherever such a hash is sent to another thread. */
export function bytesOf(digest: string): Hash {
  const bytes = Buffer.allocUnsafeSlow(digest.length)
  bytes.write(digest, 'latin1')
  return bytes
}

/** The same in Node's pool, which is cheaper: for what stays in this thread. */
export function pooledBytesOf(digest: string): Hash {
  return Buffer.from(digest, 'latin1')
}

/** By way of a text, which takes half as long as a hash that is asked for as a buffer. */
export function hashOf(secret: string): Hash {
  return bytesOf(digestOf(secret))
}

/**
 * A key may be short enough to be guessed from its hash; together with the code, which nobody has any more, it isn't.
 * JSON keeps names apart that would run together.
 */
export function hashOfAttempt(kind: 'login' | 'phone', { appid, code, key }: Attempt): HashedAttempt {
  const name = kind === 'login' ? [appid, code] : [kind, appid, code]
  return { codeHash: hashOf(JSON.stringify(name)), keyHash: hashOf(JSON.stringify([...name, key])) }
}
