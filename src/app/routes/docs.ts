/** What tells others how to use the service: its OpenAPI document, and a page of it for people. */
import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Language } from '../config/language.js'
import { languageOf, originOf } from '../docs/asked-at.js'
import { openApi } from '../docs/openapi.js'
import { docsPage, type Reader } from '../docs/page.js'
import { script } from '../docs/script.js'
import { style } from '../docs/style.js'
import type { TrustedProxies } from '../http/client-address.js'
import { type Query, type Route, route } from '../http/route.js'

const openApiReply = z.looseObject({ openapi: z.string().meta({ examples: ['3.1.1'] }) })
/** Stands for the reader's address in a page that is made once, since making it costs as much as many requests. */
const SOMEWHERE = 'http://r3session.invalid'
const pageReply = z.string().meta({ contentMediaType: 'text/html' })

/**
 * The documentation of these routes and of its own. The document is made at the first request, since most processes
 * never serve it.
 */
export function docsRoutes(
  others: readonly Route[],
  { version, trustedProxies }: { version: string; trustedProxies?: TrustedProxies | undefined },
): readonly Route[] {
  const document = once(() => openApi([...others, ...own], { version }))
  const json = once(() => JSON.stringify(document()))
  const page = (language: Language) =>
    once(() => docsPage(document(), { language, origin: SOMEWHERE }, { style, script }))
  const pages = { en: page('en'), zh: page('zh') }
  const reader: Query<Reader> = {
    schema: z.object({ lang: z.enum(['en', 'zh']).optional() }),
    errors: [],
    read: (asked) => ({ language: languageOf(asked), origin: originOf(asked, trustedProxies) }),
  }

  const own: readonly Route[] = [
    route({
      method: 'GET',
      path: '/openapi.json',
      lane: 'other',
      summary: 'This documentation for programs',
      success: { status: 200, means: 'An OpenAPI 3.1 document', schema: openApiReply },
      errors: [],
      handle: async () => ({
        body: json(),
        headers: { 'Content-Type': 'application/json; charset=utf-8' },
      }),
    }),
    route({
      method: 'GET',
      path: '/docs',
      lane: 'other',
      isPage: true,
      summary: 'This documentation for people',
      query: reader,
      success: { status: 200, means: 'A page', schema: pageReply },
      errors: [],
      handle: async ({ query: reader }) => ({
        body: pages[reader.language]().replaceAll(SOMEWHERE, reader.origin),
        headers: {
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Language': reader.language === 'zh' ? 'zh-CN' : 'en',
          'Content-Security-Policy': policy(),
          'Cross-Origin-Opener-Policy': 'same-origin',
          Vary: 'Accept-Language',
        },
      }),
    }),
  ]
  return own
}

/** The page may use its own style sheet and script, and nothing else from anywhere. */
const policy = once(() => {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
})

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
