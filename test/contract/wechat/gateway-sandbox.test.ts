import { expect } from 'chai'
import { createHttpWechat } from '#src/adapters/wechat/gateway.js'
import type { ErrorCode } from '#src/domain/errors.js'
import { demoApp, type Fault, type Sandbox, startSandbox } from '#src/sandbox/index.js'
import { AMPLE, causeOf, deadlineFor } from '../../support/wechat/http-exchange.js'
import { failure } from '../wechat-gateway.js'

describe('createHttpWechat at the sandbox', () => {
  let weixin: Sandbox

  beforeEach(async () => {
    weixin = await startSandbox()
  })

  afterEach(() => weixin.close())

  const exchange = (code: string, timeout = AMPLE) => {
    const secrets = new Map([[demoApp.appid, demoApp.secret]])
    const gateway = createHttpWechat({ api: weixin.url, apps: secrets, timeout, backoff: 1 })
    return gateway.exchangeCode(demoApp.appid, code)
  }

  it('logs in the very user, also when WeChat was busy at first', async () => {
    weixin.fail({ errcode: -1 })
    const { code } = await weixin.login('ann')
    const identity = await exchange(code)
    expect(identity).to.include(weixin.identity('ann'))
    expect(weixin.calls).to.have.length(2)
  })

  const faults: [ErrorCode, Fault][] = [
    ['wechat_invalid_response', { status: 502 }],
    ['wechat_invalid_response', { html: true }],
    ['wechat_invalid_response', { redirect: 'http://127.0.0.1:9/' }],
    ['wechat_invalid_response', { reset: true }],
    ['wechat_invalid_response', { half: true }],
    ['wechat_invalid_response', { oversize: 1e6 }],
    ['wechat_timeout', { delay: 60_000 }],
  ]
  for (const [expected, fault] of faults) {
    it(`asks once and fails with ${expected} at ${JSON.stringify(fault)}`, async () => {
      weixin.fail(fault)
      const { code } = await weixin.login()
      const error = await failure(exchange(code, deadlineFor(expected)))
      expect(error.code).to.equal(expected)
      expect(weixin.calls).to.have.length(1)
    })
  }

  it('tells the operator which address WeChat refused', async () => {
    weixin.refuseAddress()
    const { code } = await weixin.login()
    const error = await failure(exchange(code))
    expect(causeOf(error)).to.match(/^errcode 40164, rid [0-9a-f-]{26}, our address [0-9a-f.:]+$/)
  })
})
