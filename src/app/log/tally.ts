/** Counts by name what is too frequent for a line each. */
export function createTally() {
  let counts = new Map<string, number>()
  return {
    count(name: string): void {
      counts.set(name, (counts.get(name) ?? 0) + 1)
    },
    /** Tells each count since the last time, and begins anew. */
    empty(tell: (name: string, count: number) => void): void {
      for (const [name, count] of counts) tell(name, count)
      counts = new Map()
    },
  }
}
