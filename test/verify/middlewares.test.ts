import { once } from 'node:events'
import {
  type Caller,
  expressAuth,
  fastifyAuth,
  honoAuth,
  koaAuth,
  type Verify,
  VerifyError,
} from '@r3session/verify'
import { expect } from 'chai'
import Koa from 'koa'

const anna: Caller = { openid: 'oAnna', appid: 'wxDemo' }
const passes: Verify = async () => anna
const refuses: Verify = async () => {
  throw new VerifyError('invalid_session', 'ended')
}
const breaks: Verify = async () => {
  throw new Error('defect')
}
const problem = {
  type: 'urn:r3session:error:invalid_session',
  title: 'The session is not valid',
  status: 401,
  code: 'invalid_session',
  action: 'relogin',
}
const headers = {
  'Content-Type': 'application/problem+json',
  'Cache-Control': 'no-store',
  'WWW-Authenticate': 'Bearer error="invalid_token"',
}

// Koa is here; the others are known by their shapes, and the examples run them.
describe('the middlewares of @r3session/verify', () => {
  it('expressAuth sets req.caller and goes on, or answers; a defect goes to the error handler', async () => {
    const run = async (verify: Verify) => {
      const sent: Record<string, unknown> = {}
      const req: { headers: object; caller?: Caller } = { headers: {} }
      const res = {
        statusCode: 200,
        setHeader: (name: string, value: string) => Object.assign(sent, { [name]: value }),
        end: (body: string) => Object.assign(sent, { body: JSON.parse(body) }),
      }
      const next: unknown[][] = []
      await expressAuth(verify)(req as never, res, (...args) => next.push(args))
      return { sent, status: res.statusCode, caller: req.caller, next }
    }
    expect(await run(passes)).to.deep.equal({ sent: {}, status: 200, caller: anna, next: [[]] })
    expect(await run(refuses)).to.deep.equal({
      sent: { ...headers, body: problem },
      status: 401,
      caller: undefined,
      next: [],
    })
    expect((await run(breaks)).next[0]?.[0])
      .to.be.an('error')
      .with.property('message', 'defect')
  })

  it('koaAuth sets ctx.state.caller and goes on, or answers', async () => {
    for (const [verify, status, body, type] of [
      [passes, 200, anna, 'application/json; charset=utf-8'],
      [refuses, 401, problem, headers['Content-Type']],
    ] as const) {
      const app = new Koa()
      app.use(koaAuth(verify))
      app.use((ctx) => {
        ctx.body = ctx.state['caller']
      })
      const server = app.listen(0, '127.0.0.1')
      await once(server, 'listening')
      try {
        const address = server.address() as { port: number }
        const response = await fetch(`http://127.0.0.1:${address.port}`)
        expect(response.status).to.equal(status)
        expect(await response.json()).to.deep.equal(body)
        expect(response.headers.get('content-type')).to.equal(type)
      } finally {
        server.closeAllConnections()
        server.close()
      }
    }
  })

  it('fastifyAuth sets request.caller, or sends the answer', async () => {
    const run = async (verify: Verify) => {
      const request: { headers: object; caller?: Caller } = { headers: {} }
      const sent: unknown[] = []
      const reply = {
        code: (status: number) => sent.push(status),
        headers: (headers: object) => sent.push(headers),
        send: (body: string) => sent.push(JSON.parse(body)) && reply,
      }
      const result = await fastifyAuth(verify)(request as never, reply)
      return { caller: request.caller, sent, isAnswered: result === reply }
    }
    expect(await run(passes)).to.deep.equal({ caller: anna, sent: [], isAnswered: false })
    const sent = [401, headers, problem]
    expect(await run(refuses)).to.deep.equal({ caller: undefined, sent, isAnswered: true })
  })

  it('honoAuth sets the variable caller and goes on, or gives the answer', async () => {
    const run = async (verify: Verify) => {
      const seen: unknown[] = []
      const raw = new Request('http://localhost')
      const context = { req: { raw }, set: (...args: unknown[]) => seen.push(args) }
      const response = await honoAuth(verify)(context, async () => void seen.push('next'))
      return { seen, response }
    }
    expect(await run(passes)).to.deep.equal({ seen: [['caller', anna], 'next'], response: undefined })
    const { seen, response } = await run(refuses)
    expect(seen).to.deep.equal([])
    expect(response?.status).to.equal(401)
    expect(await response?.json()).to.deep.equal(problem)
    for (const [name, value] of Object.entries(headers)) expect(response?.headers.get(name)).to.equal(value)
  })

  it('know a refusal by a verifier of the CommonJS copy', async () => {
    const refusal = Object.assign(new Error('ended'), {
      name: 'VerifyError',
      status: 401,
      headers,
      body: '{}',
    })
    const auth = honoAuth(async () => {
      throw refusal
    })
    const context = { req: { raw: new Request('http://localhost') }, set: () => {} }
    expect((await auth(context, async () => {}))?.status).to.equal(401)
  })

  it('leave a defect to the framework', async () => {
    const context = { req: { raw: new Request('http://localhost') }, set: () => {} }
    const outcome = await honoAuth(breaks)(context, async () => {}).catch((error: unknown) => error)
    expect(outcome).to.have.property('message', 'defect')
  })
})
