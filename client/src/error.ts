/** What to do about an error. */
export type Action = 'relogin' | 'retry' | 'fix_request' | 'contact_operator' | 'none'

export const actions: readonly Action[] = ['relogin', 'retry', 'fix_request', 'contact_operator', 'none']

export interface ErrorFields {
  readonly code: string
  readonly action: Action
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
  readonly code: string
  /**
   * What to do: `relogin` and ask the user again (a new login has been made), `retry` later, fix the request, contact the
   * operator, or nothing, for it will not help.
   */
  readonly action: Action
  /** The HTTP status; undefined when no answer came. */
  readonly status: number | undefined
  /** Finds the request in the service's log. */
  readonly requestId: string | undefined
  /** Seconds to wait before trying again, where the answer said so. */
  readonly retryAfter: number | undefined
  /** The answer's body, whatever it was. */
  readonly data: unknown

  constructor(message: string, fields: ErrorFields) {
    super(message)
    // The developer tools may turn classes into ES5, where an Error would lose what extends it.
    Object.setPrototypeOf(this, R3SessionError.prototype)
    this.name = 'R3SessionError'
    this.code = fields.code
    this.action = fields.action
    this.status = fields.status
    this.requestId = fields.requestId
    this.retryAfter = fields.retryAfter
    this.data = fields.data
  }
}

/** For what can be refused without asking anybody. */
export function invalidRequest(message: string): R3SessionError {
  return new R3SessionError(message, { code: 'invalid_request', action: 'fix_request' })
}
