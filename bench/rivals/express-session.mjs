/**
 * Express and express-session on SQLite, answering a gateway's auth_request: what a Node shop without an identity
 * provider puts there. A cookie names the session.
 */
import Database from 'better-sqlite3'
import createStore from 'better-sqlite3-session-store'
import express from 'express'
import session from 'express-session'
import { exchangeUrl, host, port, secret, store, TTL } from './parts/settings.mjs'

const db = new Database(store)
db.pragma('journal_mode = WAL')
const SqliteStore = createStore(session)
const app = express()
app.use(express.json())
app.use(
  session({
    store: new SqliteStore({ client: db }),
    secret,
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: TTL * 1000 },
  }),
)

app.post('/v1/login', async (request, response) => {
  const user = await (await fetch(exchangeUrl(request.body.code))).json()
  if (!user.openid) return response.status(400).end()
  request.session.openid = user.openid
  request.session.sessionKey = user.session_key
  response.status(201).json({})
})

app.get('/v1/auth', (request, response) => {
  const { openid } = request.session
  if (!openid) return response.status(401).end()
  response.set('X-WX-OPENID', openid).end()
})
app.listen(port, host)
