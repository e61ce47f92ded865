import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import { expect } from 'chai'
import { z } from 'zod'
import { routesOf, type Service } from '#src/app/app.js'
import { curl } from '#src/app/docs/curl.js'
import { openApi } from '#src/app/docs/openapi.js'
import type { Operation } from '#src/app/docs/openapi-operation.js'
import { SMALL } from '#src/app/http/body.js'
import { headers, pathParams } from '#src/app/http/fields.js'
import { errorForms } from '#src/app/http/problems.js'
import { type Route, route } from '#src/app/http/route.js'
import { errorCodes } from '#src/domain/errors.js'
import { fits } from '../../support/fits.js'

// Building the table calls no use case.
const service = { serviceKeys: new Map([['docs', '']]), sandbox: {} } as unknown as Service
const routes = routesOf(service)
const document = openApi(routes, { version: '1.2.3' })
const operations = Object.entries(document.paths).flatMap(([path, byMethod]) =>
  Object.entries(byMethod).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
)

/** The only operation of a document that has but this route. */
function documented(declared: Partial<Route>): Operation {
  const success = { status: 200, means: 'Done' }
  const handle = async () => ({})
  const made = route({ method: 'GET', path: '/', lane: 'other', summary: '', errors: [], success, handle })
  const [byMethod = {}] = Object.values(openApi([{ ...made, ...declared }], { version: '0' }).paths)
  const [operation] = Object.values(byMethod)
  if (operation === undefined) throw new Error('nothing is documented')
  return operation
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(JSON.parse(JSON.stringify(document)))
    expect(result.errors ?? []).to.deep.equal([])
    expect(result.valid).to.equal(true)
    expect(document.openapi).to.match(/^3\.1\./)
    expect(document.info.version).to.equal('1.2.3')
  })

  it('has every route of the table that is no page, and no other', () => {
    const api = routes.filter(({ isPage }) => !isPage).map(({ method, path }) => `${method} ${path}`)
    expect(operations.map(({ method, path }) => `${method} ${path}`)).to.have.members(api)
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).to.equal(api.length)
  })

  it('is about the API: it has no page, and no route that answers with a page, a script or a style sheet', () => {
    const pages = routes.filter(({ isPage }) => isPage).map(({ path }) => path)
    expect(pages).to.have.members(['/', '/playground.js', '/playground.css', '/docs'])
    const types = operations.flatMap(({ operation }) =>
      Object.values(operation.responses).flatMap(({ content = {} }) => Object.keys(content)),
    )
    expect(new Set(types)).to.have.keys(
      'application/json',
      'application/problem+json',
      'text/plain',
      'text/plain; version=0.0.4',
    )
  })

  it('has the error codes of the service and of its pages of errors, and no other', () => {
    const { code } = document.components.schemas['Problem']?.properties ?? {}
    expect(code)
      .to.have.property('enum')
      .that.has.members([...errorCodes])
    expect(document['x-errors']).to.deep.equal(errorForms)
    const used = operations.flatMap(({ operation }) => Object.values(operation.responses))
    // These two meet what finds no route, so no route has them.
    const nowhere = ['not_found', 'method_not_allowed']
    const codes = used.flatMap((response) => response['x-errors'] ?? [])
    expect(new Set([...codes, ...nowhere])).to.have.keys([...errorCodes])
    for (const name of ['docs/errors.md', 'docs/errors.zh-CN.md']) {
      const [, table = ''] = readFileSync(name, 'utf8').split('<!-- errors -->')
      const rows = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `(\w+)` \|/gm)]
      expect(
        rows.map(([, listed]) => listed),
        name,
      ).to.have.members([...errorCodes])
    }
  })

  it('lists for a route its own errors, those of its inputs, and those of all routes, by their status', () => {
    const { responses } = documented({
      errors: ['storage_unavailable', 'code_used'],
      credentials: { scheme: 'r3session', errors: ['unauthorized'], read: () => '' },
      query: { schema: z.object({}), errors: ['invalid_request'], read: () => ({}) },
    })
    const codes = Object.entries(responses).map(([status, answer]) => [status, answer['x-errors']])
    expect(Object.fromEntries(codes)).to.deep.equal({
      200: undefined,
      400: ['invalid_request', 'code_used'],
      401: ['unauthorized'],
      413: ['body_too_large'],
      500: ['internal'],
      503: ['storage_unavailable', 'overloaded'],
    })
    expect(responses['503']?.headers).to.include.keys('Retry-After', 'X-Request-Id')
    expect(responses['401']?.headers).to.include.keys('WWW-Authenticate')
    expect(responses['400']?.headers).not.to.include.keys('Retry-After')
  })

  it('promises Retry-After wherever the status is 429 or 503', () => {
    const busy = operations.flatMap(({ operation: { responses } }) => [responses['429'], responses['503']])
    for (const answer of busy) if (answer) expect(answer.headers).to.include.keys('Retry-After')
  })

  it('takes from the query what the body of a GET would hold', () => {
    const schema = z.object({ code: z.string().describe('A code'), more: z.string().optional() })
    const body = { schema, limit: SMALL, types: ['application/json'], errors: [], read: () => ({}) }
    const asGet = documented({ method: 'GET', body })
    expect(asGet).not.to.have.property('requestBody')
    expect(asGet.parameters).to.deep.equal([
      { name: 'code', in: 'query', required: true, description: 'A code', schema: { type: 'string' } },
      { name: 'more', in: 'query', required: false, schema: { type: 'string' } },
    ])
    const asPost = documented({ method: 'POST', body })
    expect(asPost.parameters).to.deep.equal([])
    expect(asPost.requestBody).to.have.property('required', true)
  })

  it('names the parameters of the path, the headers and the credentials', () => {
    const { parameters, security } = documented({
      path: '/users/{openid}',
      params: pathParams(z.object({ openid: z.string() })),
      headers: headers(z.object({ 'Idempotency-Key': z.string().optional() })),
      credentials: { scheme: 'serviceKey', errors: [], read: () => '' },
    })
    expect(parameters.map(({ name, in: place, required }) => [name, place, required])).to.deep.equal([
      ['openid', 'path', true],
      ['Idempotency-Key', 'header', false],
    ])
    expect(security).to.deep.equal([{ serviceKey: [] }])
    expect(documented({}).security).to.deep.equal([])
  })

  it('says which answers are text, which are of another type and which are JSON', () => {
    const typeOf = (schema: z.ZodType) =>
      Object.keys(documented({ success: { status: 200, means: '', schema } }).responses['200']?.content ?? {})
    expect(typeOf(z.string())).to.deep.equal(['text/plain'])
    expect(typeOf(z.string().meta({ contentMediaType: 'text/csv' }))).to.deep.equal(['text/csv'])
    expect(typeOf(z.object({}))).to.deep.equal(['application/json'])
    expect(documented({}).responses['200']).not.to.have.property('content')
  })

  it('has schemas that hold by the strictest reading, and examples that fit them', () => {
    const check = fits(document)
    let examples = 0
    for (const { method, path, operation } of operations) {
      const contents = [operation.requestBody, ...Object.values(operation.responses)]
      for (const { schema, example } of contents.flatMap((part) => Object.values(part?.content ?? {}))) {
        if (example !== undefined) examples++
        if (example !== undefined) check(schema, example, `${method} ${path}`)
      }
    }
    expect(examples).to.be.greaterThan(20)
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      for (const example of schema.examples ?? []) check(schema, example, name)
    }
  })

  it('describes every named field', () => {
    const silent = Object.entries(document.components.schemas).flatMap(([name, { properties = {} }]) =>
      Object.entries(properties)
        .filter(
          ([, field]) =>
            typeof field === 'object' && !field.description && !field.$ref && field.type !== 'array',
        )
        .map(([field]) => `${name}.${field}`),
    )
    expect(silent).to.deep.equal([])
  })

  it('describes the credentials that its routes want, and no others', () => {
    expect(document.components.securitySchemes).to.have.keys('r3session', 'serviceKey', 'serviceKeyBasic')
    const withoutKeys = routesOf({ ...service, serviceKeys: new Map() })
    expect(openApi(withoutKeys, { version: '0' }).components.securitySchemes).to.have.keys('r3session')
  })

  it('lists what a login can fail with, the end of all the sessions of its user included', () => {
    for (const [path, method] of [
      ['/v1/login', 'post'],
      ['/user/getuserinfo', 'get'],
      ['/user/getuserinfo', 'post'],
    ] as const) {
      const { responses = {} } = document.paths[path]?.[method] ?? {}
      expect(responses['401']?.['x-errors'], path).to.deep.equal(['invalid_session'])
    }
  })
})

