import type { LoginAnswer, PhoneNumber, Repositories, Sealer } from '../../domain/ports.js'
import { createAccessTokenRepository } from './access-tokens.js'
import { createAttempts } from './attempts.js'
import { createKeyRings } from './key-rings.js'
import type { RawStore } from './raw-store.js'
import { createSessions } from './sessions.js'

/**
 * Everything the domain keeps, over one raw store. What is secret is hashed or sealed in this folder, once and for
 * every engine.
 */
export function createRepositories(raw: RawStore, sealer: Sealer): Repositories {
  return {
    sessions: createSessions(raw, sealer),
    keyRings: createKeyRings(raw, sealer),
    loginAttempts: createAttempts<LoginAnswer>('login', raw, sealer),
    phoneAttempts: createAttempts<PhoneNumber>('phone', raw, sealer),
    tokens: createAccessTokenRepository(raw, sealer),
  }
}
