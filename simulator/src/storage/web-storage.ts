/** `localStorage`, `sessionStorage`, or an object like them. */
export interface WebStorage {
  readonly length: number
  key(index: number): string | null
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** A WebStorage in memory. */
export function createMemoryStorage(): WebStorage {
  const items = new Map<string, string>()
  // Without this list, reading all keys by index would take quadratic time.
  let keys: string[] | undefined
  return {
    get length() {
      return items.size
    },
    key(index) {
      keys ??= [...items.keys()]
      return keys[index] ?? null
    },
    getItem: (key) => items.get(key) ?? null,
    setItem(key, value) {
      items.set(key, value)
      keys = undefined
    },
    removeItem(key) {
      items.delete(key)
      keys = undefined
    },
  }
}
