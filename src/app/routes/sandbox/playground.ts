/** The playground: a page that stands for a phone and shows what happens behind it. Only where WeChat is imitated. */
import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { type Route, route } from '../../http/route.js'

/** Everything comes from here, and nothing is inline. Pictures may be `data:`, for the icon. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const files = [
  {
    path: '/',
    file: 'index.html',
    type: 'text/html',
    summary: 'The playground: click through the whole story',
  },
  { path: '/playground.js', file: 'playground.js', type: 'text/javascript', summary: 'Its script' },
  { path: '/playground.css', file: 'playground.css', type: 'text/css', summary: 'Its style sheet' },
] as const

/** @param folder the URL of the folder that holds the built page, with a slash at its end */
export function playgroundRoutes(folder: URL): Route[] {
  return files.map(({ path, file, type, summary }) =>
    route({
      method: 'GET',
      path,
      lane: 'other',
      isPage: true,
      summary,
      success: { status: 200, means: 'The file', schema: z.string().meta({ contentMediaType: type }) },
      errors: [],
      handle: async () => ({
        body: readFileSync(new URL(file, folder), 'utf8'),
        headers: {
          'Content-Type': `${type}; charset=utf-8`,
          'Content-Security-Policy': policy,
          'Cross-Origin-Opener-Policy': 'same-origin',
        },
      }),
    }),
  )
}
