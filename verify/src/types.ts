import type { VerifyError } from './error.js'
import type { HeadersLike } from './headers.js'

/** Who is calling. */
export interface Caller {
  /** The user, within the mini program. */
  readonly openid: string
  /** The mini program. */
  readonly appid: string
  /** The user across the mini programs of one owner; behind a gateway only, and where WeChat tells it. */
  readonly unionid?: string
}

/**
 * Who sends these headers. Rejects with a VerifyError, whatever happens: 401 where nobody is logged in, 503 where that
 * can't be told.
 */
export type Verify = (headers: HeadersLike) => Promise<Caller>

/** r3session is asked about the token of each request. */
export interface IntrospectionOptions {
  /** Where r3session is, such as `http://r3session:3000`. */
  readonly url: string
  /** A service key: what stands behind the colon in r3session's `SERVICE_KEYS`. */
  readonly key: string
  /** Milliseconds for which an answer is believed, so an ended session may live on for that long. 5000; 0 asks each time. */
  readonly cacheMaxAge?: number
  /** Sessions that are remembered at most. 10,000. */
  readonly cacheSize?: number
  /** Milliseconds until a question is given up. 2000. */
  readonly timeout?: number
  /** Is told whenever r3session could not be asked, or answered what makes no sense. By default a warning of the process. */
  readonly onUnavailable?: (error: VerifyError) => void
  /** Milliseconds on a clock that nobody sets; `performance.now`. */
  readonly clock?: () => number
}

/** A gateway has asked r3session, and hands on its answer in `X-WX-` headers. */
export interface GatewayOptions {
  /**
   * What the gateway sends as `X-Gateway-Secret`, 32 characters at least. Several where one takes the place of another:
   * all of them are believed.
   */
  readonly gatewaySecret: string | readonly string[]
}
