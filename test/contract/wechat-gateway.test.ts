import { createBreaker } from '#src/adapters/wechat/breaker.js'
import { createHttpWechat } from '#src/adapters/wechat/gateway.js'
import { type Fault, startSandbox } from '#src/sandbox/index.js'
import { startDocumentedWechat } from '../support/wechat/documented-wechat.js'
import { createFakeWechat } from '../support/wechat/fake-wechat.js'
import {
  appid,
  BRIEF,
  gatewayTo,
  openid,
  phone,
  sessionKey,
  unionid,
} from '../support/wechat/http-exchange.js'
import { describeWechatGateway, type Failure } from './wechat-gateway.js'

describeWechatGateway('the fake', async () => {
  const fake = createFakeWechat()
  let codes = 0
  return {
    gateway: fake,
    async codeFor(outcome) {
      const next = `code-${codes++}`
      if (outcome === 'user') fake.when(next, { openid, sessionKey })
      else if (outcome === 'user with unionid') fake.when(next, { openid, sessionKey, unionid })
      else fake.when(next, outcome)
      return [appid, next]
    },
    async user() {
      fake.when('login', { openid, sessionKey })
      return { appid, ...(await fake.exchangeCode(appid, 'login')) }
    },
    async phoneCode() {
      fake.whenPhone('phone', openid, phone)
      return 'phone'
    },
    outdateTokens: fake.outdateTokens,
    fail(code) {
      for (const method of [
        'exchangeCode',
        'stableToken',
        'phoneNumber',
        'honoursKey',
        'resetKey',
        'encryptKeys',
      ] as const) {
        fake.fail(method, code)
      }
    },
  }
})

describeWechatGateway('over HTTP, from a server written by the documentation', async () => {
  const wechat = await startDocumentedWechat()
  return { gateway: gatewayTo(wechat.url, BRIEF), ...wechat }
})

describeWechatGateway('over HTTP, from the sandbox', async () => {
  const bound = { appid: 'wxb0b0b0b0b0b0b0b0', secret: 'b0'.repeat(16), bound: true }
  const free = { appid: 'wxf0f0f0f0f0f0f0f0', secret: 'f0'.repeat(16), bound: false }
  const weixin = await startSandbox({ apps: [bound, free] })
  const secrets = new Map([bound, free].map(({ appid, secret }) => [appid, secret]))
  const breaker = createBreaker({ now: () => 0 })
  const gateway = createHttpWechat({ api: weixin.url, apps: secrets, timeout: BRIEF, backoff: 1, breaker })
  const faults: Record<Exclude<Failure, 'wechat_unreachable'>, Fault> = {
    wechat_rate_limited: { errcode: 45011 },
    wechat_busy: { errcode: -1 },
    wechat_timeout: { hang: true },
    wechat_invalid_response: { half: true },
    wechat_misconfigured: { errcode: 48001 },
    wechat_quota: { errcode: 45009 },
  }
  return {
    gateway,
    async codeFor(outcome) {
      if (outcome === 'code_invalid') return [bound.appid, 'of-no-login']
      const { appid } = outcome === 'user' ? free : bound
      const { code } = await weixin.login('demo', { appid })
      if (outcome === 'code_used') await gateway.exchangeCode(appid, code)
      if (outcome === 'user_blocked') weixin.block('demo')
      return [appid, code]
    },
    async user() {
      const { code } = await weixin.login()
      return { appid: bound.appid, ...(await gateway.exchangeCode(bound.appid, code)) }
    },
    phoneCode: async () => (await weixin.phoneCode()).code,
    async outdateTokens() {
      const body = JSON.stringify({ grant_type: 'client_credential', ...bound, force_refresh: true })
      await fetch(`${weixin.url}/cgi-bin/stable_token`, { method: 'POST', body })
    },
    async fail(failure) {
      if (failure === 'wechat_unreachable') await weixin.close()
      else weixin.fail({ ...faults[failure], times: Infinity })
    },
    requests: () => weixin.calls.length,
    close: weixin.close,
  }
})
