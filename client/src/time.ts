/** Time as the client sees it. */
export interface Time {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `run` after so many milliseconds, unless the function it returns is called before. */
  after(milliseconds: number, run: () => void): () => void
}

// Every phone, browser and Node has these two; the types of one of them would forbid the others.
declare function setTimeout(run: () => void, milliseconds: number): unknown
declare function clearTimeout(timer: unknown): void

export const phoneTime: Time = {
  now: () => Date.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds)
    return () => clearTimeout(timer)
  },
}

/** Resolves after so many milliseconds. */
export function sleep(time: Time, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    time.after(milliseconds, resolve)
  })
}

/** What the promise says, or a rejection when it has said nothing for so many milliseconds: `wx` may never call back. */
export function within<T>(time: Time, milliseconds: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = time.after(milliseconds, () => reject({ errMsg: `no answer in ${milliseconds} ms` }))
    promise.then(resolve, reject)
    promise.then(cancel, cancel)
  })
}
