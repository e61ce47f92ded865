/** Why nobody is known to be calling. The codes are those of r3session, so that its client knows what to do about them. */
export type Refusal = 'unauthorized' | 'invalid_session' | 'overloaded'

const forms = {
  unauthorized: {
    status: 401,
    action: 'relogin',
    title: 'No credentials were sent',
    headers: { 'WWW-Authenticate': 'Bearer' },
  },
  invalid_session: {
    status: 401,
    action: 'relogin',
    title: 'The session is not valid',
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  },
  overloaded: {
    status: 503,
    action: 'retry',
    title: 'The service is overloaded or stopping',
    headers: { 'Retry-After': '1' },
  },
} as const

/**
 * The only error that a verifier rejects with. `status`, `headers` and `body` are the answer to give, a problem document
 * as r3session's own; `message` is for the log. Nothing in it is a token, a key or a secret.
 */
export class VerifyError extends Error {
  override readonly name = 'VerifyError'
  /** `unauthorized`: no token came. `invalid_session`: it is none, or has ended. `overloaded`: nobody could tell. */
  readonly code: Refusal
  /** 401, or 503 in doubt. */
  readonly status: 401 | 503
  readonly headers: Readonly<Record<string, string>>
  /** JSON of the content type that `headers` names. */
  readonly body: string

  constructor(code: Refusal, message: string, options?: ErrorOptions) {
    super(message, options)
    const { status, action, title, headers } = forms[code]
    this.code = code
    this.status = status
    this.headers = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...headers }
    this.body = JSON.stringify({ type: `urn:r3session:error:${code}`, title, status, code, action })
  }
}
