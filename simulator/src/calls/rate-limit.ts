import { WxFailure } from './failure.js'

const SECOND = 1000

/**
 * Refuses a call when the same function was called `callsPerSecond` times within the last second. Each function is
 * counted on its own.
 *
 * @param clock gives milliseconds
 */
export function createRateLimit(clock: () => number, callsPerSecond: number) {
  const calls = new Map<string, number[]>()

  /** Throws a WxFailure to refuse a call. Refused calls do not count. */
  return (name: string): void => {
    const now = clock()
    const recent = (calls.get(name) ?? []).filter((at) => at > now - SECOND)
    if (recent.length >= callsPerSecond) {
      throw new WxFailure(`called more than ${callsPerSecond} times in a second`)
    }
    calls.set(name, [...recent, now])
  }
}
