import { TIMED_OUT, WxFailure } from './failure.js'

/** The default timeout of a call, which is also the default of `networkTimeout` in app.json. */
const DEFAULT_TIMEOUT = 60_000

/** The longest time that setTimeout can wait. With a longer one it fires at once. */
const MAX_TIMEOUT = 2 ** 31 - 1

/** Ends a call when it times out or is cancelled. The reason of the signal is then a WxFailure. */
export function createDeadline() {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  return {
    signal: controller.signal,

    /** @param timeout in milliseconds, as the mini program gave it */
    start(timeout: unknown): void {
      const wanted = typeof timeout === 'number' && timeout > 0 ? timeout : DEFAULT_TIMEOUT
      const end = () => controller.abort(new WxFailure('timeout', TIMED_OUT))
      timer = setTimeout(end, Math.min(wanted, MAX_TIMEOUT))
    },
    cancel: (): void => controller.abort(new WxFailure('abort')),
    /** Stops the timer when the call is over. */
    stop: (): void => clearTimeout(timer),
  }
}
