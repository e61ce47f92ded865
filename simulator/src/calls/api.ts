import type { Callbacks, Failure, Ok, Promised } from '../types/wx.js'
import { reasonOf, WxFailure, wrongParameter } from './failure.js'

/**
 * Runs an asynchronous `wx` function by the rules all of them share: the answer goes to `success` or `fail` and then to
 * `complete`, never before the call has returned; where none of the three is given there is a promise instead, and
 * otherwise `undefined`. Nothing is thrown: bad options fail like everything else.
 *
 * @param name as `errMsg` begins
 * @param act does the work; throws for a failure
 */
export function callApi<R extends object, O extends Callbacks<Ok<R>>>(
  name: string,
  options: O | undefined,
  act: (options: O) => R | Promise<R>,
): Promised<O, Ok<R>> {
  const outcome = outcomeOf(name, options, act)
  if (hasCallbacks(options)) {
    outcome.then((answer) => report(options, answer))
    return undefined as Promised<O, Ok<R>>
  }
  const promise = outcome.then((answer) => (answer.ok ? answer.result : Promise.reject(answer.failure)))
  return promise as Promised<O, Ok<R>>
}

/** What there is to report; exactly what the callback gets. */
export type Outcome<R extends object> =
  | { readonly ok: true; readonly result: Ok<R> }
  | { readonly ok: false; readonly failure: Failure }

/** Begins the work at once; never rejects. */
export async function outcomeOf<R extends object, O>(
  name: string,
  options: O | undefined,
  act: (options: O) => R | Promise<R>,
): Promise<Outcome<R>> {
  try {
    const given = options ?? {}
    if (typeof given !== 'object') throw wrongParameter('parameter', 'Object', given)
    const result = await act(given as O)
    return { ok: true, result: { ...result, errMsg: `${name}:ok` } }
  } catch (error) {
    return { ok: false, failure: failureOf(name, error) }
  }
}

/** What `fail` is given. */
export function failureOf(name: string, error: unknown): Failure {
  const errMsg = `${name}:fail ${reasonOf(error)}`
  return error instanceof WxFailure && error.errno !== undefined ? { errMsg, errno: error.errno } : { errMsg }
}

/**
 * Calls back, in a task of its own: what a callback throws is nobody's failure but the mini program's, and stays as loud
 * as any uncaught error. `complete` runs all the same.
 */
export function report<R extends object>(options: Callbacks<Ok<R>> | undefined, outcome: Outcome<R>): void {
  const answer = outcome.ok ? outcome.result : outcome.failure
  // Types rule out anything but functions, but mini programs are written in JavaScript.
  const tell = (callback: unknown) => {
    if (typeof callback === 'function') callback.call(options, answer)
  }
  queueMicrotask(() => {
    try {
      tell(outcome.ok ? options?.success : options?.fail)
    } finally {
      tell(options?.complete)
    }
  })
}

function hasCallbacks(options: Callbacks<never> | undefined): boolean {
  const { success, fail, complete } = options ?? {}
  return [success, fail, complete].some((callback) => typeof callback === 'function')
}
