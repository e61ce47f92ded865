/** What to do about an error. */
export type Action = 'relogin' | 'retry' | 'fix_request' | 'contact_operator' | 'none'

/** What an R3SessionError knows of the answer that caused it. */
export interface ErrorDetails {
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  readonly retryAfter?: number | undefined
  readonly data?: unknown
}

/**
 * The one thing that the client's promises reject with. The message is for developers, not for users, and holds no token
 * and no login code.
 */
export class R3SessionError extends Error {
  /**
   * The service's code: `user_blocked`, `decrypt_failed`, ... Its README lists them. `network` when no answer came,
   * `http_error` for an answer that is not the service's own, `invalid_request` also for what is refused unsent.
   */
  declare readonly code: string
  /**
   * What to do: `relogin`, which means to ask the user again where data was sealed, for a new login has been made;
   * `retry` later; mend the request; tell the operator; or nothing, for it will not help.
   */
  declare readonly action: Action
  /** The HTTP status; undefined when no answer came. */
  declare readonly status: number | undefined
  /** Finds the request in the service's log. */
  declare readonly requestId: string | undefined
  /** Seconds to wait before trying again, where the answer said so. */
  declare readonly retryAfter: number | undefined
  /** The answer's body, whatever it was. */
  declare readonly data: unknown

  constructor(message: string, code: string, action: Action, details?: ErrorDetails) {
    super(message)
    // The developer tools may turn classes into ES5, where an Error would lose what extends it.
    Object.setPrototypeOf(this, R3SessionError.prototype)
    Object.assign(this, { name: 'R3SessionError', code, action }, details)
  }
}

/** For what can be refused without asking anybody. */
export function invalidRequest(message: string): R3SessionError {
  return new R3SessionError(message, 'invalid_request', 'fix_request')
}

/** For a question that got no answer. */
export function noAnswer(message: string, action: Action = 'retry'): R3SessionError {
  return new R3SessionError(message, 'network', action)
}
