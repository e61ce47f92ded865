/** Answers as they came over the wire, held to HTTP/1.1 and to what every answer of ours has. */

export interface Answer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/
const FIELD = /^([!#$%&'*+.^_`|~\w-]+): ([\t\x20-\x7e]*)$/

/**
 * The answers in what a connection gave, and what of it is none. A body that was told but is not there is allowed where
 * the next answer or the end follows: HEAD is answered so.
 */
export function readAnswers(text: string): { answers: Answer[]; problem?: string } {
  const answers: Answer[] = []
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\r\n\r\n', at)
    if (end < 0) return { answers, problem: `a head without an end: ${excerpt(text.slice(at))}` }
    const [first = '', ...lines] = text.slice(at, end).split('\r\n')
    const status = Number(STATUS_LINE.exec(first)?.[1])
    if (!(status >= 100)) return { answers, problem: `no status line: ${excerpt(first)}` }
    const headers = new Map<string, string>()
    for (const line of lines) {
      const [, name = '', value = ''] = FIELD.exec(line) ?? []
      if (name === '') return { answers, problem: `no header field: ${excerpt(line)}` }
      if (headers.has(name.toLowerCase())) return { answers, problem: `twice the header ${name}` }
      headers.set(name.toLowerCase(), value)
    }
    at = end + 4
    if (status === 100) continue
    const length = Number(headers.get('content-length') ?? 0)
    if (!/^\d*$/.test(headers.get('content-length') ?? '') || headers.has('transfer-encoding')) {
      return { answers, problem: `a framing that is not ours: ${excerpt(lines.join(' '))}` }
    }
    const isHead = at === text.length || text.startsWith('HTTP/1.1 ', at)
    const body = isHead ? '' : text.slice(at, at + length)
    if (!isHead && body.length < length) return { answers, problem: 'a body shorter than was told' }
    at += body.length
    answers.push({ status, headers, body })
  }
  return { answers }
}

const ID = /^[0-9a-f-]{16,64}$/i

/** Codes that a healthy service may give whatever it is asked. */
const planned: Readonly<Record<number, readonly string[]>> = {
  400: ['invalid_request', 'code_invalid', 'code_used'],
  401: ['unauthorized', 'invalid_session', 'invalid_client'],
  404: ['not_found'],
  405: ['method_not_allowed'],
  409: ['key_replaced'],
  413: ['body_too_large'],
  415: ['unsupported_media_type'],
  422: ['decrypt_failed', 'signature_mismatch'],
  429: ['rate_limited'],
  // A machine that has no time for us makes WeChat late; 500 and 502 are nothing it could make.
  503: ['overloaded', 'wechat_unreachable', 'wechat_busy'],
  504: ['wechat_timeout'],
}

/** What is wrong with an answer; nothing for most. */
export function problemOf({ status, headers, body }: Answer): string | undefined {
  if (!ID.test(headers.get('x-request-id') ?? '')) return 'no X-Request-Id'
  if (!headers.has('cache-control')) return 'no Cache-Control'
  if (status < 400) return [200, 201, 204, 304].includes(status) ? undefined : `status ${status}`
  const codes = planned[status]
  if (codes === undefined) return `status ${status}: ${excerpt(body)}`
  if (body === '') return undefined
  let problem: Record<string, unknown>
  try {
    problem = JSON.parse(body)
  } catch {
    return `a problem that is no JSON: ${excerpt(body)}`
  }
  if (!codes.includes(String(problem['code']))) return `status ${status} with the code ${problem['code']}`
  if (problem['requestId'] !== headers.get('x-request-id')) return 'another requestId than X-Request-Id'
  return undefined
}

export function excerpt(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text)
}
