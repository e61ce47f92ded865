import { type Answer, isFromGateway, retryAfterOf } from './answer.js'
import { invalidRequest, noAnswer, R3SessionError } from './error.js'
import { sleep, type Time, within } from './time.js'
import { assign, call, reasonOf, type Wx, type WxCloud, type WxTransfer } from './wx.js'

/** Milliseconds before the second and third try of a call that got no answer. */
const PAUSES = [500, 1500]

/** The longest `Retry-After`, in seconds, that the client waits for. A user would not wait longer. */
const MAX_RETRY_AFTER = 5

/** Milliseconds until a call of the service, or the opening of a socket, is given up. */
export const DEADLINE = 15_000

/** Milliseconds that `wx` gets to report its own timeout, before the client stops waiting for it. */
export const GRACE = 2000

/** Where requests for a path go when r3session runs in WeChat Cloud Run. */
export interface Container {
  /** The id of the environment. */
  readonly env: string
  /** The name of the service there. A header `X-WX-SERVICE` of a request names another one. */
  readonly service: string
  /** Default: `wx.cloud`. */
  readonly cloud?: WxCloud
}

/** What is told of a request that the mini program may stop. */
export interface Control {
  /** Called with what `wx` returned, each time when something was sent. */
  started(task: object): void
  /** Throws if nothing more may be sent. */
  check(): void
}

/** The functions of `wx` that send one request and get one answer. */
export type Transfer = 'request' | 'uploadFile' | 'downloadFile'

export type Http = ReturnType<typeof createHttp>

/**
 * Sends requests. Resolves to an answer of any status; rejects with an R3SessionError `network` when there was none.
 *
 * Repeats a request that was answered with 429 or 503 and a short `Retry-After`, at most twice. A 502 or 504 that comes
 * from a gateway, not from the service, counts as no answer.
 */
export function createHttp(wx: Wx, baseUrl: string, time: Time, container?: Container) {
  /** Paths without a host go to the container; there are none unless there is one. */
  function send(name: Transfer, request: WxTransfer, started?: Control['started']): Promise<Answer<unknown>> {
    const { url, header } = request
    const sent =
      container && url[0] === '/'
        ? call<Answer<unknown>>(
            container.cloud || (wx.cloud as WxCloud),
            'callContainer',
            assign({}, request, {
              path: url,
              config: { env: container.env },
              header: assign({ 'X-WX-SERVICE': container.service }, header),
            }),
          )
        : call<Answer<unknown>>(wx, name, request, started)
    return sent.then((answer) => assign({}, answer, { header: assign({}, answer.header) }))
  }

  function sendWithRetries(
    request: WxTransfer,
    attempt: () => Promise<Answer<unknown>>,
    pauses: readonly number[],
  ): Promise<Answer<unknown>> {
    let silent = 0
    let busy = 0
    const next = (): Promise<Answer<unknown>> =>
      attempt()
        .catch((failure: unknown) => errorFor(request.url, failure))
        .then((answer) => {
          const isError = answer instanceof R3SessionError
          const isSilence = isError ? answer.action === 'retry' : isFromGateway(answer)
          const pause = isSilence ? pauses[silent++] : undefined
          if (pause !== undefined) return sleep(time, pause).then(next)
          if (isError) throw answer
          const seconds = retryAfterOf(answer)
          if (seconds === undefined || seconds > MAX_RETRY_AFTER || busy++ === 2) return answer
          return sleep(time, seconds * 1000).then(next)
        })
    return next()
  }

  /**
   * The request with the token in place of other credentials. Joins with a slash, so that no relative url can change the
   * host that gets the token.
   *
   * @param toContainer whether a relative url stays without a host
   */
  function withToken(request: WxTransfer, token: string, toContainer?: unknown): WxTransfer {
    const header: Record<string, string> = assign({}, request.header)
    for (const name of Object.keys(header)) if (name.toLowerCase() === 'authorization') delete header[name]
    let { url } = request
    if (!/^(http|ws)s?:\/\//i.test(url)) {
      if (!toContainer && !baseUrl) throw invalidRequest('no baseUrl for files and sockets')
      url = `${toContainer ? '' : baseUrl}/${url.replace(/^\/+/, '')}`
    }
    return assign({}, request, { url, header: assign(header, bearer(token)) })
  }

  return {
    withToken,

    /**
     * Sends a request of the mini program. It is not repeated when no answer came. It has no timeout except that of
     * `wx`, because it may be a long download.
     */
    forward(name: Transfer, given: WxTransfer, token: string, control: Control) {
      const request = withToken(given, token, name === 'request' && container)
      const attempt = () => {
        control.check()
        return send(name, request, control.started)
      }
      return sendWithRetries(request, attempt, [])
    },

    /**
     * Calls the service, for calls that are safe to repeat: it repeats them when no answer comes, after each of the
     * pauses.
     */
    ask(
      method: 'GET' | 'POST' | 'DELETE',
      path: string,
      header: Record<string, string>,
      data?: object,
      pauses = PAUSES,
    ) {
      const request = assign(
        {
          method,
          url: (container ? '' : baseUrl) + path,
          timeout: DEADLINE,
          // WeChat's default; others that stand for `wx` may have none.
          header: assign({ 'content-type': 'application/json' }, header),
        },
        data && { data },
      )
      return sendWithRetries(request, () => within(time, DEADLINE + GRACE, send('request', request)), pauses)
    },
  }
}

/** The header that carries the token of a session. */
export function bearer(token: string): { Authorization: string } {
  return { Authorization: `Bearer ${token}` }
}

/** Leaves the query out of the message: it may contain private data, and messages are logged. */
export function errorFor(url: string, failure: unknown): R3SessionError {
  const reason = reasonOf(failure)
  // The domain is missing in the mini program's settings; a retry does not change that.
  const isUnlisted = /not in domain list/.test(reason)
  return noAnswer(`no answer from ${url.split(/[?#]/)[0]}: ${reason}`, isUnlisted ? 'fix_request' : 'retry')
}
