type Call = (...args: unknown[]) => unknown

/**
 * The same object, but that of every call that gives a promise it is told how long it took, and what it failed with.
 * Calls in a row that are given the same promise are one, of the first of them.
 *
 * @param monotonic milliseconds on a clock that is never set
 * @param unmeasured calls that are passed on as they are
 */
export function measured<T extends object>(
  subject: T,
  monotonic: () => number,
  told: (name: Extract<keyof T, string>, ms: number, error?: unknown) => void,
  unmeasured: readonly (keyof T)[] = [],
): T {
  const wrapped = Object.entries(subject).map(([name, call]: [string, Call]) => {
    const key = name as Extract<keyof T, string>
    if (typeof call !== 'function' || unmeasured.includes(key)) return [name, call]
    let latest: unknown
    const whole: Call = (...args) => {
      const began = monotonic()
      const result = call.apply(subject, args)
      if (!(result instanceof Promise) || result === latest) return result
      latest = result
      function end(...failure: [error?: unknown]): void {
        // What was given may be secret, and is kept no longer than it has to be.
        if (latest === result) latest = undefined
        told(key, monotonic() - began, ...failure)
      }
      result.then(() => end(), end)
      return result
    }
    return [name, whole]
  })
  // Every property is there again, under its name and with its type.
  return Object.fromEntries(wrapped) as T
}
