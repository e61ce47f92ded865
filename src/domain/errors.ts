/**
 * The closed list of what can go wrong. `code` is public and never changes its meaning; how it looks over HTTP
 * (status, title, action) is the business of `app/errors.ts`, where a code without a row does not compile.
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
  'wechat_rate_limited',
  'wechat_busy',
  'wechat_unreachable',
  'wechat_timeout',
  'wechat_invalid_response',
  'wechat_misconfigured',
  'wechat_quota',
  'unauthorized',
  'invalid_session',
  'invalid_client',
  'decrypt_failed',
  'signature_mismatch',
  'storage_unavailable',
  'overloaded',
  'internal',
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** One sentence in the languages the service speaks. It is sent to clients as it stands, so it never quotes input. */
export interface Text {
  readonly en: string
  readonly zh: string
}

/**
 * The one error class of the project.
 *
 * `detail` tells the client how to mend its request and may be sent as it is. `cause` is for the log only and must
 * hold no token, no key, no login code and no URL: adapters build it from error codes, not from foreign messages.
 */
export class R3SessionError extends Error {
  readonly code: ErrorCode
  readonly detail: Text | undefined

  constructor(code: ErrorCode, options: { detail?: Text; cause?: unknown } = {}) {
    super(code, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'R3SessionError'
    this.code = code
    this.detail = options.detail
  }
}

/** The error with a word on how to mend the request, where it is one of this code; any other as it is. */
export function explained(error: unknown, code: ErrorCode, detail: Text): unknown {
  if (!(error instanceof R3SessionError) || error.code !== code) return error
  return new R3SessionError(code, { detail, cause: error.cause })
}
