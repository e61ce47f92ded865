import { expect } from 'chai'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

const key = 'orders-key-0123456789abcdef0123456789'

describe('the log line of a request that is refused', () => {
  let service: RunningService
  afterEach(() => service.close())
  const start = async (env: Record<string, string> = {}) => {
    service = await startService({ env: { SERVICE_KEYS: `orders:${key}`, ...env } })
  }

  /** The line of a request with this key, sent with this `X-Forwarded-For`. */
  async function lineOf(token: string, forwarded: string): Promise<object> {
    await service.call('GET', '/v1/access-token', {
      headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': forwarded },
    })
    return service.lines.at(-1) ?? {}
  }

  it('names who tried a service key, by the connection where no proxy is trusted', async () => {
    await start()
    expect(await lineOf('wrong', '203.0.113.7')).to.include({ code: 'invalid_client', client: '127.0.0.1' })
  })

  it('names who tried a service key behind a trusted proxy, whatever else they claim to be', async () => {
    await start({ TRUST_PROXY: 'loopback' })
    expect(await lineOf('wrong', '10.0.0.1, 203.0.113.7')).to.include({ client: '203.0.113.7' })
    expect(await lineOf('wrong', 'nonsense')).to.include({ client: '127.0.0.1' })
  })

  it('names who tried a login code, and nobody whose request went well or failed otherwise', async () => {
    await start()
    expect(await lineOf(key, '203.0.113.7')).not.to.have.property('client')
    await service.login('ann')
    expect(service.lines.at(-1)).not.to.have.property('client')
    await service.send('GET', '/v1/session', { token: 'wrong' })
    expect(service.lines.at(-1)).to.include({ code: 'invalid_session' }).and.not.have.property('client')
    await service.send('POST', '/v1/login', { body: { code: 'made-up' } })
    expect(service.lines.at(-1)).to.include({ code: 'code_invalid', client: '127.0.0.1' })
  })

  it('has what WeChat said as fields, of which the answer shows nothing', async () => {
    await start()
    service.weixin.refuseAddress()
    const answer = await service.send('POST', '/v1/login', { body: await service.weixin.login('ann') })
    expectProblem(answer, 502, 'wechat_misconfigured')
    const { rid, address, ...line } = service.lines.at(-1) as Record<string, unknown>
    expect(line).to.include({ code: 'wechat_misconfigured', errcode: 40164 })
    expect(rid).to.match(/^[0-9a-f]{8}(-[0-9a-f]{8}){2}$/)
    expect(address).to.match(/^[0-9a-f.:]+$/)
    for (const fact of ['40164', rid, address]) expect(answer.text).not.to.include(fact)
    expect(answer.json).to.have.all.keys('type', 'title', 'status', 'code', 'action', 'requestId')
  })

  it('has the reason in few words where there was no answer of WeChat', async () => {
    await start()
    service.weixin.fail({ html: true })
    const answer = await service.send('POST', '/v1/login', { body: await service.weixin.login('ann') })
    expectProblem(answer, 502, 'wechat_invalid_response')
    expect(service.lines.at(-1)).to.include({ reason: 'not JSON' })
    expect(answer.text).not.to.include('not JSON')
  })
})
