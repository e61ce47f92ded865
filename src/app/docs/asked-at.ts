/** How a reader came to a page: the address they asked at, and the language they read. */
import type { Language } from '../config/language.js'
import { type Asked, acceptedLanguage, header } from '../http/asked.js'
import { comesByProxy, type TrustedProxies } from '../http/client-address.js'

/** A name or an address, with or without a port, and nothing that means something to HTML or to a shell. */
const HOST = /^(?:[\w.-]{1,253}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i

/**
 * Scheme and host that the request was sent to, such as `https://login.example.com`. `X-Forwarded-Proto` and
 * `X-Forwarded-Host` count only where a trusted proxy sends them. A Host that is none gives this machine's own address.
 */
export function originOf(asked: Asked, trustedProxies?: TrustedProxies): string {
  const { localPort } = asked.request.socket
  const isTrusted = trustedProxies !== undefined && comesByProxy(asked.request, trustedProxies)
  // Proxies append: the first value is what the one nearest to the reader saw.
  const forwarded = (name: string) => (isTrusted ? header(asked, name).split(',')[0]?.trim() : undefined)
  const host = forwarded('x-forwarded-host') || header(asked, 'host')
  const scheme = forwarded('x-forwarded-proto')?.toLowerCase() === 'https' ? 'https' : 'http'
  return HOST.test(host) ? `${scheme}://${host}` : `http://localhost:${localPort}`
}

/** What `?lang=` says, else what the browser prefers. */
export function languageOf(asked: Asked): Language {
  const chosen = new URLSearchParams(asked.querystring).get('lang')
  if (chosen === 'en' || chosen === 'zh') return chosen
  return acceptedLanguage(asked)
}
