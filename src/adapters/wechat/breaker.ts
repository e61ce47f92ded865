import { R3SessionError } from '../../domain/errors.js'

/** Calls in a row that don't reach WeChat, after which none is made for a while. */
const FAILURES = 5

/** That while, in milliseconds. */
const REST = 5_000

/** The names of the pattern: calls are made, none is made, or a single one tries. */
export type CircuitState = 'closed' | 'open' | 'half_open'

/** What became of the circuit. Trials that fail tell nothing new. */
export type CircuitChange =
  | { readonly state: 'open'; readonly reason: string | undefined }
  /** After so many milliseconds, in which so many calls were refused. */
  | { readonly state: 'closed'; readonly after: number; readonly refused: number }

/** A call that WeChat was not there for: no connection, no answer in time, none at all, or a 5xx. */
export class NotReached extends R3SessionError {}

/** A call that never got as far as asking, for a reason of our own: it says nothing about WeChat. */
export class NotAsked extends R3SessionError {}

/**
 * A circuit breaker on all calls to WeChat: after 5 in a row that did not reach it they fail at once for 5 s
 * (`wechat_unreachable`, and nothing is sent), then one tries, and the others fail on until that one is back. An answer
 * of any kind, errcodes included, means that WeChat was reached.
 *
 * Of the libraries that are kept well, cockatiel has callers wait for the trial instead of failing, goes by the wall clock
 * (set back by an hour, it stays open for an hour), and lets a call from before the opening decide the trial; opossum
 * counts shares of a window instead of a row, by timers of its own. Around either this would be longer.
 *
 * @param now milliseconds on a clock that is never set
 */
export function createBreaker({
  now,
  changed = () => {},
}: {
  now: () => number
  changed?: (change: CircuitChange) => void
}) {
  let state: CircuitState = 'closed'
  // A call counts only in the period that it began in, which ends with every change of state: what was under way
  // before an opening neither closes the circuit nor spoils the trial.
  let period = 0
  let failures = 0
  let openSince = 0
  let restsUntil = 0
  let refused = 0

  function enter(next: CircuitState): void {
    state = next
    period++
    failures = 0
  }

  function open(rest: number): void {
    enter('open')
    restsUntil = now() + rest
  }

  /** The period that a call begins in, if it may. */
  function begin(): number {
    if (state === 'closed') return period
    if (state === 'half_open' || now() < restsUntil) {
      refused++
      throw new R3SessionError('wechat_unreachable', { facts: { reason: 'circuit open' } })
    }
    enter('half_open')
    return period
  }

  function reached(): void {
    failures = 0
    if (state === 'closed') return
    enter('closed')
    changed({ state: 'closed', after: now() - openSince, refused })
  }

  function notReached({ facts }: NotReached): void {
    if (state === 'half_open') open(REST)
    else if (++failures === FAILURES) {
      open(REST)
      openSince = now()
      refused = 0
      changed({ state: 'open', reason: facts.reason })
    }
  }

  return {
    state: (): CircuitState => state,

    /** What the call gives or fails with, or `wechat_unreachable` without a call. */
    async run<T>(call: () => Promise<T>): Promise<T> {
      const began = begin()
      try {
        const result = await call()
        if (began === period) reached()
        return result
      } catch (error) {
        if (began === period) {
          if (error instanceof NotReached) notReached(error)
          else if (!(error instanceof NotAsked)) reached()
          // The trial is still to be made, by the next call.
          else if (state === 'half_open') open(0)
        }
        throw error
      }
    },
  }
}

export type Breaker = ReturnType<typeof createBreaker>
