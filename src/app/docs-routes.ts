/** What tells others how to use the service: its OpenAPI document, and a page of it for people. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { docsPage } from './docs-page.js'
import { style } from './docs-style.js'
import { openApi } from './openapi.js'
import { type Route, route } from './route.js'

const openApiReply = z.looseObject({ openapi: z.string().meta({ examples: ['3.1.1'] }) })
const pageReply = z.string().meta({ contentMediaType: 'text/html' })

/** The documentation of these routes and of its own two. Made at the first request, since most processes never serve it. */
export function docsRoutes(others: readonly Route[]): readonly Route[] {
  const document = () => openApi([...others, ...own], { version: packageVersion() })
  const json = once(() => ({
    body: JSON.stringify(document()),
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
  }))
  const page = once(() => ({
    body: docsPage(document(), style),
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policyFor(style) },
  }))

  const own: readonly Route[] = [
    route({
      method: 'GET',
      path: '/openapi.json',
      summary: 'This documentation for programs',
      success: { status: 200, means: 'An OpenAPI 3.1 document', schema: openApiReply },
      errors: [],
      handle: async () => json(),
    }),
    route({
      method: 'GET',
      path: '/docs',
      summary: 'This documentation for people',
      success: { status: 200, means: 'A page without scripts', schema: pageReply },
      errors: [],
      handle: async () => page(),
    }),
  ]
  return own
}

/** The page may use its own style sheet, and nothing else from anywhere. */
function policyFor(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64')
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
}

function packageVersion(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
