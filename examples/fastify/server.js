import { createVerifier, fastifyAuth } from '@r3session/verify'
import Fastify from 'fastify'

const { PORT = '8080', R3SESSION_URL = 'http://localhost:3000', R3SESSION_KEY = '' } = process.env

const app = Fastify({ logger: { level: 'warn' } })
const verify = createVerifier({
  url: R3SESSION_URL,
  key: R3SESSION_KEY,
  onUnavailable: (error) => app.log.error(error),
})

app.decorateRequest('caller')
app.addHook('onRequest', fastifyAuth(verify))

app.get('/api/orders', async (request) => ({ ordersOf: request.caller.openid }))

await app.listen({ port: Number(PORT), host: 'localhost' })
