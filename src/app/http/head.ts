/** What the head of a request may be: everything before its body. */
import type { Text } from '../config/language.js'
import type { Asked } from './asked.js'
import { ExplainedError } from './problems.js'

/** Bytes of URL and header fields, for all but the routes that say otherwise. */
const MAX_HEAD = 16 * 1024

/** Node drops what comes beyond 2000 without a word, a second Host as well; no honest client sends a tenth of it. */
const MAX_FIELDS = 200

/** RFC 3986, section 3.2: a name, an IPv4 or an IPv6 address in brackets, and a port. May be empty. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i

/**
 * Refuses a head larger than is needed (`body_too_large`), so that nobody has us look through 80 KB for nothing, and
 * no Host, more than one or one that is none (`invalid_request`; RFC 9112, section 3.2). HTTP/1.0 knew no Host.
 *
 * @param exempt what of this request doesn't count: the URL, or the head as a whole
 */
export function checkHead<One extends Pick<Asked, 'request' | 'path' | 'querystring'>>(
  asked: One,
  exempt: (asked: One) => 'url' | 'head' | undefined,
): void {
  const {
    request: { rawHeaders, httpVersion },
    path,
    querystring,
  } = asked
  let length = rawHeaders.length
  let hosts = 0
  for (let name = 0; name < rawHeaders.length; name += 2) {
    // Names and values take turns, so both are there.
    const text = rawHeaders[name] as string
    const value = rawHeaders[name + 1] as string
    length += text.length + value.length
    if (text.length === 4 && text.toLowerCase() === 'host') hosts += HOST.test(value) ? 1 : 2
  }
  const hasMany = rawHeaders.length > 2 * MAX_FIELDS
  if (hasMany || length + path.length + querystring.length > MAX_HEAD) {
    // The path is looked at only where it matters.
    const free = exempt(asked)
    if (free === undefined || (free === 'url' && (hasMany || length > MAX_HEAD))) {
      throw new ExplainedError('body_too_large', texts.large)
    }
  }
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1'))
    throw new ExplainedError('invalid_request', texts.host)
}

const texts: Record<'large' | 'host', Text> = {
  large: {
    en: 'URL and headers may have 16 KiB, in 200 header fields at most.',
    zh: 'URL 与请求头总计不得超过 16 KiB，请求头字段不得超过 200 个。',
  },
  host: { en: 'Send one valid Host header.', zh: '须有且仅有一个合法的 Host 请求头。' },
}
