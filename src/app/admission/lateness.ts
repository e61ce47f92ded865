/** How late the event loop is: for how long whoever comes now has waited before we could so much as look at them. */

/** Milliseconds between two looks at the clock, while somebody wants to know. */
const PERIOD = 10

/** Milliseconds that one look may be late and still be punctual. */
const PUNCTUAL = 15

/**
 * Milliseconds through which the loop has to be late without a break before anybody is refused for it. A burst of logins,
 * code that runs for the first time, a pause for garbage or by the machine is no overload, and over by then.
 */
const SUSTAINED = 500

export interface Lateness {
  /**
   * Milliseconds by which the loop is late at this instant, and 0 where it was punctual a moment ago. Within one turn of
   * the loop it grows with all that is done there: so those who come at the end of a long turn are told of it.
   */
  now(): number
}

/**
 * Looks only while it is asked: a process at rest is not woken for it.
 *
 * @param every calls `run` again and again, so many milliseconds apart, until the function that it gives back is called
 */
export function createLateness({
  monotonic,
  every,
}: {
  monotonic: () => number
  every: (milliseconds: number, run: () => void) => () => void
}): Lateness {
  let stop: (() => void) | undefined
  let due = 0
  let punctualAt = 0
  let wasAsked = false

  function look(): void {
    const now = monotonic()
    if (now - due <= PUNCTUAL) punctualAt = now
    due = now + PERIOD
    if (!wasAsked) {
      stop?.()
      stop = undefined
    }
    wasAsked = false
  }

  return {
    now() {
      wasAsked = true
      const now = monotonic()
      if (stop === undefined) {
        due = now + PERIOD
        punctualAt = now
        stop = every(PERIOD, look)
      }
      return now - punctualAt > SUSTAINED ? now - due : 0
    },
  }
}

/** A loop that is never late. */
export const punctual: Lateness = { now: () => 0 }
