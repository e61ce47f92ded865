import { expect } from 'chai'
import { samplesIn } from '../../support/metrics/scrape.js'
import { expectProblem, startService } from '../../support/service/start-service.js'
import { json, reset, startFaultyServer } from '../../support/wechat/faulty-server.js'
import { success } from '../../support/wechat/http-exchange.js'

const key = 'metrics-key-0123456789abcdef0123456789'

describe('a service that does not reach WeChat', () => {
  let opened: { close(): Promise<void> }[]
  beforeEach(() => {
    opened = []
  })
  afterEach(async () => {
    for (const { close } of opened) await close()
  })

  async function setUp() {
    const weixin = await startFaultyServer()
    const env = { WECHAT_API: weixin.url, SERVICE_KEYS: `prometheus:${key}` }
    const service = await startService({ env })
    opened.push(service, weixin)
    let logins = 0
    const login = (key?: string) =>
      service.call('POST', '/v1/login', {
        headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
        body: JSON.stringify({ code: key ?? `code-${logins++}` }),
      })
    return { weixin, service, login }
  }

  it('refuses the sixth login at once, with a Retry-After, and asks WeChat nothing', async () => {
    const { weixin, login } = await setUp()
    weixin.meets(reset())
    for (let n = 0; n < 5; n++) expectProblem(await login(), 502, 'wechat_invalid_response', 'relogin')
    const refused = await login()
    expectProblem(refused, 503, 'wechat_unreachable', 'retry')
    expect(refused.headers.get('retry-after')).to.equal('5')
    expect(weixin.requests).to.have.length(5)
  })

  it('stays ready and serves sessions; the probe tells the circuit, the log when it opened', async () => {
    const { weixin, service, login } = await setUp()
    weixin.meets(json(success))
    const { json: answer } = await login()
    const token = String(answer['r3session'])
    weixin.meets(reset())
    for (let n = 0; n < 7; n++) await login()
    const ready = await service.call('GET', '/readyz')
    expect(ready.status).to.equal(200)
    expect(ready.json).to.deep.equal({ status: 'ready', wechat: { circuit: 'open' } })
    expect((await service.send('GET', '/v1/session', { token })).status).to.equal(200)
    expect((await service.send('GET', '/v1/auth', { token })).status).to.equal(200)
    const said = service.lines.filter((line) => !('requestId' in line) && 'reason' in line)
    expect(said).to.deep.equal([{ reason: 'ECONNRESET' }])
    const reasons = service.lines.map((line) => 'reason' in line && line.reason)
    expect(reasons.filter((reason) => reason === 'circuit open')).to.have.length(2)
  })

  it('has the circuit among its metrics', async () => {
    const { weixin, service, login } = await setUp()
    const scrape = async () => {
      const headers = { authorization: `Bearer ${key}` }
      return samplesIn((await service.call('GET', '/metrics', { headers })).text).get(
        'r3session_wechat_circuit_open',
      )
    }
    expect(await scrape()).to.equal(0)
    weixin.meets(reset())
    for (let n = 0; n < 5; n++) await login()
    expect(await scrape()).to.equal(1)
  })

  it('leaves an attempt that it refused open to a retry with the same key', async () => {
    const { weixin, service, login } = await setUp()
    weixin.meets(reset())
    for (let n = 0; n < 5; n++) await login()
    for (let n = 0; n < 2; n++) expectProblem(await login('attempt'), 503, 'wechat_unreachable')
    expect(weixin.requests).to.have.length(5)
    expect(service.lines.filter((line) => 'failed' in line)).to.deep.equal([])
  })
})
