import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { bothWays, takeCompared } from '../../support/service/both-ways.js'
import { type RunningService, startService } from '../../support/service/start-service.js'

const key = 'k'.repeat(32)
const json = { 'content-type': 'application/json' }

describe('a request for one of the hottest routes', () => {
  let service: RunningService
  let bearer: { authorization: string }
  let token: string
  before(async () => {
    service = await startService({ env: { SERVICE_KEYS: `orders:${key}` } })
    token = await service.login('ann')
    bearer = { authorization: `Bearer ${token}` }
  })
  after(() => service.close())

  /** How many answers of these were compared. */
  async function compared(requests: readonly (readonly [path: string, init: RequestInit])[]) {
    const before = takeCompared().compared
    for (const [path, init] of requests) await service.call(init.method ?? 'GET', path, init)
    const { compared, differences } = takeCompared()
    expect(differences).to.deep.equal([])
    return compared - before
  }

  it('is answered ahead of Koa as through it, to the byte, be it well or refused', async () => {
    const post = (body: string, headers: Record<string, string>) => ({ method: 'POST', body, headers })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const basic = { authorization: `Basic ${btoa(`orders:${key}`)}` }
    const { encryptedData, iv, rawData, signature } = await service.weixin.userInfo('ann')
    const sealed = JSON.stringify({ encryptedData, iv, rawData, signature })
    const { code } = await service.weixin.login('bob')
    const requests: [string, RequestInit][] = [
      ['/v1/auth', { headers: bearer }],
      ['/v1/auth', { headers: { ...bearer, 'x-request-id': '0123456789abcdef' } }],
      ['/v1/auth', { headers: { authorization: `bearer  ${'0'.repeat(128)}` } }],
      ['/v1/auth', { headers: { 'accept-language': 'zh-CN,zh;q=0.9' } }],
      ['/v1/session', { headers: bearer }],
      ['/v1/session', { headers: { ...bearer, 'accept-language': 'de' } }],
      ['/v1/introspect', post(`token=${token}`, { ...form, authorization: `Bearer ${key}` })],
      ['/v1/introspect', post(JSON.stringify({ token: 'none' }), { ...json, ...basic })],
      ['/v1/introspect', post('', { ...form, ...basic })],
      ['/v1/introspect', post(`token=${token}`, form)],
      ['/v1/decrypt', post(sealed, { ...json, ...bearer })],
      [
        '/v1/decrypt',
        post(`\ufeff${sealed}`, { 'content-type': 'application/json; charset=UTF-8', ...bearer }),
      ],
      ['/v1/decrypt', post(JSON.stringify({ encryptedData: 'AAAA', iv }), { ...json, ...bearer })],
      ['/v1/decrypt', post('[1,', { ...json, ...bearer })],
      ['/v1/login', post(JSON.stringify({ code }), { ...json, 'idempotency-key': 'once' })],
      ['/v1/login', post(JSON.stringify({ code }), { ...json, 'idempotency-key': 'once' })],
      ['/v1/login', post(JSON.stringify({ code }), json)],
      ['/v1/login', post('{"code":7}', { 'content-type': 'text/plain' })],
      ['/v1/login', post('{}', { ...json, 'content-encoding': 'gzip' })],
    ]
    expect(await compared(requests)).to.equal(requests.length)
  })

  it('goes through Koa alone when anything about it is unusual', async () => {
    const unusual: [string, RequestInit][] = [
      ['/v1/auth?x=1', { headers: bearer }],
      ['/v1/auth/', { headers: bearer }],
      ['/v1/auth', { headers: bearer, method: 'HEAD' }],
      ['/v1/auth', { headers: bearer, method: 'PUT' }],
      ['/v1/session', { headers: bearer, method: 'PATCH' }],
      ['/v1/login', { method: 'POST', body: 'x'.repeat(16_385), headers: json }],
      [
        '/v1/login',
        { method: 'POST', body: '{}', headers: { 'content-type': 'application/json; charset=gbk' } },
      ],
      [
        '/v1/login',
        { method: 'POST', body: new Blob(['{}']).stream(), headers: json, duplex: 'half' } as RequestInit,
      ],
    ]
    expect(await compared(unusual)).to.equal(0)
  })

  it('would be noticed if its answer were another', async () => {
    const { app } = service.service
    const altered: typeof app.direct = (request, response) => {
      response.setHeader('X-Altered', 'yes')
      return app.direct(request, response)
    }
    const server = createServer(bothWays({ ...app, direct: altered }, () => false)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await fetch(`http://127.0.0.1:${port}/v1/auth`)
    server.closeAllConnections()
    server.close()
    const { differences } = takeCompared()
    expect(differences).to.have.lengthOf(1)
    expect(differences[0]).to.match(/^GET \/v1\/auth\n--- ahead of Koa\n.*X-Altered: yes.*--- through Koa\n/s)
  })
})
