import { createHttpWechat } from '#src/adapters/http-wechat.js'
import { startSandbox } from '#src/sandbox/index.js'
import { createFakeWechat } from '../support/fake-wechat.js'
import { appid, gatewayTo, openid, queryOf, sessionKey, success, unionid } from '../support/http-exchange.js'
import { answer, type Behaviour, hang, json, startSickServer } from '../support/sick-server.js'
import { describeWechatGateway, type Outcome } from './wechat-gateway.js'

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
  }
})

describeWechatGateway('over HTTP, from a hand-made server', async () => {
  const server = await startSickServer()
  const used = new Set<string>()
  const once = (value: unknown): Behaviour => {
    return (socket, head) => {
      const code = queryOf(head).get('js_code') ?? ''
      const answered = used.has(code) ? { errcode: 40163, errmsg: 'code been used' } : value
      used.add(code)
      json(answered)(socket, head)
    }
  }
  const plans: Record<Exclude<Outcome, 'wechat_unreachable'>, Behaviour> = {
    user: once(success),
    'user with unionid': once({ ...success, unionid }),
    code_invalid: json({ errcode: 40029 }),
    code_used: json({ errcode: 40163 }),
    user_blocked: json({ errcode: 40226 }),
    wechat_rate_limited: json({ errcode: 45011 }),
    wechat_busy: json({ errcode: -1 }),
    wechat_timeout: hang(),
    wechat_invalid_response: answer('<html>', 502),
    wechat_misconfigured: json({ errcode: 40125 }),
    wechat_quota: json({ errcode: 45009 }),
  }
  const planned = new Map<string, Behaviour>()
  server.meets((socket, head) => planned.get(queryOf(head).get('js_code') ?? '')?.(socket, head))
  return {
    gateway: gatewayTo(server.url, 300),
    async codeFor(outcome) {
      const next = `code-${planned.size}`
      if (outcome === 'wechat_unreachable') await server.close()
      else planned.set(next, plans[outcome])
      return [appid, next]
    },
    requests: () => server.requests.length,
    close: server.close,
  }
})

describeWechatGateway('over HTTP, from the sandbox', async () => {
  const bound = { appid: 'wxb0b0b0b0b0b0b0b0', secret: 'b0'.repeat(16), bound: true }
  const free = { appid: 'wxf0f0f0f0f0f0f0f0', secret: 'f0'.repeat(16), bound: false }
  const weixin = await startSandbox({ apps: [bound, free] })
  const secrets = new Map([bound, free].map(({ appid, secret }) => [appid, secret]))
  const gateway = createHttpWechat({ api: weixin.url, apps: secrets, timeout: 300, backoff: 1 })
  const means: Partial<Record<Outcome, (code: string) => unknown>> = {
    code_used: (code) => gateway.exchangeCode(bound.appid, code),
    user_blocked: () => weixin.block('demo'),
    wechat_rate_limited: () => weixin.fail({ errcode: 45011 }),
    wechat_busy: () => weixin.fail({ errcode: -1, times: 2 }),
    wechat_unreachable: () => weixin.close(),
    wechat_timeout: () => weixin.fail({ hang: true }),
    wechat_invalid_response: () => weixin.fail({ half: true }),
    wechat_misconfigured: () => weixin.refuseAddress(),
    wechat_quota: () => weixin.fail({ errcode: 45009 }),
  }
  return {
    gateway,
    async codeFor(outcome) {
      if (outcome === 'code_invalid') return [bound.appid, 'of-no-login']
      const { appid } = outcome === 'user' ? free : bound
      const { code } = await weixin.login('demo', { appid })
      await means[outcome]?.(code)
      return [appid, code]
    },
    requests: () => weixin.calls.length,
    close: weixin.close,
  }
})
