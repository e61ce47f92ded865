/** Labels for requests and answers in the sequence diagram. */
import { headerNamed, isRecord, preview, shortenTokens } from '../page/values.js'
import type { Step } from './journal.js'

type Topic = NonNullable<Step['topic']>

const topics: Readonly<Record<string, Topic>> = {
  'POST /v1/login': 'login',
  'POST /v1/decrypt': 'decrypt',
  'POST /v1/phone-number': 'phoneNumber',
  'GET /v1/session': 'session',
  'DELETE /v1/session': 'logout',
  'GET /sandbox/api': 'api',
  'POST /sandbox/order': 'order',
  'GET /sandbox/order': 'delivery',
  'DELETE /sandbox/account': 'account',
  'POST /v1/sign': 'sign',
}

/** The key of the sentence that explains a request. */
export function requestTopic(method: string, path: string): Topic | undefined {
  const request = `${method} ${path}`
  return request.startsWith('DELETE /v1/users/') ? 'forget' : topics[request]
}

/** The arrow for an answer. Its label says in a few words what the answer contains. */
export function answerLabel(
  status: number,
  header: Readonly<Record<string, string>>,
  body: unknown,
  topic: Topic | undefined,
): Pick<Step, 'label' | 'tone' | 'topic' | 'detail'> {
  const fields = isRecord(body) ? body : {}
  const detail = { statusCode: status, data: body }
  if (status >= 200 && status < 300) {
    return { tone: 'answer', label: `${status} ${summary(fields)}`.trim(), ...(topic && { topic }), detail }
  }
  const wait = headerNamed(header, 'retry-after')
  const label = `${status} ${String(fields['code'] ?? '')}${wait === undefined ? '' : `, Retry-After ${wait} s`}`
  return { tone: 'failure', label, topic: 'problem', detail }
}

/** The first of the interesting fields that the answer has. */
function summary(fields: Readonly<Record<string, unknown>>): string {
  const { r3session, data, phoneNumber, headers, openid, signature, left, state } = fields
  if (typeof r3session === 'string') return `r3session ${shortenTokens(r3session)}`
  if (isRecord(data)) return `{${Object.keys(data).slice(0, 2).join(', ')}, …}`
  if (typeof phoneNumber === 'string') return phoneNumber
  if (typeof signature === 'string') return `signature ${signature.slice(0, 6)}…`
  if (typeof state === 'string') return state
  if (isRecord(left)) return preview(left)
  if (isRecord(headers)) return Object.keys(headers)[0] ?? ''
  return typeof openid === 'string' ? `openid ${openid.slice(0, 6)}…` : ''
}
