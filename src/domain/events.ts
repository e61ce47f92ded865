import type { ErrorCode } from './errors.js'
import type { LimitName } from './limits/limit.js'
import type { UserKey } from './session.js'

/** On whose behalf something was done, for the record alone: nothing is decided by it. */
export interface Caller {
  readonly requestId: string
  /** Name of the service key, where a service asked. */
  readonly serviceKey?: string
}

/**
 * What happened, told after the deed. Log, audit and metrics hang on these. No event holds a token, a login code, a
 * key or what was decrypted.
 */
export type DomainEvent =
  | { readonly type: 'login'; readonly user: UserKey; readonly sessionId: string }
  /** A retry, of a login or of a phone code, that got the answer of the first try. */
  | { readonly type: 'attempt_repeated'; readonly appid: string }
  | { readonly type: 'login_failed'; readonly appid: string; readonly code: ErrorCode }
  /** Sessions that were ended before their time. */
  | {
      readonly type: 'sessions_ended'
      readonly user: UserKey
      readonly reason: 'logout' | 'made_room' | 'ended' | 'all_ended' | 'forgotten'
      readonly count: number
      readonly by?: Caller
    }
  /** WeChat gave a session_key outside a login (`reset`), or was found not to honour the one on record (`check`). */
  | { readonly type: 'key_replaced'; readonly user: UserKey; readonly by: 'reset' | 'check' }
  /** Which key of the ring opened sealed data: the newest, an older one, or none. */
  | { readonly type: 'decryption'; readonly user: UserKey; readonly key: 'newest' | 'older' | 'none' }
  /** Somebody was told to wait. */
  | { readonly type: 'limited'; readonly limit: LimitName }
  | { readonly type: 'phone_number'; readonly user: UserKey }
  /** A login that was to bring a phone number along went without; its caller is told why. */
  | {
      readonly type: 'phone_failed'
      readonly appid: string
      readonly error: unknown
      readonly by?: Caller
    }
  /** Something was signed with the user's session_key. */
  | { readonly type: 'signed'; readonly user: UserKey; readonly by?: Caller }
  /** The user's encryption keys were given out. */
  | { readonly type: 'encrypt_keys'; readonly user: UserKey; readonly by?: Caller }
  | { readonly type: 'access_token_fetched'; readonly appid: string }
  | { readonly type: 'access_token_vended'; readonly appid: string; readonly by?: Caller }
  /** WeChat was out of reach so often that no call is made for a while; `reason` is why at last. */
  | { readonly type: 'wechat_circuit'; readonly state: 'open'; readonly reason?: string | undefined }
  /** WeChat is back, after so many milliseconds in which so many calls were refused. */
  | {
      readonly type: 'wechat_circuit'
      readonly state: 'closed'
      readonly after: number
      readonly refused: number
    }
  /** Something went wrong that no caller is told of, because what was asked for could be done all the same. */
  | { readonly type: 'failure'; readonly of: SwallowedFailure; readonly error: unknown }

export type SwallowedFailure =
  | 'recording the last use of a session'
  | 'giving up an attempt'
  | 'remembering a phone number'
  | 'refreshing an access_token'
  | 'counting for a limit'

/** Takes what happened; never fails and never waits. */
export type Report = (event: DomainEvent) => void

/** For `catch`: reports a failure instead of passing it on. */
export function swallow(report: Report, of: SwallowedFailure): (error: unknown) => void {
  return (error) => report({ type: 'failure', of, error })
}
