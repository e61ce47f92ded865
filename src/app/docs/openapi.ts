/**
 * The OpenAPI 3.1 document, made from the very route table and schemas that serve the requests.
 *
 * The library is zod's own converter, in json-schema.ts. zod-openapi would save some 20 lines beside it, since codes,
 * headers and examples stay the routes', and it needs Node 22.
 */
import { errorCodes, R3SessionError } from '../../domain/errors.js'
import { errorForms, problemOf } from '../http/problems.js'
import type { Route } from '../http/route.js'
import type { JsonSchema, NamedSchemas } from './json-schema.js'
import { type Header, type Operation, operationOf } from './openapi-operation.js'

/** An OpenAPI document, as far as this service needs one. */
export type OpenApi = ReturnType<typeof openApi>

const description = `r3session gives WeChat mini programs their login. It trades the one-time code of wx.login for a \
random token, the r3session, keeps WeChat's session_key on the server, opens what WeChat seals for the user, and \
tells the services behind it who is calling.

Fields of a request that are not named here are ignored, so a whole wx result can be posted. Every answer has \
X-Request-Id and Cache-Control: no-store.`

/** Whom the routes are for; a route belongs to the first group that has it. */
const groups = [
  {
    name: 'Mini program',
    description: 'For the mini program itself.',
    has: ({ path, credentials }: Route) =>
      path.startsWith('/v1/') && path !== '/v1/auth' && credentials?.scheme !== 'serviceKey',
  },
  {
    name: 'Services',
    description:
      'For the services behind the same gateway: who is calling, without a line of WeChat code in them.',
    has: ({ path }: Route) => path.startsWith('/v1/'),
  },
  {
    name: '2017 tutorial',
    description: 'For clients written after the tutorial, which run unchanged.',
    has: ({ path }: Route) => path.startsWith('/user/'),
  },
  {
    name: 'Sandbox',
    description: 'Stands for a phone where WeChat is imitated; never in production.',
    has: ({ path }: Route) => path.startsWith('/sandbox/'),
  },
  { name: 'Operators', description: 'For whoever runs the service.', has: () => true },
]

/** @param about the version of the service */
export function openApi(routes: readonly Route[], about: { version: string }) {
  const schemas: NamedSchemas = { Problem: problemSchema() }
  const paths: Record<string, Record<string, Operation>> = {}
  const tags = new Set<string>()
  const schemes = new Set<string>()
  for (const route of routes) {
    if (route.isPage) continue
    const tag = groups.find(({ has }) => has(route))?.name ?? ''
    tags.add(tag)
    const operation = operationOf(route, tag, schemas)
    for (const needed of operation.security) for (const scheme of Object.keys(needed)) schemes.add(scheme)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'r3session',
      version: about.version,
      description,
      contact: { name: 'Whoever runs this service' },
      license: { name: 'MIT', identifier: 'MIT' },
    },
    // Relative to where the document was asked for, which is right behind any proxy and repeats no header of a request.
    servers: [{ url: '/', description: 'Where this document comes from' }],
    tags: groups.filter(({ name }) => tags.has(name)).map(({ name, description }) => ({ name, description })),
    paths,
    components: {
      schemas,
      headers,
      // Without SERVICE_KEYS no route wants one.
      securitySchemes: Object.fromEntries(
        Object.entries(securitySchemes).filter(([scheme]) => schemes.has(scheme)),
      ),
    },
    /** Status, action, title in both languages and seconds of Retry-After for each code. */
    'x-errors': errorForms,
  }
}

const securitySchemes: Record<string, { type: 'http'; scheme: string; description: string }> = {
  r3session: { type: 'http', scheme: 'bearer', description: 'The r3session that a login gave.' },
  serviceKey: { type: 'http', scheme: 'bearer', description: 'A key of the setting SERVICE_KEYS.' },
  serviceKeyBasic: {
    type: 'http',
    scheme: 'basic',
    description: `The name and the key of an entry of SERVICE_KEYS, as OAuth clients send them: both \
form-encoded (RFC 6749, section 2.3.1) where they have special characters.`,
  },
}

const headers: Record<string, Header> = {
  'X-Request-Id': {
    description:
      'Names the request in the log. An id of 16 to 64 hex digits and dashes from a proxy is kept.',
    schema: { type: 'string' },
  },
  'Content-Language': {
    description: 'The language of title and detail, chosen by Accept-Language.',
    schema: { type: 'string', enum: ['en', 'zh-CN'] },
  },
  'Retry-After': {
    description: 'Seconds to wait before the next try. Every 429 and 503 has it.',
    schema: { type: 'integer' },
  },
  'WWW-Authenticate': {
    description:
      'Bearer, with error="invalid_token" where a session was sent (RFC 6750); Basic where a service tried that.',
    schema: { type: 'string' },
  },
}

function problemSchema(): JsonSchema {
  const actions = new Set(Object.values(errorForms).map(({ action }) => action))
  const string: JsonSchema = { type: 'string' }
  return {
    type: 'object',
    description: `What every error is answered with, as application/problem+json (RFC 9457). code never changes its \
meaning, action is what the caller should do, and title and detail follow Accept-Language (English, 简体中文). \
not_found and method_not_allowed, which names the methods in Allow, meet requests that find no route.`,
    properties: {
      type: { ...string, description: 'urn:r3session:error: and the code' },
      title: { ...string, description: 'What went wrong, one sentence for each code' },
      status: { type: 'integer', description: 'The HTTP status' },
      detail: { ...string, description: 'How to mend the request, where the client can' },
      code: { ...string, enum: [...errorCodes], description: 'What went wrong, for programs' },
      action: { ...string, enum: [...actions], description: 'What the caller should do' },
      requestId: { ...string, description: 'The X-Request-Id' },
    },
    required: ['type', 'title', 'status', 'code', 'action', 'requestId'],
    examples: [problemOf(new R3SessionError('code_used'), '5f0c1f6e-7f0a-4a57-8f39-6c3f7a3f2a11', 'en')],
  }
}
