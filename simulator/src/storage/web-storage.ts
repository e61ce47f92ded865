/** `localStorage`, `sessionStorage`, or anything like them. */
export interface WebStorage {
  readonly length: number
  key(index: number): string | null
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** One that lasts as long as the object. */
export function createMemoryStorage(): WebStorage {
  const items = new Map<string, string>()
  // Listing all keys by their index would otherwise take the square of their number.
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
