/** The whole job on Koa, as a careful developer writes it: got with a kept connection and without its retries. */
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import Router from '@koa/router'
import got from 'got'
import Koa from 'koa'
import bodyParser from 'koa-bodyparser'
import { openData } from './parts/open-data.mjs'
import { described, introspection, openSessions } from './parts/sessions.mjs'
import { appid, exchangeUrl, host, port, serviceKey, store, TTL } from './parts/settings.mjs'

const sessions = openSessions(store)
const wechat = got.extend({
  agent: { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) },
  retry: { limit: 0 },
  timeout: { request: 5000 },
})
const app = new Koa()
const router = new Router()

async function authenticate(ctx, next) {
  const session = sessions.of(ctx.get('authorization'))
  if (session === undefined) ctx.throw(401)
  ctx.state.session = session
  await next()
}

router.get('/v1/auth', authenticate, (ctx) => {
  ctx.set({ 'X-WX-OPENID': ctx.state.session.openid, 'X-WX-APPID': appid })
  ctx.status = 200
  ctx.body = ''
})

router.get('/v1/session', authenticate, (ctx) => {
  ctx.body = described(ctx.state.session, appid)
})

router.post('/v1/introspect', (ctx) => {
  if (ctx.get('authorization') !== `Bearer ${serviceKey}`) ctx.throw(401)
  ctx.body = introspection(sessions.find(String(ctx.request.body.token), false), appid)
})

router.post('/v1/login', async (ctx) => {
  const user = await wechat(exchangeUrl(ctx.request.body.code)).json()
  if (!user.openid) ctx.throw(400)
  ctx.status = 201
  ctx.body = { r3session: sessions.begin(user), expiresIn: TTL }
})

router.post('/v1/decrypt', authenticate, (ctx) => {
  const data = openData(ctx.request.body, ctx.state.session.session_key, appid)
  if (data === undefined) ctx.throw(422)
  ctx.body = { data }
})

app.use(bodyParser()).use(router.routes()).use(router.allowedMethods())
app.listen(port, host)
