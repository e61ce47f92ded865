/** What the sandbox takes from outside, so that a test can move time and repeat chance. */
export interface Environment {
  /** Milliseconds since 1970. */
  readonly clock: () => number
  readonly randomBytes: (size: number) => Buffer
}

/** WeChat counts in whole seconds: watermarks, lifetimes, rids. */
export function inSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}

/** The instant the day began in China, whose days WeChat's daily quotas and step counts follow. */
export function startOfDay(now: number): number {
  const day = 24 * 3600_000
  const ahead = 8 * 3600_000
  return Math.floor((now + ahead) / day) * day - ahead
}
