/** The clock and the timers that the client uses. */
export interface Time {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `run` after the given milliseconds. The returned function cancels it. */
  after(milliseconds: number, run: () => void): () => void
}

// Phones, browsers and Node all have these two. Types from only one of them would not fit the others.
declare function setTimeout(run: () => void, milliseconds: number): unknown
declare function clearTimeout(timer: unknown): void

export const phoneTime: Time = {
  now: () => Date.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds)
    return () => clearTimeout(timer)
  },
}

/** Resolves after the given milliseconds. */
export function sleep(time: Time, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    time.after(milliseconds, resolve)
  })
}

/** The outcome of the promise. Rejects if there is none within the given milliseconds: `wx` may never call back. */
export function within<T>(time: Time, milliseconds: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = time.after(milliseconds, () => reject({ errMsg: `no answer in ${milliseconds} ms` }))
    promise.then(resolve, reject)
    promise.then(cancel, cancel)
  })
}
