/** What the OpenAPI document says of one route. */
import { type ErrorCode, errorCodes } from '../../domain/errors.js'
import { errorForms } from '../http/problems.js'
import { type Body, errorsOf, type Fields, type Route, type Success } from '../http/route.js'
import { exampleOf, type JsonSchema, jsonSchemaOf, type NamedSchemas, resolve } from './json-schema.js'

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description?: string
  readonly schema: JsonSchema
}

/** What is sent or answered, by media type. */
export type Content = Readonly<Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>>

export type Header = { readonly description: string; readonly schema: JsonSchema } | { readonly $ref: string }

export interface Response {
  readonly description: string
  readonly headers: Readonly<Record<string, Header>>
  readonly content?: Content
  /** The error codes that this answer can have. */
  readonly 'x-errors'?: readonly ErrorCode[]
}

export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description: string
  /** The part of the description that is about this route alone. */
  readonly 'x-about'?: string
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters: readonly Parameter[]
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, Response>>
}

/** @param schemas takes up the named schemas that the route uses */
export function operationOf(route: Route, tag: string, schemas: NamedSchemas): Operation {
  const { method, path, summary, description, credentials, body, success } = route
  const codes = errorsOf(route)
  const statuses = new Set([...codes].map((code) => errorForms[code].status))
  const problems = [...statuses].map((status) => {
    const ofStatus = errorCodes.filter((code) => codes.has(code) && errorForms[code].status === status)
    return [status, problemResponse(ofStatus)]
  })
  return {
    operationId: method.toLowerCase() + path.replace(/\W+(\w|$)/g, (_, letter) => letter.toUpperCase()),
    tags: [tag],
    summary,
    description: descriptionOf(route, codes),
    ...(description && { 'x-about': description }),
    security: credentials
      ? [credentials.scheme, ...(credentials.otherSchemes ?? [])].map((scheme) => ({ [scheme]: [] }))
      : [],
    parameters: parametersOf(route, schemas),
    ...(body && method !== 'GET' && { requestBody: requestBody(body, schemas) }),
    responses: { [success.status]: successResponse(success, schemas), ...Object.fromEntries(problems) },
  }
}

/** Who may ask, what comes of it, and what can go wrong, for readers who see one operation at a time. */
function descriptionOf({ credentials, success, description }: Route, codes: ReadonlySet<ErrorCode>): string {
  const scheme = credentials?.otherSchemes ? 'Bearer or Basic' : 'Bearer'
  const who = credentials === undefined ? '' : `Needs ${credentials.scheme} as ${scheme}. `
  const about = description === undefined ? '' : `${description}\n\n`
  const failures = errorCodes.filter((code) => codes.has(code)).map((code) => `\`${code}\``)
  return `${about}${who}${success.status}: ${success.means}. Fails with ${failures.join(', ')}.`
}

/** A GET has no body: what its body would hold is read from the query. */
function parametersOf({ method, params, headers, query, body }: Route, schemas: NamedSchemas): Parameter[] {
  const inPlace = (
    place: Parameter['in'],
    input: Pick<Fields<unknown> | Body<unknown>, 'schema'> | undefined,
  ) => {
    if (input === undefined) return []
    const { properties = {}, required = [] } = resolve(jsonSchemaOf(input.schema, 'input', schemas), schemas)
    return Object.entries(properties).map(([name, field]): Parameter => {
      const { description, ...schema } = resolve(field, schemas)
      return {
        name,
        in: place,
        required: required.includes(name),
        ...(description && { description }),
        schema,
      }
    })
  }
  return [
    ...inPlace('path', params),
    ...inPlace('query', query),
    ...inPlace('query', method === 'GET' ? body : undefined),
    ...inPlace('header', headers),
  ]
}

function requestBody(body: Body<unknown>, schemas: NamedSchemas) {
  const schema = jsonSchemaOf(body.schema, 'input', schemas)
  const { required = [], properties = {} } = resolve(schema, schemas)
  const example = exampleOf(schema, schemas, 'required')
  const [onlyField, ...more] = Object.values(properties)
  const text: JsonSchema =
    typeof onlyField === 'object' && more.length === 0
      ? onlyField
      : { type: 'string', contentMediaType: 'application/json', contentSchema: schema }
  const content = body.types.map((type) => [
    type,
    type === 'text/plain' ? { schema: text } : { schema, example },
  ])
  return { required: required.length > 0, content: Object.fromEntries(content) }
}

function successResponse({ means, schema, headers = {} }: Success, schemas: NamedSchemas): Response {
  const described = Object.entries(headers).map(([name, description]): [string, Header] => {
    return [name, { description, schema: { type: 'string' } }]
  })
  return {
    description: means,
    headers: { 'X-Request-Id': headerRef('X-Request-Id'), ...Object.fromEntries(described) },
    ...(schema && { content: successContent(jsonSchemaOf(schema, 'output', schemas), schemas) }),
  }
}

function successContent(schema: JsonSchema, schemas: NamedSchemas): Content {
  const { type, contentMediaType = 'text/plain' } = resolve(schema, schemas)
  const example = exampleOf(schema, schemas, 'all')
  return {
    [type === 'string' ? contentMediaType : 'application/json']: {
      schema,
      ...(example === undefined ? {} : { example }),
    },
  }
}

/** The answer with one of these codes, which share a status. */
function problemResponse(codes: readonly ErrorCode[]): Response {
  const names = ['X-Request-Id', 'Content-Language']
  if (codes.some((code) => errorForms[code].retryAfter !== undefined)) names.push('Retry-After')
  if (codes.some((code) => errorForms[code].status === 401)) names.push('WWW-Authenticate')
  const narrowed: JsonSchema = { type: 'object', properties: { code: { enum: [...codes] } } }
  return {
    description: codes.map((code) => `- \`${code}\`: ${errorForms[code].title.en}`).join('\n'),
    headers: Object.fromEntries(names.map((name) => [name, headerRef(name)])),
    content: {
      'application/problem+json': { schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, narrowed] } },
    },
    'x-errors': codes,
  }
}

function headerRef(name: string): Header {
  return { $ref: `#/components/headers/${name}` }
}
