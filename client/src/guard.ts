import type { R3SessionError } from './network/error.js'

/** Makes handlers that log in before they run. */
export function createGuard(login: () => Promise<unknown>) {
  return function guard<This, Given extends unknown[], Result>(
    handler: (this: This, ...given: Given) => Result,
    failed?: (this: This, error: R3SessionError) => unknown,
  ) {
    return function (this: This, ...given: Given): Promise<Awaited<Result> | undefined> {
      return login().then(
        () => handler.apply(this, given) as Awaited<Result>,
        (error: R3SessionError) => {
          if (!failed) throw error
          failed.call(this, error)
          return undefined
        },
      )
    }
  }
}
