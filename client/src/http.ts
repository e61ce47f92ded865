import { isFromGateway, retryAfterOf } from './answer.js'
import { noAnswer, R3SessionError } from './error.js'
import { sleep, type Time, within } from './time.js'
import type { Answer } from './types.js'
import { assign, call, reasonOf, type Wx, type WxRequest } from './wx.js'

/** Milliseconds before the second and third try of a call that got no answer. */
const PAUSES = [500, 1500]

/** The longest `Retry-After`, in seconds, that the client waits for. A user would not wait longer. */
const MAX_RETRY_AFTER = 5

/** Milliseconds until a call of the service is given up. */
const DEADLINE = 15_000

/** Milliseconds that `wx.request` gets to report its own timeout, before the client stops waiting for it. */
const GRACE = 2000

export type Http = ReturnType<typeof createHttp>

/**
 * Sends requests. Resolves to an answer of any status; rejects with an R3SessionError `network` when there was none.
 *
 * Repeats a request that was answered with 429 or 503 and a short `Retry-After`, at most twice. A 502 or 504 that comes
 * from a gateway, not from the service, counts as no answer.
 */
export function createHttp(wx: Wx, baseUrl: string, time: Time) {
  const send = (request: WxRequest) =>
    call(wx, 'request', request).then(
      ({ statusCode, data, header }): Answer<unknown> => ({
        statusCode,
        data,
        header: assign({}, header as Answer<unknown>['header']),
      }),
    )

  async function sendWithRetries(
    request: WxRequest,
    attempt: (request: WxRequest) => Promise<Answer<unknown>>,
    pauses: readonly number[],
  ): Promise<Answer<unknown>> {
    let silent = 0
    for (let busy = 0; ; ) {
      const answer = await attempt(request).catch((failure: unknown) => errorFor(request.url, failure))
      const isSilence = answer instanceof R3SessionError ? answer.action === 'retry' : isFromGateway(answer)
      const pause = isSilence ? pauses[silent++] : undefined
      if (pause !== undefined) await sleep(time, pause)
      else if (answer instanceof R3SessionError) throw answer
      else {
        const seconds = retryAfterOf(answer)
        if (seconds === undefined || seconds > MAX_RETRY_AFTER || busy++ === 2) return answer
        await sleep(time, seconds * 1000)
      }
    }
  }

  /** Joins with a slash, so that no relative url can change the host that gets the token. */
  const absolute = (url: string) =>
    /^https?:\/\//i.test(url) ? url : `${baseUrl}/${url.replace(/^\/+/, '')}`

  return {
    /**
     * Sends a request of the mini program, with the token in place of other credentials. It is not repeated when no
     * answer came. It has no timeout except that of `wx.request`, because it may be a long download.
     */
    forward(request: WxRequest, token: string): Promise<Answer<unknown>> {
      const header: Record<string, string> = assign({}, request.header)
      for (const name of Object.keys(header)) if (name.toLowerCase() === 'authorization') delete header[name]
      return sendWithRetries(
        assign({}, request, {
          url: absolute(request.url),
          header: assign(header, bearer(token)),
        }),
        send,
        [],
      )
    },

    /** Calls the service, for calls that are safe to repeat: it repeats them up to twice when no answer comes. */
    ask: (method: 'GET' | 'POST' | 'DELETE', path: string, header: Record<string, string>, data?: object) =>
      sendWithRetries(
        assign(
          {
            method,
            url: baseUrl + path,
            timeout: DEADLINE,
            // WeChat's default; others that stand for `wx` may have none.
            header: assign({ 'content-type': 'application/json' }, header),
          },
          data && { data },
        ),
        (request) => within(time, DEADLINE + GRACE, send(request)),
        PAUSES,
      ),
  }
}

/** The header that carries the token of a session. */
export function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` }
}

/** Leaves the query out of the message: it may contain private data, and messages are logged. */
function errorFor(url: string, failure: unknown): R3SessionError {
  const reason = reasonOf(failure)
  // The domain is missing in the mini program's settings; a retry does not change that.
  const isUnlisted = /not in domain list/.test(reason)
  return noAnswer(`no answer from ${url.split(/[?#]/)[0]}: ${reason}`, isUnlisted ? 'fix_request' : 'retry')
}
