/** The empty Koa with SQLite's binding loaded and a file open, for comparing starts. */
import Database from 'better-sqlite3'
import Koa from 'koa'
import { host, port, store } from './parts/settings.mjs'

const db = new Database(store)
db.pragma('journal_mode = WAL')
db.exec('CREATE TABLE IF NOT EXISTS sessions (token_hash BLOB PRIMARY KEY) WITHOUT ROWID')
const app = new Koa()
app.use((ctx) => {
  ctx.body = 'ok'
})
app.listen(port, host)
