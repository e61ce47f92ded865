/** What an answer over HTTP means. */
import { type Action, R3SessionError } from './error.js'
import type { Answer } from './types.js'
import { fieldsOf } from './wx.js'

/** A header's value or ''. Names come in any letter case: they differ between phones and with HTTP/2. */
function headerOf({ header }: Answer<unknown>, name: string): string {
  const found = Object.keys(header).find((key) => key.toLowerCase() === name)
  return found ? String(header[found]).trim() : ''
}

/**
 * Seconds until a 429 or 503 asks to come back, from either form of `Retry-After` (RFC 9110, 10.2.3). A date is read by
 * the clock of the server that gave it: phones are often minutes off.
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

/** The body of a success that has these fields. Throws the error of anything else. */
export function successOf<T>(answer: Answer<unknown>, ...needed: string[]): T {
  const fields = fieldsOf(answer.data)
  if (isSuccess(answer.statusCode) && needed.every((name) => fields[name] !== undefined))
    return answer.data as T
  throw errorOf(answer)
}

/** Whether it comes from a gateway that got no answer, or no whole one, from the service behind it. */
export function isFromGateway(answer: Answer<unknown>): boolean {
  return (answer.statusCode === 502 || answer.statusCode === 504) && errorOf(answer).code === 'http_error'
}

/** The error for an answer that is of no use: the service's own, or `http_error` for what another server said. */
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
      // A success without what was expected may still hold a token.
      data: isSuccess(status) ? undefined : data,
      requestId: (requestId as string) || headerOf(answer, 'x-request-id') || undefined,
      retryAfter: retryAfterOf(answer),
    },
  )
}

/** What to do about an answer that does not say it. Success with a wrong body may be a hotel's sign-in page: it passes. */
function actionFor(status: number): Action {
  if (status === 401) return 'relogin'
  return status >= 500 || status === 429 || isSuccess(status) ? 'retry' : 'fix_request'
}

/** The service's error also reaches a request that asked for text. */
function parsed(data: unknown): unknown {
  try {
    return JSON.parse(data as string)
  } catch {
    return data
  }
}
