/** The options of every asynchronous `wx` function that matter here. */
export interface Options {
  readonly success?: (result: never) => void
  readonly fail?: (failure: never) => void
  readonly complete?: (result: never) => void
  readonly [name: string]: unknown
}

/** A function of `wx`. */
export type Call = (options?: Options) => unknown

/**
 * Makes a call, and reports its outcome to `on` before the caller gets it: through callbacks if the caller gave some,
 * otherwise through the promise.
 */
export function watched(
  call: Call,
  options: Options,
  on: { done: (result: Record<string, unknown>) => void; failed: (failure: unknown) => void },
): unknown {
  const { success, fail, complete } = options
  if (success === undefined && fail === undefined && complete === undefined) {
    return (call(options) as Promise<Record<string, unknown>>).then(
      (result) => {
        on.done(result)
        return result
      },
      (failure: unknown) => {
        on.failed(failure)
        throw failure
      },
    )
  }
  return call({
    ...options,
    success: (result) => {
      on.done(result)
      success?.(result)
    },
    fail: (failure) => {
      on.failed(failure)
      fail?.(failure)
    },
  })
}

/** Options without callbacks. */
export function plain(options: Options): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => typeof value !== 'function'))
}

/** The message of a failure, in WeChat's words. */
export function messageOf(failure: unknown): string {
  return String((failure as { errMsg?: unknown } | undefined)?.errMsg ?? failure)
}
