/** Inputs of a route that stand in the head of a request: its path and its header. */
import type { z } from 'zod'
import { check } from './body.js'
import type { Fields } from './route.js'

/** The parameters that the path names as `{name}`, decoded. */
export function pathParams<T>(schema: z.ZodObject & z.ZodType<T>): Fields<T> {
  return { schema, errors: ['invalid_request'], read: (ctx) => check(schema, ctx['params'] ?? {}) }
}

/** Header fields, by the names that the schema gives them. An empty one counts as absent. */
export function headers<T>(schema: z.ZodObject & z.ZodType<T>): Fields<T> {
  return {
    schema,
    errors: ['invalid_request'],
    read(ctx) {
      const sent = Object.keys(schema.shape).map((name) => [name, ctx.get(name)] as const)
      return check(schema, Object.fromEntries(sent.filter(([, value]) => value !== '')))
    },
  }
}
