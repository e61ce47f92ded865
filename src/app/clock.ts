import type { Clock } from '../domain/ports.js'

/** Milliseconds by which the system's clock may differ from what passed: it is slewed, and read at another moment. */
const SLACK = 2_000

/** For so many milliseconds a jump of the clock has to last before it counts: whoever sets it wrong sees it by then. */
const LASTING = 10 * 60_000

/**
 * Time for a service whose system may be set to a wrong one, and back. From a known instant on it passes as a clock does
 * that is never set; what the system's says beside that is a jump, until it has lasted for ten minutes.
 *
 * - `now` follows a jump forward at once, since sessions end when they end, and no jump back: what has ended stays so.
 * - `settled` follows neither. By it is decided what is deleted: who was out because of a wrong clock is in again.
 *
 * @param wall the system's clock
 * @param monotonic milliseconds on a clock that is never set
 * @param mark an instant that was reached already, before the start: when the store was last written, say
 */
export function createSteadyClock({
  wall,
  monotonic,
  mark = wall(),
}: {
  wall: Clock
  monotonic: () => number
  mark?: number | undefined
}): { now: Clock; settled: Clock } {
  let known = { instant: mark, at: monotonic() }
  let jump: { size: number; since: number } | undefined

  /** What has passed since, and what the system's clock says. */
  function read(): { passed: number; told: number } {
    const at = monotonic()
    const told = wall()
    // Instants are whole milliseconds: a store takes no others.
    const passed = Math.floor(known.instant + at - known.at)
    const size = told - passed
    const isJump = Math.abs(size) > SLACK
    if (!isJump) jump = undefined
    else if (jump === undefined || Math.abs(size - jump.size) > SLACK) jump = { size, since: at }
    const hasLasted = jump !== undefined && at - jump.since >= LASTING
    if (hasLasted || (!isJump && size > 0)) {
      known = { instant: told, at }
      jump = undefined
      return { passed: told, told }
    }
    return { passed, told }
  }

  return {
    now() {
      const { passed, told } = read()
      return Math.max(passed, told)
    },
    settled: () => read().passed,
  }
}

/** The time that a test gives, or else that of the system, made steady. */
export function timeFor(given: Clock | undefined, system: Parameters<typeof createSteadyClock>[0]) {
  return given ? { now: given, settled: given } : createSteadyClock(system)
}
