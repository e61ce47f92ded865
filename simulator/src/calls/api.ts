import type { Callbacks, Failure, Ok, Promised } from '../types/wx.js'
import { reasonOf, WxFailure, wrongParameter } from './failure.js'

/**
 * Runs an asynchronous `wx` function by the rules that all of them share. It calls `success` or `fail` and then
 * `complete`, never before the call has returned. It returns a promise if none of the three is given, otherwise
 * `undefined`. It never throws: invalid options fail like everything else.
 *
 * @param name of the function; `errMsg` begins with it
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

/** Likewise for a function that gives no promise, callbacks or not. */
export function callWithoutPromise<R extends object, O extends Callbacks<Ok<R>>>(
  name: string,
  options: O | undefined,
  act: (options: O) => R | Promise<R>,
): void {
  outcomeOf(name, options, act).then((answer) => report(options, answer))
}

/** How a call ended, with exactly the argument that the callback gets. */
export type Outcome<R extends object> =
  | { readonly ok: true; readonly result: Ok<R> }
  | { readonly ok: false; readonly failure: Failure }

/** Starts the work at once. Never rejects. */
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

/** The argument of `fail`. */
export function failureOf(name: string, error: unknown): Failure {
  const errMsg = `${name}:fail ${reasonOf(error)}`
  if (!(error instanceof WxFailure)) return { errMsg }
  const { errno, errCode } = error
  return { errMsg, ...(errno !== undefined && { errno }), ...(errCode !== undefined && { errCode }) }
}

/**
 * Calls the callbacks in a microtask of their own. An error that a callback throws is the mini program's own and stays
 * an uncaught error. `complete` runs even then.
 */
export function report<R extends object>(options: Callbacks<Ok<R>> | undefined, outcome: Outcome<R>): void {
  const answer = outcome.ok ? outcome.result : outcome.failure
  // The types allow only functions, but mini programs in JavaScript may pass anything.
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
