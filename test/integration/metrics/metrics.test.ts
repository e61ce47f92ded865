import { expect } from 'chai'
import { increases, type Samples, samplesIn } from '../../support/metrics/scrape.js'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

const key = 'metrics-key-0123456789abcdef0123456789'
const authorization = `Bearer ${key}`
const headers = { authorization }

describe('GET /metrics', () => {
  let service: RunningService
  beforeEach(async () => {
    service = await startService({ env: { SERVICE_KEYS: `prometheus:${key}` } })
  })
  afterEach(() => service.close())

  async function scrape(): Promise<Samples> {
    const { status, text } = await service.call('GET', '/metrics', { headers })
    expect(status).to.equal(200)
    return samplesIn(text)
  }

  /** What the work adds, without the scrape itself and the operations of the store. */
  async function countedBy(work: () => Promise<unknown>): Promise<Record<string, number>> {
    const before = await scrape()
    await work()
    const all = Object.entries(increases(before, await scrape()))
    return Object.fromEntries(all.filter(([name]) => !/"\/metrics"|^r3session_store_duration/.test(name)))
  }

  const requests = (route: string, method: string, status: number) => ({
    [`r3session_http_requests_total{route="${route}",method="${method}",status="${status}"}`]: 1,
    [`r3session_http_request_duration_seconds_count{route="${route}"}`]: 1,
  })
  const calls = (outcome: string) => ({
    [`r3session_wechat_calls_total{api="code2Session",outcome="${outcome}"}`]: 1,
    'r3session_wechat_call_duration_seconds_count{api="code2Session"}': 1,
  })

  it('is text in the form of Prometheus, for HEAD too', async () => {
    const { status, headers: fields, text } = await service.call('GET', '/metrics', { headers })
    expect(status).to.equal(200)
    expect(fields.get('content-type')).to.equal('text/plain; version=0.0.4; charset=utf-8')
    expect(fields.get('cache-control')).to.equal('no-store')
    expect(text).to.match(
      /^# HELP r3session_http_requests_total .*\n# TYPE r3session_http_requests_total counter$/m,
    )
    expect(samplesIn(text)).to.include.keys('process_cpu_seconds_total', 'process_start_time_seconds')
    const head = await service.call('HEAD', '/metrics', { headers })
    expect([head.status, head.text]).to.deep.equal([200, ''])
  })

  it('wants a service key', async () => {
    expectProblem(await service.call('GET', '/metrics'), 401, 'invalid_client')
    const wrong = { authorization: `Bearer ${key}x` }
    expectProblem(await service.call('GET', '/metrics', { headers: wrong }), 401, 'invalid_client')
  })

  it('is not there without service keys', async () => {
    const open = await startService()
    try {
      expectProblem(await open.call('GET', '/metrics'), 404, 'not_found')
    } finally {
      await open.close()
    }
  })

  it('counts a login', async () => {
    expect(await countedBy(() => service.login('ann'))).to.deep.equal({
      ...requests('/v1/login', 'POST', 201),
      ...calls('ok'),
      'r3session_logins_total{outcome="ok"}': 1,
    })
  })

  it('counts a login that failed, by its code', async () => {
    const { code } = await service.weixin.login('ann')
    await service.send('POST', '/v1/login', { body: { code } })
    const used = () => service.send('POST', '/v1/login', { body: { code: `${code}x` } })
    expect(await countedBy(used)).to.deep.equal({
      ...requests('/v1/login', 'POST', 400),
      ...calls('code_invalid'),
      'r3session_logins_total{outcome="code_invalid"}': 1,
    })
  })

  it('counts a decryption by the key that opened it, or that none did', async () => {
    const token = await service.login('ann')
    const body = await service.weixin.userInfo('ann')
    const decrypt = (sealed: object) => () => service.send('POST', '/v1/decrypt', { token, body: sealed })
    expect(await countedBy(decrypt(body))).to.deep.equal({
      ...requests('/v1/decrypt', 'POST', 200),
      'r3session_decrypts_total{key="newest"}': 1,
    })
    expect(await countedBy(decrypt({ ...body, iv: Buffer.alloc(16).toString('base64') }))).to.deep.equal({
      ...requests('/v1/decrypt', 'POST', 422),
      'r3session_decrypts_total{key="none"}': 1,
    })
    await service.login('ann')
  })

  it('counts who is told to wait, by the limit', async () => {
    const strict = await startService({
      env: { SERVICE_KEYS: `prometheus:${key}`, LIMIT_DECRYPT_FAILURES: '1' },
    })
    try {
      const token = await strict.login('ann')
      const guess = (n: number) =>
        strict.send('POST', '/v1/decrypt', { token, body: { encryptedData: String(n), iv: '' } })
      await guess(1)
      await guess(2)
      const text = (await strict.send('GET', '/metrics', { token: key })).text
      expect(text).to.match(/^r3session_rate_limited_total\{limit="decrypt_failures"\} 1$/m)
      expect(text).to.match(/^r3session_rate_limited_total\{limit="logins"\} 0$/m)
    } finally {
      await strict.close()
    }
  })

  it('counts a verification, whichever way it comes', async () => {
    const token = await service.login('ann')
    expect(await countedBy(() => service.send('GET', '/v1/auth', { token }))).to.deep.equal(
      requests('/v1/auth', 'GET', 200),
    )
    expect(await countedBy(() => service.send('GET', '/v1/auth?a=1', { token }))).to.deep.equal(
      requests('/v1/auth', 'GET', 200),
    )
    expect(await countedBy(() => service.send('GET', '/v1/auth'))).to.deep.equal(
      requests('/v1/auth', 'GET', 401),
    )
  })

  it('counts what WeChat fails with', async () => {
    service.weixin.fail({ errcode: 40013 })
    const { code } = await service.weixin.login('ann')
    expect(await countedBy(() => service.send('POST', '/v1/login', { body: { code } }))).to.deep.equal({
      ...requests('/v1/login', 'POST', 502),
      ...calls('wechat_misconfigured'),
      'r3session_logins_total{outcome="wechat_misconfigured"}': 1,
    })
  })

  it('counts calls that were not made, since WeChat is out of reach, and no time for them', async () => {
    service.weixin.fail({ status: 502, times: 5 })
    const logIn = async () => service.send('POST', '/v1/login', { body: await service.weixin.login('ann') })
    for (let n = 0; n < 5; n++) await logIn()
    expect(await countedBy(logIn)).to.deep.equal({
      ...requests('/v1/login', 'POST', 503),
      'r3session_wechat_calls_total{api="code2Session",outcome="circuit_open"}': 1,
      'r3session_logins_total{outcome="wechat_unreachable"}': 1,
    })
  })

  it('tells how many sessions there are', async () => {
    expect((await scrape()).get('r3session_sessions')).to.equal(0)
    await service.login('ann')
    const token = await service.login('ben')
    expect((await scrape()).get('r3session_sessions')).to.equal(2)
    await service.send('DELETE', '/v1/session', { token })
    expect((await scrape()).get('r3session_sessions')).to.equal(1)
  })

  it('tells what it can of a store that is out of reach, and counts its failures', async () => {
    const token = await service.login('ann')
    await service.service.close()
    const before = await scrape()
    expect(before.has('r3session_sessions')).to.equal(false)
    await service.send('DELETE', '/v1/session', { token })
    expect(increases(before, await scrape())).to.include({
      ...requests('/v1/session', 'DELETE', 503),
      'r3session_store_failures_total{operation="delete"}': 1,
    })
  })
})
