/** What the sandbox takes from outside, so that a test can set the time and the random bytes. */
export interface Environment {
  /** Milliseconds since 1970. */
  readonly clock: () => number
  readonly randomBytes: (size: number) => Buffer
}

/** WeChat counts in whole seconds: watermarks, lifetimes, rids. */
export function inSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}

/** When the day began in China: WeChat counts daily quotas and steps by its days. */
export function startOfDay(now: number): number {
  const day = 24 * 3600_000
  const ahead = 8 * 3600_000
  return Math.floor((now + ahead) / day) * day - ahead
}
