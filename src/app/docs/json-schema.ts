/** The zod schemas of requests and answers as JSON Schema 2020-12, which is what OpenAPI 3.1 speaks. */
import * as z from 'zod'

export type JsonSchema = z.core.JSONSchema.JSONSchema

/** What JSON Schema allows where it wants a schema. */
export type AnySchema = JsonSchema['items']

/** JSON Schema by name. */
export type NamedSchemas = Record<string, JsonSchema>

const PLACE = '#/components/schemas/'

/**
 * The schema as JSON Schema. Those with a name (`.meta({ id })`) are put into `named`, with a reference in their place.
 *
 * @param io whether it describes what is taken or what is given: only the latter has no further fields
 */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output', named: NamedSchemas): JsonSchema {
  const made = z.toJSONSchema(schema, { target: 'draft-2020-12', io, override: simplify })
  const { $schema, $defs, ...json }: JsonSchema = JSON.parse(
    JSON.stringify(made).replaceAll('"#/$defs/', `"${PLACE}`),
  )
  Object.assign(named, $defs)
  return json
}

/** Leaves out what says nothing new: a date's pattern of 200 characters, the integers a double can hold. */
function simplify({ jsonSchema }: { jsonSchema: JsonSchema }): void {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
  delete jsonSchema.propertyNames
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
}

/** The schema itself, where there may be a reference to it. What says nothing about fields reads as empty. */
export function resolve(schema: AnySchema, named: NamedSchemas): JsonSchema {
  if (typeof schema !== 'object' || Array.isArray(schema)) return {}
  const { $ref = '' } = schema
  return $ref.startsWith(PLACE) ? (named[$ref.slice(PLACE.length)] ?? {}) : schema
}

/** A value put together from the schema's own examples; with only the required fields, or with all of them. */
export function exampleOf(schema: AnySchema, named: NamedSchemas, fields: 'required' | 'all'): unknown {
  const { examples, type, items, properties = {}, required = [] } = resolve(schema, named)
  if (examples !== undefined) return examples[0]
  if (type === 'array') return [exampleOf(items, named, fields)]
  if (type !== 'object') return undefined
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => fields === 'all' || required.includes(name))
      .map(([name, field]) => [name, exampleOf(field, named, fields) ?? name]),
  )
}
