import { serve } from '@hono/node-server'
import { createVerifier, honoAuth } from '@r3session/verify'
import { Hono } from 'hono'

const { PORT = '8080', GATEWAY_SECRET = '' } = process.env

/** @type {Hono<{ Variables: { caller: import('@r3session/verify').Caller } }>} */
const app = new Hono()

// The gateway has asked r3session already; its secret shows that the headers are its own.
app.use('/api/*', honoAuth(createVerifier({ gatewaySecret: GATEWAY_SECRET })))

app.get('/api/orders', (c) => c.json({ ordersOf: c.get('caller').openid }))

serve({ fetch: app.fetch, port: Number(PORT), hostname: 'localhost' })
