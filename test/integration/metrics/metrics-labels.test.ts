import { readFileSync } from 'node:fs'
import { METHODS, request } from 'node:http'
import { expect } from 'chai'
import { samplesIn } from '../../support/metrics/scrape.js'
import { type RunningService, startService } from '../../support/service/start-service.js'

const key = 'metrics-key-0123456789abcdef0123456789'

describe('the labels of metrics', () => {
  let service: RunningService
  let text: string
  before(async () => {
    service = await startService({ env: { SERVICE_KEYS: `prometheus:${key}` } })
    const token = await service.login('ann')
    await service.send('POST', '/v1/decrypt', { token, body: await service.weixin.userInfo('ann') })
    await service.send('POST', '/v1/decrypt', { token, body: { encryptedData: '', iv: '' } })
    await service.send('POST', '/v1/phone-number', { token, body: { code: 'a-phone-code' } })
    for (let n = 0; n < 300; n++) await ask(METHODS[n % METHODS.length] ?? 'GET', pathOf(n), token)
    text = (await service.call('GET', '/metrics', { headers: { authorization: `Bearer ${key}` } })).text
    for (const secret of [token, service.weixin.identity('ann').openid, 'a-phone-code', '127.0.0.1', 'odd-'])
      expect(text).not.to.include(secret)
  })
  after(() => service.close())

  const pathOf = (n: number) =>
    [`/odd-${n}`, `/v1/auth/odd-${n}`, `/v1/users/odd-${n}/sessions`, `/v1/login?odd-${n}`, '/v1/auth'][
      n % 5
    ] ?? ''

  /** Any method that HTTP has, but for those that open a tunnel. */
  function ask(method: string, path: string, token: string): Promise<void> {
    if (method === 'CONNECT') return Promise.resolve()
    return new Promise((resolve, reject) => {
      const headers = { Authorization: `Bearer ${token}`, 'X-Request-Id': 'f'.repeat(32) }
      const asked = request(service.url + path, { method, headers }, (response) => {
        response.resume().on('end', resolve)
      })
      asked.on('error', reject).end()
    })
  }

  const valuesOf = (label: string) =>
    new Set(
      [...text.matchAll(new RegExp(`^r3session_.*?\\b${label}="([^"]*)"`, 'gm'))].map(([, value]) => value),
    )

  it('name routes by their patterns', () => {
    const patterns = service.service.app.routes.map(({ path }) => path)
    expect([...patterns, 'none']).to.include.members([...valuesOf('route')])
    expect([...valuesOf('route')]).to.include.members(['none', '/v1/auth', '/v1/users/{openid}/sessions'])
  })

  it('name the usual methods only', () => {
    const usual = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other']
    expect([...valuesOf('method')]).to.have.members(usual)
  })

  it('make no more series, whatever else is asked', async () => {
    const seriesAfter = async (first: number) => {
      for (let n = first; n < first + 50; n++) await ask('GET', pathOf(n), '0'.repeat(128))
      const headers = { authorization: `Bearer ${key}` }
      const { text } = await service.call('GET', '/metrics', { headers })
      return [...samplesIn(text).keys()].filter((name) => name.startsWith('r3session_'))
    }
    expect(await seriesAfter(1000)).to.have.members(await seriesAfter(2000))
  })
})

for (const page of ['docs/operating.md', 'docs/operating.zh-CN.md']) {
  describe(`the metrics in ${page}`, () => {
    it('are those that are told, with their labels', async () => {
      const service = await startService({ env: { SERVICE_KEYS: `prometheus:${key}` } })
      try {
        const token = await service.login('ann')
        await service.send('DELETE', '/v1/session', { token })
        const { text } = await service.call('GET', '/metrics', {
          headers: { authorization: `Bearer ${key}` },
        })
        const told = [...text.matchAll(/^# TYPE (r3session_\w+) /gm)].map(([, name = '']) => name)
        const rows = [...readFileSync(page, 'utf8').matchAll(/^\| `(r3session_\w+)` \|([^|]*)\|/gm)]
        expect(rows.map(([, name]) => name)).to.have.members(told)
        for (const [, name, labels = ''] of rows) {
          const [, sample = ''] = new RegExp(`^${name}(?:_count)?(?:\\{(.*)\\})? `, 'm').exec(text) ?? []
          const real = [...sample.matchAll(/(\w+)="/g)].map(([, label]) => label)
          // Nothing fails here, and a counter without a series has no labels to show.
          if (name !== 'r3session_store_failures_total')
            expect(
              [...labels.matchAll(/\w+/g)].map(([label]) => label),
              name,
            ).to.deep.equal(real)
        }
      } finally {
        await service.close()
      }
    })
  })
}
