import { expect } from 'chai'
import { routesOf, type Service } from '#src/app/app.js'
import { openApi } from '#src/app/docs/openapi.js'
import type { Answer } from './start-service.js'

/** What no route answers: there is none for such a request. */
const NOWHERE = ['not_found', 'method_not_allowed']

// Building the table calls no use case.
const service = { serviceKeys: new Map([['any', '']]), sandbox: {} } as unknown as Service
const operations = Object.entries(openApi(routesOf(service), { version: '0' }).paths).flatMap(
  ([path, byMethod]) =>
    Object.entries(byMethod).map(([method, { responses }]) => ({
      method: method.toUpperCase(),
      pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
      codes: Object.values(responses).flatMap((response): readonly string[] => response['x-errors'] ?? []),
    })),
)

/** Asserts that the OpenAPI document has the error that was answered among those of its route. */
export function expectDocumented(method: string, path: string, { json, headers }: Answer): void {
  if (headers.get('content-type') !== 'application/problem+json') return
  const [address = ''] = path.split('?')
  const route = operations.find((one) => one.method === method && one.pattern.test(address))
  const code = String(json['code'])
  if (route !== undefined && !NOWHERE.includes(code)) {
    expect(route.codes, `the errors of ${method} ${address}`).to.include(code)
  }
}
