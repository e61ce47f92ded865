/** The routes for the services behind the same gateway: who is calling, without a line of WeChat code in them. */
import { type AccessTokens, accessTokenErrors } from '../../domain/access-token.js'
import { type Authenticate, authenticateErrors } from '../../domain/authenticate.js'
import { R3SessionError, storeErrors } from '../../domain/errors.js'
import type { Session } from '../../domain/session.js'
import { type UserSessions, userSessionsErrors } from '../../domain/user-sessions.js'
import { jsonOrForm, query, SMALL } from '../http/body.js'
import { serviceKey, session } from '../http/credentials.js'
import { pathParams } from '../http/fields.js'
import { type Credentials, type Route, route } from '../http/route.js'
import type { AddressLimits } from '../limits/address-limits.js'
import {
  accessTokenReply,
  appQuery,
  introspectBody,
  introspectReply,
  revokedReply,
  userParams,
  userSessionParams,
  userSessionsReply,
} from './schemas.js'
import { type UserKeyUseCases, userKeyRoutes } from './user-keys.js'

export interface ServiceUseCases extends UserKeyUseCases {
  readonly authenticate: Authenticate
  readonly accessTokens: Pick<AccessTokens, 'vend'>
  readonly userSessions: UserSessions
  /** Key by name; without any the routes that need one don't exist. */
  readonly serviceKeys: ReadonlyMap<string, string>
  readonly addressLimits: AddressLimits
}

export function serviceRoutes(useCases: ServiceUseCases): Route[] {
  return [forwardAuth(useCases), ...(useCases.serviceKeys.size > 0 ? keyedRoutes(useCases) : [])]
}

/** A service key, where wrong ones are counted. */
export function keyOfService(
  useCases: Pick<ServiceUseCases, 'serviceKeys' | 'addressLimits'>,
): Credentials<string> {
  return serviceKey(useCases.serviceKeys, (asked, error) => useCases.addressLimits.refuseKey(asked, error))
}

function forwardAuth({ authenticate }: ServiceUseCases): Route {
  return route({
    method: 'GET',
    path: '/v1/auth',
    lane: 'verify',
    summary: 'For nginx auth_request, Traefik ForwardAuth and Caddy forward_auth: who is calling, in headers',
    description: `Every method and every path that begins with /v1/auth/ are answered alike, for gateways that ask \
with the method of the request (Traefik's preserveRequestMethod) or append its path (Envoy's path_prefix). A body is \
not read.`,
    anyRequest: true,
    isHot: true,
    isCounted: true,
    credentials: session,
    success: {
      status: 200,
      means: 'The session lives; the headers are those WeChat Cloud Run gives to containers',
      headers: {
        'X-WX-OPENID': 'openid of the user',
        'X-WX-APPID': 'appid of the mini program',
        'X-WX-UNIONID': 'unionid, where it is known',
        'X-WX-SOURCE': 'always wx_client',
      },
    },
    errors: authenticateErrors,
    handle: async ({ who: token }) => ({ headers: identityHeaders(await authenticate(token)) }),
  })
}

/** Who is calling, under the names that WeChat Cloud Run gives to containers. */
export function identityHeaders({ appid, openid, unionid }: Session) {
  return {
    'X-WX-OPENID': openid,
    'X-WX-APPID': appid,
    ...(unionid === undefined ? {} : { 'X-WX-UNIONID': unionid }),
    'X-WX-SOURCE': 'wx_client',
  }
}

function keyedRoutes(useCases: ServiceUseCases): Route[] {
  const { authenticate, accessTokens, userSessions, chooseApp } = useCases
  const credentials = keyOfService(useCases)
  return [
    route({
      method: 'POST',
      path: '/v1/introspect',
      lane: 'verify',
      isHot: true,
      isCounted: true,
      summary: 'What an r3session stands for (RFC 7662)',
      credentials,
      body: jsonOrForm(introspectBody, SMALL),
      success: { status: 200, means: 'The session, or that there is none', schema: introspectReply },
      // A session that is none is an answer here.
      errors: storeErrors,
      handle: async ({ body: { token } }) => ({ body: await introspect(token) }),
    }),
    route({
      method: 'GET',
      path: '/v1/access-token',
      lane: 'other',
      summary: "WeChat's access_token, the same for all services",
      credentials,
      query: query(appQuery),
      success: { status: 200, means: 'The token, and the seconds it still lives', schema: accessTokenReply },
      errors: accessTokenErrors,
      handle: async ({ who, query, requestId }) => {
        const appid = chooseApp(query.appid)
        return { body: await accessTokens.vend(appid, { requestId, serviceKey: who }) }
      },
    }),
    route({
      method: 'GET',
      path: '/v1/users/{openid}/sessions',
      lane: 'ending',
      summary: 'The live sessions of a user',
      credentials,
      params: pathParams(userParams),
      query: query(appQuery),
      success: { status: 200, means: 'The sessions, the latest first', schema: userSessionsReply },
      errors: userSessionsErrors,
      handle: async ({ query, params: { openid } }) => {
        const sessions = await userSessions.list({ appid: chooseApp(query.appid), openid })
        return { body: { sessions: sessions.map(listedSession) } }
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/users/{openid}/sessions',
      lane: 'ending',
      summary: 'End all sessions of a user, at once and for good',
      credentials,
      params: pathParams(userParams),
      query: query(appQuery),
      success: { status: 200, means: 'How many sessions were ended', schema: revokedReply },
      errors: userSessionsErrors,
      handle: async ({ who, query, params: { openid }, requestId }) => {
        const user = { appid: chooseApp(query.appid), openid }
        return { body: { revoked: await userSessions.endAll(user, { requestId, serviceKey: who }) } }
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/users/{openid}/sessions/{id}',
      lane: 'ending',
      summary: 'End one session of a user, by its id in the list',
      credentials,
      params: pathParams(userSessionParams),
      query: query(appQuery),
      success: { status: 204, means: 'The user has no such session, or none any more' },
      errors: userSessionsErrors,
      handle: async ({ who, query, params: { openid, id }, requestId }) => {
        const user = { appid: chooseApp(query.appid), openid }
        await userSessions.endOne(user, id, { requestId, serviceKey: who })
        return {}
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/users/{openid}',
      lane: 'ending',
      summary: 'Forget a user: end all their sessions and delete everything that is kept by their openid',
      credentials,
      params: pathParams(userParams),
      query: query(appQuery),
      success: { status: 204, means: 'Nothing is left of the user' },
      errors: userSessionsErrors,
      handle: async ({ who, query, params: { openid }, requestId }) => {
        const user = { appid: chooseApp(query.appid), openid }
        await userSessions.forget(user, { requestId, serviceKey: who })
        return {}
      },
    }),
    ...userKeyRoutes(useCases, credentials),
  ]

  async function introspect(token: string) {
    try {
      const { openid, appid, createdAt, expiresAt } = await authenticate(token)
      return {
        active: true,
        sub: openid,
        client_id: appid,
        iat: Math.floor(createdAt / 1000),
        exp: Math.floor(expiresAt / 1000),
        token_type: 'Bearer',
      }
    } catch (error) {
      if (error instanceof R3SessionError && error.code === 'invalid_session') return { active: false }
      throw error
    }
  }
}

/** A session in a list; its token is in none. */
export function listedSession({ id, createdAt, lastSeenAt, expiresAt }: Session) {
  const iso = (time: number) => new Date(time).toISOString()
  return { id, createdAt: iso(createdAt), lastSeenAt: iso(lastSeenAt), expiresAt: iso(expiresAt) }
}
