import { R3SessionError } from '../errors.js'
import { type Report, swallow } from '../events.js'
import type { Clock } from '../ports.js'
import type { Counter, Counters, Counting } from './counters.js'

export const limitNames = ['logins', 'decrypt_failures', 'key_failures'] as const

export type LimitName = (typeof limitNames)[number]

/**
 * What each limit counts. A login and a wrong key cost little beside what keeps their number exact, so a few more may
 * slip by where several processes serve; data that does not open is what forgers ask with, and each one counts.
 */
const limits: Readonly<Record<LimitName, Counting & { readonly setting: string }>> = {
  logins: { setting: 'LIMIT_LOGINS', window: 60_000, isExact: false },
  decrypt_failures: { setting: 'LIMIT_DECRYPT_FAILURES', window: 600_000, isExact: true },
  key_failures: { setting: 'LIMIT_KEY_FAILURES', window: 60_000, isExact: false },
}

/** How often a name may still do something. */
export interface Allowance {
  /** Whether anything was counted lately. */
  isTouched(): boolean
  /** Fails with `rate_limited` where nothing is left. */
  check(): void
  /** Takes one. Never fails: a store that is out of reach is no reason to refuse, and this process knows. */
  take(): Promise<void>
}

/** Gives the allowance of whoever is named; fails with `storage_unavailable`. */
export type Limit = (...who: readonly string[]) => Promise<Allowance>

const everything: Allowance = { isTouched: () => false, check() {}, async take() {} }

/** A limit that is turned off. */
export const noLimit: Limit = async () => everything

/**
 * A limit: so many in a window that begins with the first. Over two windows that touch each other there can be up to
 * twice as many in the time of one, and in the long run never more than the limit for each window.
 *
 * Between the answer and `check` others may have taken something, so whoever awaits anything checks afterwards.
 *
 * @param most how many; 0 turns the limit off
 */
export function createLimit(
  name: LimitName,
  { most, counters, clock, report }: { most: number; counters: Counters; clock: Clock; report: Report },
): Limit {
  const { setting, ...counting } = limits[name]

  function allowance(counter: Counter): Allowance {
    return {
      isTouched: () => counter.at(clock()).count > 0,
      check() {
        const now = clock()
        const { count, until } = counter.at(now)
        if (count < most) return
        report({ type: 'limited', limit: name })
        const retryAfter = Math.max(1, Math.ceil((until - now) / 1000))
        throw new R3SessionError('rate_limited', { facts: { reason: setting }, retryAfter })
      },
      take: () => counter.add(clock()).catch(swallow(report, 'counting for a limit')),
    }
  }

  if (most === 0) return noLimit
  return async (...who) => allowance(await counters.counter(JSON.stringify([name, ...who]), counting))
}
