import type { Time } from '@r3session/client'

/** A fake clock with timers. Time moves only when a test lets it, from one timer to the next. */
export function createFakeTime(start = Date.UTC(2026, 2, 1, 4)) {
  let now = start
  let timers: { at: number; run: () => void }[] = []

  const time: Time = {
    now: () => now,
    after(milliseconds, run) {
      const timer = { at: now + milliseconds, run }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
  }

  /** Waits until all promises that can settle have settled. */
  const quiet = async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  }

  function next(): boolean {
    const [timer] = timers.toSorted((a, b) => a.at - b.at)
    if (timer === undefined) return false
    timers = timers.filter((other) => other !== timer)
    now = Math.max(now, timer.at)
    timer.run()
    return true
  }

  return {
    ...time,
    /** Milliseconds since the start. */
    elapsed: () => now - start,
    /** Sets the clock, like a user or the network does. Timers keep their remaining time. */
    set(to: number) {
      const moved = to - now
      now = to
      for (const timer of timers) timer.at += moved
    },
    /** The number of timers that still run. */
    pending: () => timers.length,
    quiet,
    /** Lets the given time pass. */
    async pass(milliseconds: number): Promise<void> {
      const until = now + milliseconds
      await quiet()
      while (timers.some(({ at }) => at <= until)) {
        next()
        await quiet()
      }
      now = until
    },
    /** Lets time pass until the promise has settled. Rejects if it never can. */
    async settle<T>(promise: Promise<T>): Promise<T> {
      let settled = false
      const done = () => {
        settled = true
      }
      promise.then(done, done)
      for (;;) {
        await quiet()
        if (settled) return promise
        if (!next()) throw new Error('the promise hangs: nothing is left that could settle it')
      }
    },
  }
}

export type FakeTime = ReturnType<typeof createFakeTime>
