type Call = (...args: unknown[]) => unknown

/**
 * The same object, but that of every call that gives a promise it is told how long it took, and what it failed with.
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
    const whole: Call = (...args) => {
      const began = monotonic()
      const result = call.apply(subject, args)
      if (result instanceof Promise) {
        result.then(
          () => told(key, monotonic() - began),
          (error: unknown) => told(key, monotonic() - began, error),
        )
      }
      return result
    }
    return [name, whole]
  })
  // Every property is there again, under its name and with its type.
  return Object.fromEntries(wrapped) as T
}
