import { assign } from './wx.js'

/** What to do about an error. */
export type Action = 'relogin' | 'retry' | 'fix_request' | 'contact_operator' | 'none'

/** What an R3SessionError knows about the answer that caused it. */
export interface ErrorDetails {
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  readonly retryAfter?: number | undefined
  readonly data?: unknown
}

/**
 * The only error that the client's promises reject with. The message is for developers, not for users. It contains no
 * token and no login code.
 */
export class R3SessionError extends Error {
  /**
   * The service's code, such as `user_blocked` or `decrypt_failed`; the service's docs/errors.md lists them. `network` when no
   * answer came, `http_error` when another server answered, `invalid_request` also when the client itself refused to
   * send.
   */
  declare readonly code: string
  /**
   * What to do: `relogin`: the client has logged in again; for encrypted data, ask the user again. `retry`: try later.
   * `fix_request`: correct the request. `contact_operator`: tell the operator. `none`: nothing helps.
   */
  declare readonly action: Action
  /** The HTTP status; undefined when no answer came. */
  declare readonly status: number | undefined
  /** The id of the request in the service's log. */
  declare readonly requestId: string | undefined
  /** Seconds to wait before the next try, if the answer said so. */
  declare readonly retryAfter: number | undefined
  /** The body of the answer. */
  declare readonly data: unknown

  constructor(message: string, code: string, action: Action, details?: ErrorDetails) {
    super(message)
    // WeChat's developer tools may compile classes to ES5, where a subclass of Error loses its prototype.
    Object.setPrototypeOf(this, R3SessionError.prototype)
    assign(this, { name: 'R3SessionError', code, action }, details)
  }
}

/** The error for a call that is refused before anything is sent. */
export function invalidRequest(message: string): R3SessionError {
  return new R3SessionError(message, 'invalid_request', 'fix_request')
}

/** The error for a request that got no answer. */
export function noAnswer(message: string, action: Action = 'retry'): R3SessionError {
  return new R3SessionError(message, 'network', action)
}
