/**
 * oidc-provider, the OAuth server of Node, with its tokens in SQLite: what a service asks by RFC 7662 where no r3session
 * is. It knows no mini program, so a login is a route before it, which asks WeChat and has the provider make a token.
 */
import { createServer } from 'node:http'
import Database from 'better-sqlite3'
import Provider from 'oidc-provider'
import { appid, exchangeUrl, host, port, secret, store, TTL } from './parts/settings.mjs'

const db = new Database(store)
db.pragma('journal_mode = WAL')
db.exec(`CREATE TABLE IF NOT EXISTS artifacts (
  id TEXT PRIMARY KEY, payload TEXT NOT NULL, expires_at INTEGER) WITHOUT ROWID`)
const upsert = db.prepare('INSERT OR REPLACE INTO artifacts VALUES (?, ?, ?)')
const find = db.prepare('SELECT payload, expires_at FROM artifacts WHERE id = ?')
const destroy = db.prepare('DELETE FROM artifacts WHERE id = ?')

const adapter = (model) => ({
  async upsert(id, payload, expiresIn) {
    upsert.run(`${model}:${id}`, JSON.stringify(payload), Date.now() + expiresIn * 1000)
  },
  async find(id) {
    const row = find.get(`${model}:${id}`)
    return row !== undefined && row.expires_at > Date.now() ? JSON.parse(row.payload) : undefined
  },
  async destroy(id) {
    destroy.run(`${model}:${id}`)
  },
})

const provider = new Provider(`http://${host}:${port}`, {
  adapter,
  clients: [
    {
      client_id: appid,
      client_secret: secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
  ],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
  },
  ttl: { AccessToken: TTL },
})
const client = await provider.Client.find(appid)
const oauth = provider.callback()

async function logIn(request, response) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const { code } = JSON.parse(Buffer.concat(chunks).toString())
  const user = await (await fetch(exchangeUrl(code))).json()
  const token = new provider.AccessToken({ client, accountId: user.openid, scope: 'login' })
  response.writeHead(201, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify({ r3session: await token.save(), expiresIn: TTL }))
}

createServer((request, response) => {
  if (request.url !== '/v1/login') return oauth(request, response)
  logIn(request, response).catch(() => response.writeHead(500).end())
}).listen(port, host)
