import type { Account } from './account.js'
import type { Environment } from './environment.js'

/**
 * Says of each code exchange whether its user has had too many in this minute. Only the counts of this minute are kept,
 * and none where there is no limit.
 */
export function createQuota(clock: Environment['clock'], perMinute: number) {
  let minute = 0
  const counts = new Map<string, number>()

  return {
    isOver({ openid }: Account): boolean {
      if (perMinute === Infinity) return false
      const thisMinute = Math.floor(clock() / 60_000)
      if (thisMinute !== minute) counts.clear()
      minute = thisMinute
      const count = (counts.get(openid) ?? 0) + 1
      counts.set(openid, count)
      return count > perMinute
    },
    /** Begins anew. */
    clear: () => counts.clear(),
  }
}
