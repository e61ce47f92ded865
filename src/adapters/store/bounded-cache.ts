/**
 * Remembers what was used lately: at least the last `generation` entries, at most twice as many.
 *
 * What was not used for a whole generation is dropped with it, all at once. That is nearly as fair as dropping the
 * least recently used, and costs a hit no more than a look into a Map.
 */
export function createBoundedCache<Value>(generation: number) {
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()

  function set(name: string, value: Value): void {
    if (young.size >= generation && !young.has(name)) {
      old = young
      young = new Map()
    }
    young.set(name, value)
  }

  return {
    get(name: string): Value | undefined {
      const value = young.get(name)
      if (value !== undefined) return value
      const earlier = old.get(name)
      if (earlier !== undefined) set(name, earlier)
      return earlier
    },

    set,

    delete(name: string): void {
      young.delete(name)
      old.delete(name)
    },
  }
}
