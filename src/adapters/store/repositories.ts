import type { LoginAnswer, PhoneNumber, Repositories, Sealer } from '../../domain/ports.js'
import { createAccessTokenRepository } from './access-tokens.js'
import { createAttempts } from './attempts.js'
import { createCounters } from './counters.js'
import { createKeyRings } from './key-rings.js'
import type { RawStore } from './raw-store.js'
import { createSessions } from './sessions.js'

/**
 * Everything the domain keeps, over one raw store. What is secret is hashed or sealed in this folder, once and for
 * every engine.
 */
export function createRepositories(raw: RawStore, sealer: Sealer): Repositories {
  const { counters, flush } = createCounters(raw, sealer)
  const withCounts: RawStore = {
    ...raw,
    // What a login was counted as is written together with it.
    save(login) {
      flush()
      return raw.save(login)
    },
    claim(attempt, when) {
      flush()
      return raw.claim(attempt, when)
    },
  }
  return {
    sessions: createSessions(withCounts, sealer),
    keyRings: createKeyRings(raw, sealer),
    loginAttempts: createAttempts<LoginAnswer>('login', withCounts, sealer),
    phoneAttempts: createAttempts<PhoneNumber>('phone', raw, sealer),
    tokens: createAccessTokenRepository(raw, sealer),
    counters,
  }
}
