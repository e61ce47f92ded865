/** What every call to WeChat can fail with. */
export const wechatErrors = [
  'wechat_rate_limited',
  'wechat_busy',
  'wechat_unreachable',
  'wechat_timeout',
  'wechat_invalid_response',
  'wechat_misconfigured',
  'wechat_quota',
] as const

/**
 * The closed list of what can go wrong. `code` is public and never changes its meaning; how it looks over HTTP
 * (status, title, action) is the business of `app/http/problems.ts`, where a code without a row does not compile.
 */
export const errorCodes = [
  'invalid_request',
  'body_too_large',
  'unsupported_media_type',
  'not_found',
  'method_not_allowed',
  'code_invalid',
  'code_used',
  'user_blocked',
  ...wechatErrors,
  'unauthorized',
  'invalid_session',
  'invalid_client',
  'rate_limited',
  'decrypt_failed',
  'signature_mismatch',
  'key_replaced',
  'storage_unavailable',
  'overloaded',
  'internal',
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** What is known about a failure, for the log and for who looks into one: no secret, no token, no code, no URL. */
export interface Facts {
  /** WeChat's number for what went wrong. */
  readonly errcode?: number
  /** WeChat's name of the call, which its support asks for. */
  readonly rid?: string
  /** Where WeChat saw us call from. */
  readonly address?: string
  /** A few words of our own, or a system's error code such as `ECONNRESET`. */
  readonly reason?: string
}

/**
 * The one error class of the domain and the adapters. It has no words for users: those stand on the routes.
 *
 * `facts` and `cause` are for the log only, never for an answer. Adapters build a `cause` from error codes, not from
 * foreign messages, so that it can be printed.
 */
export class R3SessionError extends Error {
  readonly code: ErrorCode
  readonly facts: Facts
  /** Seconds after which it may go better, where that is known more exactly than for the code as such. */
  readonly retryAfter: number | undefined

  constructor(
    code: ErrorCode,
    {
      facts = {},
      cause,
      retryAfter,
    }: { facts?: Facts; cause?: unknown; retryAfter?: number | undefined } = {},
  ) {
    super(code, cause === undefined ? {} : { cause })
    this.name = 'R3SessionError'
    this.code = code
    this.facts = facts
    this.retryAfter = retryAfter
  }
}

/** What everything that is kept can fail with. */
export const storeErrors = ['storage_unavailable'] as const satisfies readonly ErrorCode[]

/** What recording a login can fail with. */
export const saveErrors = ['invalid_session', ...storeErrors] as const satisfies readonly ErrorCode[]

/** What asking for a phone number can fail with. */
export const phoneCodeErrors = [
  'code_invalid',
  'code_used',
  ...wechatErrors,
] as const satisfies readonly ErrorCode[]

/** What trading a login code can fail with. */
export const exchangeErrors = [...phoneCodeErrors, 'user_blocked'] as const satisfies readonly ErrorCode[]