describe('the command that shows an operation', () => {
  const target = { origin: 'https://login.example.com', hasSandbox: false }

  it('quotes for the shell what an example holds', () => {
    const schema = z.object({ text: z.string().meta({ examples: ["it's $HOME"] }) })
    const body = { schema, limit: SMALL, types: ['application/json'], errors: [], read: () => ({}) }
    const command = (method: 'GET' | 'POST') =>
      curl({ method, path: '/{any}', operation: documented({ method, path: '/{any}', body }) }, target).text
    expect(command('POST'))
      .to.include(`-d '{"text":"it'\\''s $HOME"}'`)
      .and.include('"https://login.example.com/$any"')
    expect(command('GET')).to.equal(
      `curl -G "https://login.example.com/$any" \\\n  --data-urlencode 'text=it'\\''s $HOME'`,
    )
  })

  it('has the reader fill in what only a mini program can give, and says what that is', () => {
    const decrypt = document.paths['/v1/decrypt']?.['post']
    if (decrypt === undefined) throw new Error('no such operation')
    const entry = { method: 'POST', path: '/v1/decrypt', operation: decrypt }
    const { text, missing } = curl(entry, target)
    expect(missing).to.deep.equal(['r3session', 'encryptedData', 'iv'])
    expect(text.split('\n').slice(0, 3)).to.deep.equal(missing.map((name) => `${name}='…'`))
    expect(curl(entry, { ...target, hasSandbox: true }).missing).to.deep.equal([])
  })
})
