import { type ErrorCode, R3SessionError, storeErrors } from '../errors.js'
import { type Report, swallow } from '../events.js'
import type { Attempt, AttemptRepository, Clock } from '../ports.js'

/** How often somebody looks whether the attempt under way in another process has ended, in milliseconds. */
const LOOK_EVERY = 50

/** What an attempt takes besides WeChat's answer, in milliseconds: looking up the epoch, and recording a session. */
const BESIDES_WECHAT = 5_000

/** How long an attempt may be under way that calls WeChat with this deadline, in milliseconds. */
export function leaseOf(timeout: number): number {
  return timeout + BESIDES_WECHAT
}

/** What an attempt can fail with besides its work. */
export const onceErrors = ['code_used', ...storeErrors] as const satisfies readonly ErrorCode[]

/**
 * Does the work of an attempt once for all who share the store: one caller works, the others wait and get what it
 * got, as does every repeat that comes while the attempt is remembered. `work` has to record its answer itself.
 *
 * Fails with what the work fails with, which is then open to another try, and with `code_used` for a code that came
 * with another key.
 *
 * @param lease milliseconds after which a caller without an answer counts as dead
 * @param remembered milliseconds from the first try on
 */
export function createOnce<Answer>(deps: {
  attempts: AttemptRepository<Answer>
  clock: Clock
  pause: (milliseconds: number) => Promise<unknown>
  lease: number
  remembered: number
  report: Report
}) {
  return async (attempt: Attempt, work: () => Promise<Answer>): Promise<Answer> => {
    for (;;) {
      const now = deps.clock()
      const when = { now, leaseUntil: now + deps.lease, rememberUntil: now + deps.remembered }
      const claim = await deps.attempts.claim(attempt, when)
      if (claim === 'taken') throw new R3SessionError('code_used')
      if (typeof claim === 'object') {
        deps.report({ type: 'attempt_repeated', appid: attempt.appid })
        return claim.answer
      }
      if (claim === 'first') {
        try {
          return await work()
        } catch (error) {
          // A claim that can't be given up ends by itself; the caller should hear what went wrong first.
          await deps.attempts.abandon(attempt).catch(swallow(deps.report, 'giving up an attempt'))
          throw error
        }
      }
      await deps.pause(LOOK_EVERY)
    }
  }
}
