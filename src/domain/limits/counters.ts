/** The port of the limits. Held by the suite of the same name in `test/contract`. */

/** How a thing is counted. */
export interface Counting {
  /** Milliseconds for which a count runs, from the first of it. Then the next begins with nothing. */
  readonly window: number
  /**
   * Whether each one counts for everybody before `add` resolves, whatever comes. Otherwise what comes within a quarter
   * of a second is told to the others together, and where there are more names than can be kept, new ones are left out;
   * those that are counted already never are.
   */
  readonly isExact: boolean
}

/** What was counted under a name: how many, and when the count ends. No count runs where it is 0. */
export interface Count {
  readonly count: number
  readonly until: number
}

/**
 * Counts by name, for all who share the store. A count outlives a restart, but for what a crash may lose: for a count
 * that is exact what was not confirmed, for others what came in the last quarter of a second. Names never reach the disk
 * in a form that is of use to a reader.
 */
export interface Counters {
  /**
   * The counter of a name, as all processes have counted until now. Callers in one process share it, so that what one
   * adds the others see at once. Fails with `storage_unavailable`.
   */
  counter(name: string, counting: Counting): Promise<Counter>
}

export interface Counter {
  /** The count that runs at `now`. A clock that was set back ends a count that would run for longer than its window. */
  at(now: number): Count
  /**
   * Adds one, in this process at once. Resolves when the others know, and fails with `storage_unavailable` where they
   * can't be told; it is told them with the next one then.
   */
  add(now: number): Promise<void>
}
