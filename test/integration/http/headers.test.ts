import { request } from 'node:http'
import { expect } from 'chai'
import { type Answer, type RunningService, startService } from '../../support/service/start-service.js'

const key = 'headers-key-0123456789abcdef0123456789'
const api = "default-src 'none'; frame-ancestors 'none'"

/** Those that a browser goes by; `null` where one is not there. */
const told = ({ headers }: Answer) => ({
  policy: headers.get('content-security-policy'),
  referrer: headers.get('referrer-policy'),
  resource: headers.get('cross-origin-resource-policy'),
  opener: headers.get('cross-origin-opener-policy'),
})

describe('what a browser is told', () => {
  let service: RunningService
  let token: string
  before(async () => {
    service = await startService({ env: { SERVICE_KEYS: `billing:${key}` } })
    token = await service.login()
  })
  after(() => service.close())

  const all = { policy: api, referrer: 'no-referrer', resource: 'same-origin', opener: null }
  const bodies: [name: string, status: number, ask: () => Promise<Answer>][] = [
    ['JSON', 200, () => service.send('GET', '/v1/session', { token })],
    ['JSON for services', 200, () => service.send('POST', '/v1/introspect', { token: key, body: { token } })],
    ['a login', 201, async () => service.send('POST', '/v1/login', { body: await service.weixin.login() })],
    ['bare text', 200, async () => service.call('GET', `/user/getuserinfo?code=${await code()}`)],
    ['a refusal', 401, () => service.send('GET', '/v1/auth')],
    ['an unknown path', 404, () => service.send('GET', '/nowhere')],
    ['the OpenAPI document', 200, () => service.call('GET', '/openapi.json')],
    ['metrics', 200, () => service.send('GET', '/metrics', { token: key })],
    ['a probe', 200, () => service.call('GET', '/healthz')],
    ['a probe without its body', 200, () => service.call('HEAD', '/healthz')],
  ]
  const code = async () => (await service.weixin.login()).code
  for (const [name, status, ask] of bodies) {
    it(`with ${name} is to load nothing, and to show it to no other site`, async () => {
      const answer = await ask()
      expect(answer.status).to.equal(status)
      expect(told(answer)).to.deep.equal(all)
    })
  }

  it('with what never was a request is the same', async () => {
    const { port } = new URL(service.url)
    const headers = { 'x-long': 'x'.repeat(90_000) }
    const policy = await new Promise((resolve, reject) => {
      request({ port, headers }, (response) => {
        resolve(response.resume().headers['content-security-policy'])
      })
        .on('error', reject)
        .end()
    })
    expect(policy).to.equal(api)
  })

  it('with an empty answer is nothing, since there is nothing to show', async () => {
    const none = { policy: null, referrer: null, resource: null, opener: null }
    expect(told(await service.send('GET', '/v1/auth', { token }))).to.deep.equal(none)
    const ended = await service.login()
    expect(told(await service.send('DELETE', '/v1/session', { token: ended }))).to.deep.equal(none)
  })

  it('with a page is one policy, which is its own, and to open it in a window of its own', async () => {
    const answer = await service.call('GET', '/docs')
    const { policy, ...others } = told(answer)
    expect(policy).to.match(/^default-src 'none'; style-src 'sha256-.*frame-ancestors 'none'$/)
    expect(policy).not.to.include(',')
    expect(others).to.deep.equal({ referrer: 'no-referrer', resource: 'same-origin', opener: 'same-origin' })
  })

  it('with any answer is not to guess its type', async () => {
    for (const [, , ask] of bodies) {
      expect((await ask()).headers.get('x-content-type-options')).to.equal('nosniff')
    }
    const empty = await service.send('GET', '/v1/auth', { token })
    expect(empty.headers.get('x-content-type-options')).to.equal('nosniff')
  })

  it('is never that another origin may read it, nor to stay on TLS', async () => {
    const preflight = {
      origin: 'https://elsewhere.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, content-type',
    }
    for (const path of ['/v1/login', '/v1/session', '/v1/auth', '/docs', '/healthz', '/nowhere']) {
      for (const method of ['OPTIONS', 'GET']) {
        const { status, headers } = await service.call(method, path, { headers: preflight })
        if (method === 'OPTIONS') expect(status, path).to.be.oneOf([401, 404, 405])
        const names = [...headers.keys()].filter((name) =>
          /^access-control-|^strict-transport|^timing-allow/.test(name),
        )
        expect(names, `${method} ${path}`).to.deep.equal([])
      }
    }
  })
})
