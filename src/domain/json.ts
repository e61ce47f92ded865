/** A JSON object: neither null nor an array nor a scalar. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A whole number that is as exact as it looks. */
export function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

/** Whether a parsed JSON value nests deeper than `limit`. Walks without recursion, since depth is what it guards. */
export function nestsDeeperThan(limit: number, value: unknown): boolean {
  let level = isNest(value) ? [value] : []
  for (let depth = 1; level.length > 0; depth++) {
    const next: object[] = []
    for (const nest of level) {
      for (const item of Object.values(nest)) {
        if (depth > limit) return true
        if (isNest(item)) next.push(item)
      }
    }
    level = next
  }
  return false
}

function isNest(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
