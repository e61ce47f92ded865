import type { Caller } from '@r3session/verify'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller
  }
}
