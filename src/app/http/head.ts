/** What the head of a request may be: everything before its body. */
import type { Context, Middleware } from 'koa'
import type { Text } from '../config/language.js'
import { ExplainedError } from './problems.js'

/** Bytes of URL and header fields, for all but the routes that say otherwise. */
const MAX_HEAD = 16 * 1024

/** Node drops what comes beyond 2000 without a word, a second Host as well; no honest client sends a tenth of it. */
const MAX_FIELDS = 200

/** RFC 3986, section 3.2: a name, an IPv4 or an IPv6 address in brackets, and a port. May be empty. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i

/**
 * Refuses a head larger than is needed (`body_too_large`), so that nobody has us look through 80 KB for nothing, and
 * more than one Host or a Host that is none (`invalid_request`; RFC 9112, section 3.2).
 *
 * @param exempt what of this request doesn't count: the URL, or the head as a whole
 */
export function limitHead(exempt: (method: string, path: string) => 'url' | 'head' | undefined): Middleware {
  return (ctx, next) => {
    const { rawHeaders } = ctx.req
    const length = rawHeaders.reduce((sum, text) => sum + text.length, rawHeaders.length)
    const isLarge = (extra: number) => rawHeaders.length > 2 * MAX_FIELDS || length + extra > MAX_HEAD
    // The path is looked at only where it matters.
    const url = ctx.url.length
    if (isLarge(url)) {
      const free = exempt(ctx.method, ctx.path)
      if (free === undefined || (free === 'url' && isLarge(0))) {
        throw new ExplainedError('body_too_large', texts.large)
      }
    }
    if (!hasGoodHost(ctx)) throw new ExplainedError('invalid_request', texts.host)
    return next()
  }
}

function hasGoodHost(ctx: Context): boolean {
  const { rawHeaders } = ctx.req
  const hosts = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'host',
  )
  return hosts.length <= 1 && hosts.every((host) => HOST.test(host))
}

const texts: Record<'large' | 'host', Text> = {
  large: {
    en: 'URL and headers may have 16 KiB, in 200 header fields at most.',
    zh: 'URL 与请求头总计不得超过 16 KiB，请求头字段不得超过 200 个。',
  },
  host: { en: 'Send one valid Host header.', zh: '须有且仅有一个合法的 Host 请求头。' },
}
