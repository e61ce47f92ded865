import { createVerifier, koaAuth } from '@r3session/verify'
import Koa from 'koa'

const { PORT = '8080', GATEWAY_SECRET = '' } = process.env

const app = new Koa()

// The gateway has asked r3session already; its secret shows that the headers are its own.
app.use(koaAuth(createVerifier({ gatewaySecret: GATEWAY_SECRET })))

app.use((ctx) => {
  ctx.body = { ordersOf: ctx.state.caller.openid }
})

app.listen(Number(PORT), 'localhost')
