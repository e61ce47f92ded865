/**
 * A plain Koa with ioredis and sessions as connect-redis keeps them: a JSON text under `sess:<id>`, read at every request,
 * and its end put off at every request. Ids and session keys lie in the clear, and a user's sessions are not known.
 */
import { randomBytes } from 'node:crypto'
import { Agent } from 'node:http'
import Router from '@koa/router'
import got from 'got'
import { Redis } from 'ioredis'
import Koa from 'koa'
import bodyParser from 'koa-bodyparser'
import { openData } from './parts/open-data.mjs'
import { appid, exchangeUrl, host, port, store, TTL } from './parts/settings.mjs'

const redis = new Redis(store, { enableAutoPipelining: true })
const wechat = got.extend({
  agent: { http: new Agent({ keepAlive: true }) },
  retry: { limit: 0 },
  timeout: { request: 5000 },
})
const app = new Koa()
const router = new Router()

async function session(ctx, next) {
  const key = `sess:${ctx.get('authorization').replace('Bearer ', '')}`
  const text = await redis.get(key)
  if (text === null) ctx.throw(401)
  ctx.session = JSON.parse(text)
  await next()
  await redis.expire(key, TTL)
}

router.post('/v1/login', async (ctx) => {
  const { openid, session_key } = await wechat(exchangeUrl(ctx.request.body.code)).json()
  if (!openid) ctx.throw(400)
  const id = randomBytes(64).toString('hex')
  const cookie = {
    originalMaxAge: TTL * 1000,
    expires: new Date(Date.now() + TTL * 1000),
    httpOnly: true,
    path: '/',
  }
  await redis.set(`sess:${id}`, JSON.stringify({ cookie, openid, session_key }), 'EX', TTL)
  ctx.status = 201
  ctx.body = { r3session: id, expiresIn: TTL }
})

router.get('/v1/auth', session, (ctx) => {
  ctx.set({ 'X-WX-OPENID': ctx.session.openid, 'X-WX-APPID': appid })
  ctx.status = 200
  ctx.body = ''
})

router.post('/v1/decrypt', session, (ctx) => {
  const data = openData(ctx.request.body, ctx.session.session_key, appid)
  if (data === undefined) ctx.throw(422)
  ctx.body = { data }
})

app.use(bodyParser()).use(router.routes()).use(router.allowedMethods())
app.listen(port, host)
