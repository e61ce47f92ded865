/** What an answer over HTTP means. */
import { type Action, actions, R3SessionError } from './error.js'
import type { Answer } from './types.js'
import { fieldsOf } from './wx.js'

/** A header's value. Names come in any letter case: they differ between phones and with HTTP/2. */
export function headerOf({ header }: Answer<unknown>, name: string): string | undefined {
  const found = Object.keys(header).find((key) => key.toLowerCase() === name)
  return found === undefined ? undefined : String(header[found])
}

/** Seconds until a 429 or 503 asks to come back, from either form of `Retry-After` (RFC 9110, 10.2.3). */
export function retryAfterOf(answer: Answer<unknown>, now: number): number | undefined {
  if (answer.statusCode !== 429 && answer.statusCode !== 503) return undefined
  const value = (headerOf(answer, 'retry-after') ?? '').trim()
  const seconds = /^\d+$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - now) / 1000)
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}

export function isSuccess({ statusCode }: Answer<unknown>): boolean {
  return statusCode >= 200 && statusCode < 300
}

/**
 * The error for an answer that is no success: the service's own, or `http_error` for what another server said.
 * `now` is needed for a `Retry-After` that is a date.
 */
export function errorOf(answer: Answer<unknown>, now: number): R3SessionError {
  const { statusCode: status, data } = answer
  const { code, action, title, detail, requestId } = fieldsOf(parsed(data))
  const common = {
    status,
    data,
    requestId: typeof requestId === 'string' ? requestId : headerOf(answer, 'x-request-id'),
    retryAfter: retryAfterOf(answer, now),
  }
  const known = actions.find((one) => one === action)
  if (typeof code !== 'string' || known === undefined) {
    const message = isSuccess(answer)
      ? 'an answer that makes no sense; is baseUrl right?'
      : 'the server refuses'
    return new R3SessionError(`${message} (${status})`, {
      ...common,
      code: 'http_error',
      action: actionFor(status),
    })
  }
  const text = [title, detail].filter((part) => typeof part === 'string').join('. ')
  return new R3SessionError(`${text} (${code}, ${status})`, { ...common, code, action: known })
}

/** What to do about an answer that does not say it. A nonsensical success may be a hotel's sign-in page: that passes. */
function actionFor(status: number): Action {
  if (status === 401) return 'relogin'
  return status >= 500 || status === 429 || status < 300 ? 'retry' : 'fix_request'
}

/** A request for `dataType: 'text'` gets the service's error as text. */
function parsed(data: unknown): unknown {
  if (typeof data !== 'string') return data
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}
