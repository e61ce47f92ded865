import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { routesOf, type Service } from '#src/app/app.js'
import { type OpenApi, openApi } from '#src/app/docs/openapi.js'
import type { Operation } from '#src/app/docs/openapi-operation.js'
import { fits } from '../../support/fits.js'
import {
  type Answer,
  expectProblem,
  type Json,
  type RunningService,
  startService,
} from '../../support/service/start-service.js'

const serviceKey = 'docs-key-0123456789abcdef0123456789abcdef'

describe('the documentation', () => {
  let service: RunningService
  let document: OpenApi
  before(async () => {
    // Without a mini program the service has a sandbox of its own, and with it all the routes there are.
    const env = { WECHAT_APPID: '', WECHAT_SECRET: '', SERVICE_KEYS: `docs:${serviceKey}` }
    service = await startService({ env })
    document = JSON.parse((await service.call('GET', '/openapi.json')).text)
  })
  after(() => service.close())

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, byMethod]) =>
      Object.entries(byMethod).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        operation,
      })),
    )

  /** Sends what the document says is required: these values by the name of the field, else its examples. */
  function send(
    method: string,
    path: string,
    operation: Operation,
    values: Json,
    type?: string,
  ): Promise<Answer> {
    const { security, parameters, requestBody } = operation
    const given = (name: string, example: unknown) => values[name] ?? example ?? name
    const query = parameters
      .filter(({ in: place, required }) => place === 'query' && required)
      .map(({ name, schema }) => [name, String(given(name, schema.examples?.[0]))])
    const [json] = Object.values(requestBody?.content ?? {})
    const body = Object.entries(json?.example ?? {}).map(([name, example]) => [name, given(name, example)])
    const [scheme = ''] = security.flatMap((needed) => Object.keys(needed))
    const credentials = values[scheme]
    const address = path.replace(/\{(\w+)\}/g, (_, name) =>
      encodeURIComponent(String(given(name, undefined))),
    )
    const headers = {
      ...(typeof credentials === 'string' && { authorization: `Bearer ${credentials}` }),
      ...(json && { 'content-type': type ?? 'application/json' }),
    }
    return service.call(method, `${address}?${new URLSearchParams(Object.fromEntries(query))}`, {
      headers,
      ...(json && { body: JSON.stringify(Object.fromEntries(body)) }),
    })
  }

  /** The answer's status, headers and body are among those that the document names. */
  function expectDocumented(operation: Operation, answer: Answer): void {
    const label = `${operation.operationId}: ${answer.status} ${answer.text.slice(0, 200)}`
    const response = operation.responses[answer.status]
    if (response === undefined) throw new Error(`not documented, ${label}`)
    for (const name of Object.keys(response.headers)) {
      if (name !== 'X-WX-UNIONID') expect(answer.headers.get(name), `${label}: ${name}`).to.be.a('string')
    }
    const contents = Object.entries(response.content ?? {})
    if (contents.length === 0) expect(answer.text, label).to.equal('')
    for (const [type, { schema }] of contents) {
      expect(`${answer.headers.get('content-type')};`, label).to.satisfy((sent: string) =>
        sent.startsWith(`${type};`),
      )
      fits(document)(schema, type.endsWith('json') ? JSON.parse(answer.text) : answer.text, label)
    }
  }

  /** A user who has just logged in, and everything a phone could send for them. */
  async function liveValues(path: string): Promise<Json> {
    const phone = async (step: string) => (await service.send('POST', `/sandbox/${step}`, { body: {} })).json
    const { json } = await service.send('POST', '/v1/login', { body: await phone('login') })
    const sealed = await phone('user-info')
    const { openid } = (await service.send('GET', '/v1/session', { token: String(json['r3session']) })).json
    const { code } = await phone(path === '/v1/phone-number' ? 'phone-code' : 'login')
    // A login makes another session_key, so the data is sealed before the next one: the ring opens it.
    return { ...sealed, ...json, token: json['r3session'], openid, code, serviceKey }
  }

  it('is right about requests that succeed', async () => {
    for (const { method, path, operation } of operations()) {
      const answer = await send(method, path, operation, await liveValues(path))
      const [success = ''] = Object.keys(operation.responses).filter((status) => status < '300')
      expect(answer.status, `${operation.operationId} ${answer.text}`).to.equal(Number(success))
      expectDocumented(operation, answer)
    }
  })

  it('is right about requests with its own examples', async () => {
    for (const { method, path, operation } of operations()) {
      expectDocumented(operation, await send(method, path, operation, {}))
      const { r3session } = await liveValues(path)
      const answer = await send(method, path, operation, {
        serviceKey,
        ...(operation.security.length && { r3session }),
      })
      expectDocumented(operation, answer)
    }
  })

  it('is right about requests that are refused', async () => {
    for (const { method, path, operation } of operations()) {
      const live = await liveValues(path)
      const { r3session, serviceKey, ...anonymous } = live
      const strange = { r3session: 'x', serviceKey: 'x' }
      const headers = {
        authorization: `Bearer ${operation.security[0]?.['serviceKey'] ? serviceKey : r3session}`,
      }
      const answers = [
        await send(method, path, operation, anonymous),
        await send(method, path, operation, { ...live, ...strange }),
        await send(method, path, operation, live, 'text/xml'),
        ...(operation.requestBody
          ? [
              await service.call(method, path, { headers, body: '{' }),
              await service.call(method, path, { headers, body: 'x'.repeat(70_000) }),
            ]
          : []),
      ]
      for (const answer of answers) expectDocumented(operation, answer)
      if (operation.security.length > 0) expect(answers[0]?.status).to.equal(401)
    }
  })

  for (const path of ['/docs', '/openapi.json']) {
    it(`is there by GET alone, the same for the same reader, and in no cache: ${path}`, async () => {
      const first = await service.call('GET', path)
      expect(first.headers.get('cache-control')).to.equal('no-store')
      expect((await service.call('GET', path)).text).to.equal(first.text)
      const refused = await service.call('POST', path)
      expectProblem(refused, 405, 'method_not_allowed')
      expect(refused.headers.get('allow')).to.equal('GET, HEAD')
    })
  }

  it('is there in production, without the routes that are not', async () => {
    const production = await startService({ env: { NODE_ENV: 'production' } })
    try {
      const { json, status } = await production.call('GET', '/openapi.json')
      expect(status).to.equal(200)
      expect(json['paths'])
        .to.include.keys('/v1/login')
        .and.not.include.keys('/v1/introspect', '/sandbox/login')
      expect((await production.call('GET', '/docs')).text).not.to.include('/sandbox/')
    } finally {
      await production.close()
    }
  })

  it('is that of the route table, itself included, and of this version of the package', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    const sameRoutes = { serviceKeys: new Map([['docs', '']]), sandbox: {} } as unknown as Service
    const made = openApi(routesOf(sameRoutes), { version })
    expect(document).to.deep.equal(JSON.parse(JSON.stringify(made)))
    expect(document.paths).to.include.keys('/openapi.json')
  })
})
