/** Inputs of a route that stand in the head of a request: its path and its header. */
import type { z } from 'zod'
import { header } from './asked.js'
import { check } from './body.js'
import type { Fields } from './route.js'

/** The parameters that the path names as `{name}`, decoded. */
export function pathParams<T>(schema: z.ZodObject & z.ZodType<T>): Fields<T> {
  return { schema, errors: ['invalid_request'], read: (asked) => check(schema, asked.params) }
}

/** Header fields, by the names that the schema gives them. An empty one counts as absent. */
export function headers<T>(schema: z.ZodObject & z.ZodType<T>): Fields<T> {
  const names = Object.keys(schema.shape)
  return {
    schema,
    errors: ['invalid_request'],
    read(asked) {
      const sent: Record<string, string> = {}
      for (const name of names) {
        const value = header(asked, name.toLowerCase())
        if (value !== '') sent[name] = value
      }
      return check(schema, sent)
    },
  }
}
