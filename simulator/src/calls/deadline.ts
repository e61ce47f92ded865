import { TIMED_OUT, WxFailure } from './failure.js'

/** What a call may take where the mini program does not say: `networkTimeout` of app.json, by default. */
const DEFAULT_TIMEOUT = 60_000

/** The longest that setTimeout can wait; beyond it fires at once. */
const MAX_TIMEOUT = 2 ** 31 - 1

/** A call's end from outside, because its time is over or because it was cancelled: the signal's reason is a WxFailure. */
export function createDeadline() {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  return {
    signal: controller.signal,

    /** @param timeout milliseconds, as the mini program gave it */
    start(timeout: unknown): void {
      const wanted = typeof timeout === 'number' && timeout > 0 ? timeout : DEFAULT_TIMEOUT
      const end = () => controller.abort(new WxFailure('timeout', TIMED_OUT))
      timer = setTimeout(end, Math.min(wanted, MAX_TIMEOUT))
    },
    cancel: (): void => controller.abort(new WxFailure('abort')),
    /** When the call is over: nothing waits for its end any more. */
    stop: (): void => clearTimeout(timer),
  }
}
