import type { Context } from 'koa'
import type { Language } from '../config/language.js'

/** Browsers send some 50. What comes later costs more to look through than it could tell. */
const MAX_LENGTH = 200

/** The language of ours that the caller likes best, English in doubt. */
export function acceptedLanguage(ctx: Context): Language {
  const { headers } = ctx.req
  const wanted = headers['accept-language']
  if (wanted !== undefined && wanted.length > MAX_LENGTH) {
    // Whole entries only: the end of one may be its weight.
    headers['accept-language'] = wanted.slice(0, MAX_LENGTH).replace(/,[^,]*$/, '')
  }
  return ctx.acceptsLanguages('en', 'zh') === 'zh' ? 'zh' : 'en'
}
