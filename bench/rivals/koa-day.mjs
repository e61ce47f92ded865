/** Koa as one writes it in a day: the packages' defaults, tokens as they are, a statement prepared where it is used. */
import crypto from 'node:crypto'
import Router from '@koa/router'
import Database from 'better-sqlite3'
import got from 'got'
import Koa from 'koa'
import bodyParser from 'koa-bodyparser'
import { appid, host, port, secret, serviceKey, store, TTL, wechatApi } from './parts/settings.mjs'

const db = new Database(store)
db.pragma('journal_mode = WAL')
db.exec(`CREATE TABLE IF NOT EXISTS sessions (
  token TEXT PRIMARY KEY, openid TEXT, session_key TEXT, created_at INTEGER, last_seen_at INTEGER)`)

const app = new Koa()
const router = new Router()

function findSession(token) {
  const session = db.prepare('SELECT * FROM sessions WHERE token = ?').get(token)
  return session && session.last_seen_at + TTL * 1000 > Date.now() ? session : undefined
}

const auth = async (ctx, next) => {
  const token = (ctx.headers.authorization || '').replace('Bearer ', '')
  const session = findSession(token)
  if (!session) ctx.throw(401, 'please log in')
  if (Date.now() - session.last_seen_at > 60_000) {
    db.prepare('UPDATE sessions SET last_seen_at = ? WHERE token = ?').run(Date.now(), token)
  }
  ctx.state.session = session
  await next()
}

router.post('/v1/login', async (ctx) => {
  const { code } = ctx.request.body
  const data = await got(`${wechatApi}/sns/jscode2session`, {
    searchParams: { appid, secret, js_code: code, grant_type: 'authorization_code' },
  }).json()
  if (data.errcode) ctx.throw(400, data.errmsg)
  const token = crypto.randomBytes(64).toString('hex')
  const now = Date.now()
  db.prepare('INSERT INTO sessions VALUES (?, ?, ?, ?, ?)').run(
    token,
    data.openid,
    data.session_key,
    now,
    now,
  )
  ctx.status = 201
  ctx.body = { r3session: token, expiresIn: TTL }
})

router.get('/v1/auth', auth, (ctx) => {
  ctx.set('X-WX-OPENID', ctx.state.session.openid)
  ctx.set('X-WX-APPID', appid)
  ctx.body = ''
  ctx.status = 200
})

router.get('/v1/session', auth, (ctx) => {
  const { openid, created_at, last_seen_at } = ctx.state.session
  ctx.body = {
    appid,
    openid,
    createdAt: new Date(created_at).toISOString(),
    expiresAt: new Date(last_seen_at + TTL * 1000).toISOString(),
  }
})

router.post('/v1/introspect', (ctx) => {
  if (ctx.headers.authorization !== `Bearer ${serviceKey}`) ctx.throw(401)
  const session = findSession(ctx.request.body.token)
  ctx.body = session ? { active: true, sub: session.openid, client_id: appid } : { active: false }
})

router.post('/v1/decrypt', auth, (ctx) => {
  const { encryptedData, iv } = ctx.request.body
  const key = Buffer.from(ctx.state.session.session_key, 'base64')
  const decipher = crypto.createDecipheriv('aes-128-cbc', key, Buffer.from(iv, 'base64'))
  const data = JSON.parse(decipher.update(encryptedData, 'base64', 'utf8') + decipher.final('utf8'))
  if (data.watermark.appid !== appid) ctx.throw(422, 'not for this mini program')
  ctx.body = { data }
})

app.use(bodyParser())
app.use(router.routes())
app.listen(port, host)
