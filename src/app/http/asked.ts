/** A request as the routes read it, whichever way it came: through Koa, or ahead of it. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import accepts from 'accepts'
import type { Language } from '../config/language.js'
import type { Limit } from './body.js'
import type { Route } from './route.js'

export interface Asked {
  readonly request: IncomingMessage
  /** What its answer names it: `X-Request-Id`. */
  readonly requestId: string
  readonly method: string
  /** As the client wrote it, without the query; '' where the request's target is none. */
  readonly path: string
  /** Without the question mark. */
  readonly querystring: string
  /** The route that it asks for, once that is known. */
  readonly route: Route | undefined
  /** The parameters that the route's path names, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** The type without its parameters, as it was sent, and the charset; each '' where there is none. */
  readonly contentType: { readonly type: string; readonly charset: string }
  /** Header fields that go out with the answer, whatever it will be. */
  readonly answerHeaders: Record<string, string>
  /**
   * The bytes of the body; none where there is no body. Fails with `body_too_large` beyond `limit`, and with
   * `invalid_request` for an upload that stopped half-way or comes in crumbs.
   */
  readonly readBody: (limit: Limit) => Promise<Buffer>
}

/** Browsers send some 50. What comes later costs more to look through than it could tell. */
const MAX_LANGUAGES = 200

/** A field of the header by its name in lower case; '' when there is none. */
export function header({ request }: Pick<Asked, 'request'>, name: keyof IncomingHttpHeaders): string {
  const value = request.headers[name]
  return typeof value === 'string' ? value : (value?.join(', ') ?? '')
}

/** The language of ours that the caller likes best, English in doubt. */
export function acceptedLanguage(asked: Pick<Asked, 'request'>): Language {
  const wanted = header(asked, 'accept-language')
  if (wanted === '') return 'en'
  // Whole entries only: the end of one may be its weight.
  const short = wanted.length > MAX_LANGUAGES ? wanted.slice(0, MAX_LANGUAGES).replace(/,[^,]*$/, '') : wanted
  const headers = { 'accept-language': short }
  return accepts({ headers } as IncomingMessage).languages('en', 'zh') === 'zh' ? 'zh' : 'en'
}
