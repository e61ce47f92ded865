import type { Clock } from '../ports.js'

/**
 * A cache that keeps each entry for a while, and only so many: the oldest go first.
 *
 * @param life milliseconds for which each entry is kept
 */
export function createCache<T>({ life, atMost, clock }: { life: number; atMost: number; clock: Clock }) {
  const entries = new Map<string, { value: T; until: number }>()

  return {
    get(name: string): T | undefined {
      const entry = entries.get(name)
      return entry !== undefined && clock() < entry.until ? entry.value : undefined
    },

    delete(name: string): void {
      entries.delete(name)
    },

    set(name: string, value: T): void {
      const now = clock()
      entries.delete(name)
      // All live equally long, so the first in the map are the first to go.
      for (const [oldest, { until }] of entries) {
        if (until > now && entries.size < atMost) break
        entries.delete(oldest)
      }
      entries.set(name, { value, until: now + life })
    },
  }
}
