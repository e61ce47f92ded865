/** The whole job on Fastify, with schemas on both sides, and undici on the way to WeChat. */
import fastify from 'fastify'
import { Pool } from 'undici'
import { openData } from './parts/open-data.mjs'
import { described, introspection, openSessions } from './parts/sessions.mjs'
import { appid, exchangeUrl, host, port, serviceKey, store, TTL, wechatApi } from './parts/settings.mjs'

const sessions = openSessions(store)
// Trusts whom Node trusts, NODE_EXTRA_CA_CERTS included.
const wechat = new Pool(wechatApi, { connections: 128, bodyTimeout: 5000, headersTimeout: 5000 })
const app = fastify()

const string = { type: 'string' }
const integer = { type: 'integer' }
const object = (properties, required) => ({ type: 'object', properties, ...(required && { required }) })

app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
  done(null, Object.fromEntries(new URLSearchParams(body))),
)

async function authenticate(request, reply) {
  request.session = sessions.of(request.headers.authorization)
  if (request.session === undefined) return reply.code(401).send({ code: 'invalid_session' })
}
app.decorateRequest('session', null)

app.get('/v1/auth', { onRequest: authenticate }, (request, reply) => {
  reply.headers({ 'X-WX-OPENID': request.session.openid, 'X-WX-APPID': appid }).send()
})

const sessionReply = object({ appid: string, openid: string, createdAt: string, expiresAt: string })
app.get(
  '/v1/session',
  { onRequest: authenticate, schema: { response: { 200: sessionReply } } },
  async (request) => described(request.session, appid),
)

const introspectReply = object({
  active: { type: 'boolean' },
  sub: string,
  client_id: string,
  iat: integer,
  exp: integer,
  token_type: string,
})
app.post(
  '/v1/introspect',
  {
    onRequest: async (request, reply) => {
      if (request.headers.authorization !== `Bearer ${serviceKey}`) {
        return reply.code(401).send({ code: 'invalid_client' })
      }
    },
    schema: { body: object({ token: string }, ['token']), response: { 200: introspectReply } },
  },
  async (request) => introspection(sessions.find(request.body.token, false), appid),
)

app.post(
  '/v1/login',
  {
    schema: {
      body: object({ code: string }, ['code']),
      response: { 201: object({ r3session: string, expiresIn: integer }) },
    },
  },
  async (request, reply) => {
    const path = exchangeUrl(request.body.code).slice(wechatApi.length)
    const { body } = await wechat.request({ path, method: 'GET' })
    const user = await body.json()
    if (!user.openid) return reply.code(400).send({ code: 'code_invalid' })
    return reply.code(201).send({ r3session: sessions.begin(user), expiresIn: TTL })
  },
)

app.post(
  '/v1/decrypt',
  {
    onRequest: authenticate,
    schema: { body: object({ encryptedData: string, iv: string }, ['encryptedData', 'iv']) },
  },
  async (request, reply) => {
    const data = openData(request.body, request.session.session_key, appid)
    return data === undefined ? reply.code(422).send({ code: 'decrypt_failed' }) : { data }
  },
)

await app.listen({ port, host })
