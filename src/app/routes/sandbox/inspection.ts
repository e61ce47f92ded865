/** The inspection routes, only where WeChat is imitated: what a mini program never gets to see. */
import { type Authenticate, authenticateErrors } from '../../../domain/authenticate.js'
import type { Call, Sandbox } from '../../../sandbox/index.js'
import { query } from '../../http/body.js'
import { session } from '../../http/credentials.js'
import { type Route, route } from '../../http/route.js'
import { identityHeaders } from '../services.js'
import { apiReply, callsQuery, callsReply, serverViewReply } from './schemas.js'
import type { ServerView } from './server-view.js'

export interface InspectionUseCases {
  readonly weixin: Sandbox
  readonly authenticate: Authenticate
  readonly serverView: ServerView
}

export function inspectionRoutes({ weixin, authenticate, serverView }: InspectionUseCases): Route[] {
  return [
    route({
      method: 'GET',
      path: '/sandbox/calls',
      lane: 'other',
      summary: 'What WeChat saw of the service, secrets redacted',
      query: query(callsQuery),
      success: { status: 200, means: 'The calls, oldest first, a thousand at most', schema: callsReply },
      errors: [],
      handle: async ({ query: { after = '0' } }) => {
        const later = weixin.calls.filter(({ number }) => number > Number(after))
        return { body: { calls: later.map(redacted) } }
      },
    }),
    route({
      method: 'GET',
      path: '/sandbox/session',
      lane: 'other',
      summary: 'What the service has on record for a token; looking does not prolong the session',
      credentials: { ...session, errors: ['unauthorized', 'storage_unavailable'] },
      success: { status: 200, means: 'The session, its user and their keys', schema: serverViewReply },
      errors: [],
      handle: async ({ who: token }) => ({ body: await serverView(token) }),
    }),
    route({
      method: 'GET',
      path: '/sandbox/api',
      lane: 'verify',
      summary: 'An API behind forward auth: it answers with the headers that /v1/auth gave the gateway',
      credentials: session,
      success: { status: 200, means: 'What the back end got', schema: apiReply },
      errors: authenticateErrors,
      handle: async ({ who: token }) => {
        const headers = identityHeaders(await authenticate(token))
        return { body: { message: 'The back end knows who is calling.', headers } }
      },
    }),
  ]
}

/** AppSecret and access_token never leave the service, not even those of an imitation. */
function redacted({ at, query, body, ...call }: Call) {
  return {
    ...call,
    at: new Date(at).toISOString(),
    query: withoutSecrets(query),
    ...(body === undefined ? {} : { body: bodyWithoutSecrets(body) }),
  }
}

function bodyWithoutSecrets(body: unknown) {
  // A form, say: code2Session takes one.
  if (typeof body === 'string') return /secret|access_token/i.test(body) ? '…' : body
  return typeof body === 'object' ? withoutSecrets({ ...body }) : body
}

function withoutSecrets(fields: Readonly<Record<string, unknown>>) {
  const entries = Object.entries(fields)
  return Object.fromEntries(
    entries.map(([name, value]) => [name, ['secret', 'access_token'].includes(name) ? '…' : value]),
  )
}
