import { hash } from 'node:crypto'
import type { Attempt } from '../../domain/ports.js'
import type { Hash, HashedAttempt } from './raw-store.js'

export function hashOf(secret: string): Hash {
  return hash('sha256', secret, 'buffer')
}

/**
 * A key may be short enough to be guessed from its hash; together with the code, which nobody has any more, it isn't.
 * JSON keeps names apart that would run together.
 */
export function hashOfAttempt(kind: 'login' | 'phone', { appid, code, key }: Attempt): HashedAttempt {
  const name = kind === 'login' ? [appid, code] : [kind, appid, code]
  return { codeHash: hashOf(JSON.stringify(name)), keyHash: hashOf(JSON.stringify([...name, key])) }
}
