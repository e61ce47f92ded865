import { expect } from 'chai'
import { routesOf, type Service } from '#src/app/app.js'
import { openApi } from '#src/app/docs/openapi.js'

// Building the table calls no use case.
const service = { serviceKeys: new Map([['docs', '']]), sandbox: {} } as unknown as Service
const routes = routesOf(service)
const document = openApi(routes, { version: '1.2.3' })
const operations = Object.entries(document.paths).flatMap(([path, byMethod]) =>
  Object.entries(byMethod).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
)

describe('a linter of the OpenAPI document', () => {
  const { info, servers, tags, components } = document

  it('finds a description, a licence and somebody to turn to', () => {
    expect(info).to.have.nested.property('license.identifier').that.is.not.empty
    expect(info).to.have.nested.property('contact.name').that.is.not.empty
    expect(info.title).to.be.a('string').that.is.not.empty
    expect(info.description).to.be.a('string').that.is.not.empty
  })

  it('finds a server that is wherever the document comes from', () => {
    expect(servers).to.have.lengthOf.above(0)
    for (const { url } of servers) {
      expect(new URL(url, 'https://login.example.com/openapi.json').href).to.equal(
        'https://login.example.com/',
      )
    }
  })

  it('finds for each operation an id, a described tag, a summary, a description, its credentials and a 4xx', () => {
    const described = tags.filter(({ description }) => description !== '').map(({ name }) => name)
    const schemes = Object.keys(components.securitySchemes)
    for (const { operation } of operations) {
      const { operationId: id, security, responses } = operation
      expect(id).to.match(/^[a-zA-Z][\w]*$/)
      expect(described, id)
        .to.include.members([...operation.tags])
        .and.to.have.lengthOf.above(0)
      expect(operation.tags, id).to.have.lengthOf(1)
      expect(operation.summary, id).to.be.a('string').that.is.not.empty
      expect(operation.description, id).to.be.a('string').that.is.not.empty
      expect(security, id).to.be.an('array')
      expect(schemes, id).to.include.members(security.flatMap((needed) => Object.keys(needed)))
      expect(
        Object.keys(responses).filter((status) => /^4\d\d$/.test(status)),
        id,
      ).not.to.be.empty
      expect(
        Object.keys(responses).filter((status) => /^2\d\d$/.test(status)),
        id,
      ).to.have.lengthOf(1)
    }
  })

  it('finds paths that are told apart, without a query, a slash at the end or an undeclared parameter', () => {
    const shapes = Object.keys(document.paths).map((path) => path.replace(/\{\w+\}/g, '{}'))
    expect(new Set(shapes).size).to.equal(shapes.length)
    for (const { path, operation } of operations) {
      expect(path).to.match(/^(\/[\w.{}-]+)+$/)
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const declared = operation.parameters.filter(({ in: place }) => place === 'path')
      expect(declared.map(({ name }) => name)).to.deep.equal(named)
    }
  })

  it('finds no component that nothing refers to', () => {
    const text = JSON.stringify(document)
    for (const kind of ['schemas', 'headers'] as const) {
      for (const name of Object.keys(components[kind])) {
        expect(text).to.include(`"$ref":"#/components/${kind}/${name}"`)
      }
    }
    const used = new Set(
      operations.flatMap(({ operation }) => operation.security.flatMap((one) => Object.keys(one))),
    )
    expect(used).to.have.keys(Object.keys(components.securitySchemes))
  })
})
