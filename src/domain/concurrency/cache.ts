import type { Clock } from '../ports.js'

/**
 * A cache that keeps each entry for a while, and only so many: when there are, the oldest tenth goes.
 *
 * @param life milliseconds for which each entry is kept
 */
export function createCache<T>({ life, atMost, clock }: { life: number; atMost: number; clock: Clock }) {
  const entries = new Map<string, { value: T; until: number }>()

  // By the tenth, since a Map walks over what was deleted at its front before it gets to what is left: one at a time
  // took 10 us for each entry.
  function makeRoom(): void {
    const left = Math.floor(atMost * 0.9)
    // All live equally long, so the first in the map are the first to go, and what is over goes before the rest.
    for (const oldest of entries.keys()) {
      if (entries.size <= left) break
      entries.delete(oldest)
    }
  }

  return {
    get(name: string): T | undefined {
      const entry = entries.get(name)
      return entry !== undefined && clock() < entry.until ? entry.value : undefined
    },

    delete(name: string): void {
      entries.delete(name)
    },

    set(name: string, value: T): void {
      entries.delete(name)
      if (entries.size >= atMost) makeRoom()
      entries.set(name, { value, until: clock() + life })
    },
  }
}
