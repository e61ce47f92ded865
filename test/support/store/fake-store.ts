import { randomBytes } from 'node:crypto'
import { createAesSealer } from '#src/adapters/crypto/sealer.js'
import { createRepositories } from '#src/adapters/store/repositories.js'
import { createMapStore } from './map-store.js'

/** Everything the domain keeps, in memory. After `breakDown()` every method fails with `storage_unavailable`. */
export function createFakeStore() {
  const raw = createMapStore()
  const repositories = createRepositories(raw, createAesSealer(['secret'], randomBytes))
  return { ...repositories, raw, breakDown: raw.breakDown }
}
