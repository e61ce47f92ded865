/** Reads HTTP answers: success or error, and what to do about an error. */
import { type Action, R3SessionError } from './error.js'
import { fieldsOf } from './wx.js'

/** The answer to a request; what else `wx` gives is there as well. */
export interface Answer<T> {
  readonly statusCode: number
  readonly data: T
  /** As WeChat gives them: the case of the names differs between phones. */
  readonly header: Readonly<Record<string, string>>
}

/** The value of a header, or ''. Ignores the case of names: it differs between phones and with HTTP/2. */
function headerOf({ header }: Answer<unknown>, name: string): string {
  const found = Object.keys(header).find((key) => key.toLowerCase() === name)
  return found ? String(header[found]).trim() : ''
}

/**
 * The seconds to wait after a 429 or 503, from either form of `Retry-After` (RFC 9110, 10.2.3). A date is compared with
 * the server's own `Date` header, because the clocks of phones are often minutes off.
 */
export function retryAfterOf(answer: Answer<unknown>): number | undefined {
  if (answer.statusCode !== 429 && answer.statusCode !== 503) return undefined
  const value = headerOf(answer, 'retry-after')
  const seconds = /^\d+$/.test(value)
    ? Number(value)
    : Math.ceil((Date.parse(value) - Date.parse(headerOf(answer, 'date'))) / 1000)
  return seconds < 0 ? 0 : seconds >= 0 ? seconds : undefined
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

/** The body of a successful answer that has these fields. Throws an R3SessionError for any other answer. */
export function successOf<T>(answer: Answer<unknown>, ...needed: string[]): T {
  const fields = fieldsOf(answer.data)
  if (isSuccess(answer.statusCode) && needed.every((name) => fields[name] !== undefined))
    return answer.data as T
  throw errorOf(answer)
}

/** Whether a gateway answered because it got no complete answer from the service behind it. */
export function isFromGateway(answer: Answer<unknown>): boolean {
  return (answer.statusCode === 502 || answer.statusCode === 504) && errorOf(answer).code === 'http_error'
}

/** The error for a failed answer: the service's own error, or `http_error` when another server answered. */
export function errorOf(answer: Answer<unknown>): R3SessionError {
  const { statusCode: status, data } = answer
  const { code, action, title, detail, requestId } = fieldsOf(parsed(data))
  const isOurs = typeof code === 'string' && typeof action === 'string'
  return new R3SessionError(
    isOurs ? `${code}: ${title} ${detail || ''}`.trim() : `HTTP ${status}, not from r3session`,
    isOurs ? code : 'http_error',
    isOurs ? (action as Action) : actionFor(status),
    {
      status,
      // The body of a success may contain a token, even when expected fields are missing.
      data: isSuccess(status) ? undefined : data,
      requestId: (requestId as string) || headerOf(answer, 'x-request-id') || undefined,
      retryAfter: retryAfterOf(answer),
    },
  )
}

/**
 * The action for an answer that names none. A success with a wrong body may be the sign-in page of a hotel's network,
 * so a retry can help.
 */
function actionFor(status: number): Action {
  if (status === 401) return 'relogin'
  return status >= 500 || status === 429 || isSuccess(status) ? 'retry' : 'fix_request'
}

/** Parses JSON that was received as text: a request with `dataType: 'text'` gets the service's errors unparsed. */
function parsed(data: unknown): unknown {
  try {
    return JSON.parse(data as string)
  } catch {
    return data
  }
}
