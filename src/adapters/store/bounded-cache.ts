/** What can be remembered has this mark, so that a use writes nothing else. */
export interface Markable {
  wasUsed: boolean
}

/**
 * Remembers `most` entries. Where another one comes, one goes that was not used since the last time around, as a clock
 * with a second chance does it: nearly as fair as dropping the least recently used, while a use moves nothing about.
 */
export function createBoundedCache<Value extends Markable>(most: number) {
  const values = new Map<string, Value>()
  let hand = new Map<string, Value>().entries()
  /** Entries to the end of this round. What comes during a round waits for the next, so that it may be used first. */
  let left = 0

  function makeRoom(): void {
    for (;;) {
      if (left === 0) {
        hand = values.entries()
        left = values.size
      }
      left--
      const { value: entry } = hand.next()
      if (entry === undefined) left = 0
      else if (entry[1].wasUsed) entry[1].wasUsed = false
      else return void values.delete(entry[0])
    }
  }

  return {
    get(name: string): Value | undefined {
      const value = values.get(name)
      if (value !== undefined) value.wasUsed = true
      return value
    },

    set(name: string, value: Value): void {
      if (values.size >= most && !values.has(name)) makeRoom()
      values.set(name, value)
    },

    delete(name: string): void {
      values.delete(name)
    },

    clear(): void {
      values.clear()
    },
  }
}
