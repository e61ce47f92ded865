import { WxFailure } from './failure.js'

const SECOND = 1000

/**
 * Refuses a function that was called so many times within the last second. Each function counts for itself.
 *
 * @param clock milliseconds
 */
export function createRateLimit(clock: () => number, callsPerSecond: number) {
  const calls = new Map<string, number[]>()

  /** Fails with a WxFailure; what it refuses does not count. */
  return (name: string): void => {
    const now = clock()
    const recent = (calls.get(name) ?? []).filter((at) => at > now - SECOND)
    if (recent.length >= callsPerSecond) {
      throw new WxFailure(`called more than ${callsPerSecond} times in a second`)
    }
    calls.set(name, [...recent, now])
  }
}
