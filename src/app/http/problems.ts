import { type ErrorCode, R3SessionError } from '../../domain/errors.js'
import type { Language, Text } from '../config/language.js'

export type Action = 'relogin' | 'retry' | 'fix_request' | 'contact_operator' | 'none'

/** How an error code looks over HTTP. */
export interface ErrorForm {
  readonly status: number
  readonly action: Action
  readonly title: Text
  /** Seconds, for the `Retry-After` header. Every 429 and 503 has one. */
  readonly retryAfter?: number
}

/** The one place where error codes meet HTTP. docs/errors.md is held to it. */
export const errorForms: Record<ErrorCode, ErrorForm> = {
  invalid_request: form(400, 'fix_request', 'The request is malformed', '请求格式不正确'),
  body_too_large: form(413, 'fix_request', 'The request body is too large', '请求体过大'),
  unsupported_media_type: form(
    415,
    'fix_request',
    'The content type or encoding is not supported',
    '不支持的内容类型或编码',
  ),
  not_found: form(404, 'fix_request', 'There is nothing at this path', '路径不存在'),
  method_not_allowed: form(405, 'fix_request', 'This path does not support the method', '该路径不支持此方法'),
  code_invalid: form(400, 'relogin', 'The login code is invalid or has expired', '登录 code 无效或已过期'),
  code_used: form(400, 'relogin', 'The login code has been used already', '登录 code 已被使用'),
  user_blocked: form(403, 'none', 'WeChat refuses the login of this user', '微信拒绝了该用户的登录'),
  wechat_rate_limited: form(429, 'retry', 'WeChat limits the rate of calls', '微信接口调用过于频繁', 60),
  wechat_busy: form(503, 'retry', 'WeChat is busy', '微信系统繁忙', 1),
  wechat_unreachable: form(503, 'retry', 'WeChat cannot be reached', '无法连接微信服务器', 5),
  wechat_timeout: form(504, 'relogin', 'WeChat did not answer in time', '微信服务器响应超时'),
  wechat_invalid_response: form(
    502,
    'relogin',
    'WeChat gave an unusable answer',
    '微信服务器返回了无法识别的响应',
  ),
  wechat_misconfigured: form(
    502,
    'contact_operator',
    'WeChat refuses this service',
    '微信拒绝了本服务的凭据或来源地址',
  ),
  wechat_quota: form(
    503,
    'retry',
    'The daily quota of WeChat calls is used up',
    '微信接口当日调用额度已用完',
    3600,
  ),
  unauthorized: form(401, 'relogin', 'No credentials were sent', '未携带登录凭证'),
  invalid_session: form(401, 'relogin', 'The session is not valid', '会话无效'),
  invalid_client: form(401, 'fix_request', 'The service key is missing or wrong', '服务密钥缺失或错误'),
  rate_limited: form(429, 'retry', 'That was too often; try again later', '操作过于频繁，请稍后再试', 60),
  decrypt_failed: form(422, 'relogin', 'The sealed data does not open', '加密数据无法解密'),
  signature_mismatch: form(
    422,
    'relogin',
    'rawData is not signed with any session key we have',
    'rawData 的签名与服务端持有的任何 session_key 都不相符',
  ),
  key_replaced: form(
    409,
    'relogin',
    'The newest session_key is replaced or gone',
    '最新的 session_key 已被更换或已不存在',
  ),
  storage_unavailable: form(503, 'retry', 'The session store is not available', '会话存储暂不可用', 1),
  overloaded: form(503, 'retry', 'The service is overloaded or stopping', '服务过载或正在停止', 1),
  internal: form(500, 'retry', 'Something went wrong here', '服务内部错误'),
}

function form(status: number, action: Action, en: string, zh: string, retryAfter?: number): ErrorForm {
  return { status, action, title: { en, zh }, ...(retryAfter === undefined ? {} : { retryAfter }) }
}

/** An RFC 9457 problem. Made of closed lists only: no exception's and no foreign text gets in. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail?: string
  readonly code: ErrorCode
  readonly action: Action
  readonly requestId: string
}

/** An error with a word for the client on how to mend the request. It is sent as it stands, so it never quotes input. */
export class ExplainedError extends R3SessionError {
  readonly detail: Text

  constructor(code: ErrorCode, detail: Text, { facts, cause }: Partial<R3SessionError> = {}) {
    super(code, { ...(facts && { facts }), cause })
    this.detail = detail
  }
}

/** Where `/docs` says more. A path and no link: only the caller knows by which address this service is reached. */
const SEE = {
  en: (code: ErrorCode) => ` See /docs#error-${code}.`,
  zh: (code: ErrorCode) => `详见 /docs#error-${code}。`,
}

/** The problem document of an error, in the caller's language. */
export function problemOf(error: R3SessionError, requestId: string, language: Language): Problem {
  const { code } = error
  const { status, action, title } = errorForms[code]
  return {
    type: `urn:r3session:error:${code}`,
    title: title[language],
    status,
    ...(error instanceof ExplainedError && { detail: error.detail[language] + SEE[language](code) }),
    code,
    action,
    requestId,
  }
}

/** What is known of the request that failed; nothing of it where no request could be read. */
export interface FailedRequest {
  readonly requestId: string
  readonly language?: Language
  /** Its header. */
  readonly authorization?: string
}

/** What an error is answered with: the same through Koa, on a bare socket, and where there is no request yet. */
export function problemAnswer(
  error: R3SessionError,
  { requestId, language = 'en', authorization = '' }: FailedRequest,
): { status: number; headers: Record<string, string>; body: string } {
  const { status, retryAfter: usual } = errorForms[error.code]
  const retryAfter = error.retryAfter ?? usual
  const challenge = challengeOf(error.code, authorization)
  return {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Content-Language': language === 'zh' ? 'zh-CN' : 'en',
      Vary: 'Accept-Language',
      ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
      ...(challenge !== undefined && { 'WWW-Authenticate': challenge }),
    },
    body: JSON.stringify(problemOf(error, requestId, language)),
  }
}

/**
 * The `WWW-Authenticate` of an answer, if it has one: the scheme that was tried, or those there are (RFC 6750,
 * section 3: who sent no credentials is told nothing else; RFC 6749, section 5.2: who tried Basic is told Basic).
 *
 * @param authorization the request's header
 */
function challengeOf(code: ErrorCode, authorization: string): string | undefined {
  if (code === 'unauthorized') return 'Bearer'
  if (code === 'invalid_session') return 'Bearer error="invalid_token"'
  if (code !== 'invalid_client') return undefined
  const basic = 'Basic realm="r3session", charset="UTF-8"'
  if (/^basic(?: |$)/i.test(authorization)) return basic
  return authorization === '' ? `Bearer, ${basic}` : 'Bearer'
}
