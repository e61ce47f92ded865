import { expect } from 'chai'
import { actions } from '#src/sandbox/index.js'
import { startTestSandbox } from '../../support/service/start-sandbox.js'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

/** The paths of the actions that take a form of fields, by the form. */
const pathsThatTake = (form: string) => actions.filter(({ takes }) => takes === form).map(({ path }) => path)

describe("the sandbox's actions, served by itself and by the service", () => {
  let service: RunningService
  let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
  before(async () => {
    service = await startService({ env: { WECHAT_APPID: '', WECHAT_SECRET: '', WECHAT_API: '' } })
    sandbox = await startTestSandbox()
  })
  after(() => Promise.all([service.close(), sandbox.weixin.close()]))

  /** What both answer to the same request. */
  async function both(path: string, body: unknown) {
    const own = await sandbox.post(path, body)
    const headers = { 'content-type': 'application/json' }
    const ofService = await service.call('POST', path, { headers, body: JSON.stringify(body) })
    return { own, ofService }
  }

  it('every action gives the same fields at both', async () => {
    for (const { path } of actions) {
      const body = path === '/sandbox/fail' ? { errcode: -1 } : { user: 'anna', data: 'text' }
      const { own, ofService } = await both(path, body)
      expect([own.status, ofService.status], path).to.deep.equal([200, 200])
      expect(Object.keys(ofService.json), path).to.deep.equal(Object.keys(own.json))
    }
  })

  it('what an action can not do is refused by both, in the same words', async () => {
    const bad: [string, unknown][] = [
      ...actions
        .filter(({ takes }) => !['nothing', 'fault'].includes(takes))
        .flatMap(({ path }): [string, unknown][] => [
          [path, { user: '', data: 'text' }],
          [path, { user: null, data: 'text' }],
          [path, { user: 'x'.repeat(65), data: 'text' }],
          [path, { appid: 'wx', data: 'text' }],
          [path, { appid: 7, data: 'text' }],
        ]),
      ...pathsThatTake('profile').map((path): [string, unknown] => [path, { profile: 'Anna' }]),
      ...pathsThatTake('phoneAnswer').map((path): [string, unknown] => [path, { numericCountryCode: 86 }]),
      ...[{}, { data: [1] }, { data: 7 }, { data: null }].map((body): [string, unknown] => [
        '/sandbox/seal',
        body,
      ]),
      ...[{}, { errcode: 'x' }, { html: false }].map((body): [string, unknown] => ['/sandbox/fail', body]),
    ]
    for (const [path, body] of bad) {
      const { own, ofService } = await both(path, body)
      const label = `${path} ${JSON.stringify(body)}`
      expect(own.status, label).to.equal(400)
      expectProblem(ofService, 400, 'invalid_request')
      expect(ofService.json['detail'], label).to.equal(`${own.json.error}. See /docs#error-invalid_request.`)
    }
  })

  it('what is no JSON object is refused by both', async () => {
    for (const { path, takes } of actions.filter(({ takes }) => takes !== 'nothing')) {
      for (const body of [[], 'demo', null]) {
        const { own, ofService } = await both(path, body)
        expect(own.status, takes).to.equal(400)
        expectProblem(ofService, 400, 'invalid_request')
      }
    }
  })

  it('a phone code asked for with numericCountryCode is served by the service too', async () => {
    const { own, ofService } = await both('/sandbox/phone-code', { numericCountryCode: true })
    expect([own.status, ofService.status]).to.deep.equal([200, 200])
    for (const { json } of [own, ofService]) expect(json).to.have.all.keys('code')
  })
})
