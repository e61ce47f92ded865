import { expect } from 'chai'
import { expectProblem, startService } from '../../support/service/start-service.js'

describe('the probes', () => {
  it('say that the process is alive and ready', async () => {
    const service = await startService()
    expect((await service.call('GET', '/healthz')).json).to.deep.equal({ status: 'ok' })
    expect((await service.call('GET', '/readyz')).json).to.deep.equal({
      status: 'ready',
      wechat: { circuit: 'closed' },
    })
    expect((await service.call('HEAD', '/readyz')).status).to.equal(200)
    await service.close()
  })

  it('say what is missing when the store is gone, while the process stays alive', async () => {
    const service = await startService()
    await service.service.close()
    expectProblem(await service.call('GET', '/readyz'), 503, 'storage_unavailable', 'retry')
    expect((await service.call('GET', '/healthz')).status).to.equal(200)
    await service.close()
  })
})

describe('the log of the probes', () => {
  it('has their successes at debug only, and every failure', async () => {
    const levels: string[] = []
    const level = (name: string) => (fields: object) => {
      if ('route' in fields) levels.push(`${name} ${fields.route}`)
    }
    const log = {
      isLevelEnabled: () => true,
      debug: level('debug'),
      info: level('info'),
      error: level('error'),
    }
    const service = await startService({ log })
    for (const path of ['/healthz', '/readyz', '/openapi.json']) await service.call('GET', path)
    await service.call('POST', '/healthz')
    await service.service.close()
    await service.call('GET', '/readyz')
    expect(levels).to.deep.equal([
      'debug /healthz',
      'debug /readyz',
      'info /openapi.json',
      'info none',
      'error /readyz',
    ])
    await service.close()
  })
})

describe('a service without its store', () => {
  it('never says yes and never says 204', async () => {
    const service = await startService()
    const token = await service.login()
    await service.service.close()
    const { send } = service
    expectProblem(await send('GET', '/v1/session', { token }), 503, 'storage_unavailable', 'retry')
    expectProblem(await send('DELETE', '/v1/session', { token }), 503, 'storage_unavailable')
    expectProblem(
      await send('POST', '/v1/login', { body: await service.weixin.login() }),
      503,
      'storage_unavailable',
    )
    expectProblem(
      await send('POST', '/v1/decrypt', { token, body: await service.weixin.userInfo() }),
      503,
      'storage_unavailable',
    )
    await service.close()
  })
})

describe('a service that is stopping', () => {
  it('is not ready, is alive, and serves on with answers that close their connections', async () => {
    const service = await startService()
    const token = await service.login()
    service.service.stop()
    expectProblem(await service.call('GET', '/readyz'), 503, 'overloaded', 'retry')
    for (const path of ['/healthz', '/v1/session', '/v1/auth']) {
      const { status, headers } = await service.call('GET', path, {
        headers: { authorization: `Bearer ${token}` },
      })
      expect(status, path).to.equal(200)
      expect(headers.get('connection'), path).to.equal('close')
    }
    await service.close()
  })
})
