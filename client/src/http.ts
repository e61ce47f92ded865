import { errorOf, isSuccess, retryAfterOf } from './answer.js'
import { R3SessionError } from './error.js'
import { sleep, type Time, within } from './time.js'
import type { Answer } from './types.js'
import { call, fieldsOf, reasonOf, type Wx, type WxAnswer, type WxRequest } from './wx.js'

/** Milliseconds before the second and the third try of a call that got no answer. */
const PAUSES = [500, 1500]

/** Up to this many seconds a `Retry-After` is waited for; a user would not wait longer. */
const PATIENCE = 5

/** Milliseconds in which the service answers, or doesn't. */
const DEADLINE = 15_000

/** `wx.request` gets this much more, in milliseconds, to keep its own deadline. */
const GRACE = 2000

export type Http = ReturnType<typeof createHttp>

/**
 * Sends requests. Everything here resolves to an answer of any status and rejects with an R3SessionError `network` when
 * there was none.
 */
export function createHttp({ wx, baseUrl, time }: { wx: Wx; baseUrl: string; time: Time }) {
  /** One `wx.request`. */
  function send(request: WxRequest): Promise<Answer<unknown>> {
    return call<WxAnswer>((callbacks) => wx.request({ ...request, ...callbacks })).then(
      ({ statusCode, data, header }) => ({
        statusCode,
        data,
        header: fieldsOf(header) as Answer<unknown>['header'],
      }),
    )
  }

  /**
   * Repeats what was answered with 429 or 503 and a short `Retry-After`, at most twice, and what was not answered at
   * all, `silences` times.
   */
  async function patiently(
    attempt: () => Promise<Answer<unknown>>,
    url: string,
    silences: number,
  ): Promise<Answer<unknown>> {
    let busy = 0
    for (let silent = 0; ; ) {
      const answer = await attempt().catch((failure: unknown) => noAnswer(url, failure))
      if (answer instanceof R3SessionError) {
        if (silent === silences || answer.action !== 'retry') throw answer
        await sleep(time, PAUSES[silent++] ?? 0)
      } else {
        const seconds = retryAfterOf(answer, time.now()) ?? Infinity
        if (seconds > PATIENCE || busy++ === 2) return answer
        await sleep(time, seconds * 1000)
      }
    }
  }

  return {
    /**
     * A request of the mini program. Not repeated without an answer, and with no deadline but `wx.request`'s own: it may
     * be a long download.
     */
    forward(request: WxRequest): Promise<Answer<unknown>> {
      const url = absolute(request.url)
      return patiently(() => send({ ...request, url }), url, 0)
    },

    /** A call of the service, one that may be repeated. */
    ask(
      method: 'GET' | 'POST' | 'DELETE',
      path: string,
      { token, data, header }: { token?: string; data?: object; header?: Record<string, string> },
    ): Promise<Answer<unknown>> {
      const request: WxRequest = {
        url: absolute(path),
        method,
        timeout: DEADLINE,
        header: token === undefined ? { ...header } : withToken(header, token),
        ...(data && { data }),
      }
      return patiently(() => within(time, DEADLINE + GRACE, send(request)), request.url, PAUSES.length)
    },

    /** The body of a success that has these fields; throws the error of anything else. */
    success<T>(answer: Answer<unknown>, ...needed: string[]): T {
      const fields = fieldsOf(answer.data)
      if (!isSuccess(answer) || needed.some((name) => fields[name] === undefined))
        throw errorOf(answer, time.now())
      return answer.data as T
    },
  }

  /** Glued together with a slash, so that no relative url can change the host that the token goes to. */
  function absolute(url: string): string {
    return /^https?:\/\//i.test(url) ? url : `${baseUrl}/${url.replace(/^\/+/, '')}`
  }
}

/** The headers with the session's token in place of any other credentials. */
export function withToken(
  header: Readonly<Record<string, string>> | undefined,
  token: string,
): Record<string, string> {
  const merged = { ...header }
  for (const name of Object.keys(merged)) if (name.toLowerCase() === 'authorization') delete merged[name]
  merged['Authorization'] = `Bearer ${token}`
  return merged
}

/** The query stays out of the message: it may hold anything, and messages end up in logs. */
function noAnswer(url: string, failure: unknown): R3SessionError {
  const [address] = url.split(/[?#]/)
  const reason = reasonOf(failure)
  // errno 600002: a domain that is missing in the mini program's settings stays missing.
  const unlisted = fieldsOf(failure)['errno'] === 600002 || /not in domain list/.test(reason)
  return new R3SessionError(`no answer from ${address}: ${reason}`, {
    code: 'network',
    action: unlisted ? 'fix_request' : 'retry',
  })
}
