/** Koa that answers everything with the same few bytes: the measure of the rest. */
import Koa from 'koa'
import { host, port } from './parts/settings.mjs'

const app = new Koa()
app.use((ctx) => {
  ctx.body = 'ok'
})
app.listen(port, host)
