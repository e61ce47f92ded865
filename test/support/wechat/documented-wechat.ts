import { createHmac } from 'node:crypto'
import type { Failure, Outcome } from '../../contract/wechat-gateway.js'
import { answer, type Behaviour, hang, json, startFaultyServer } from './faulty-server.js'
import { appid, openid, phone, queryOf, sessionKey, success, targetOf, unionid } from './http-exchange.js'
import { keyInfo } from './wechat-calls.js'

/** What each login code leads to; a code is named by its outcome and a number. */
const logins: Record<Outcome, object> = {
  user: success,
  'user with unionid': { ...success, unionid },
  code_invalid: { errcode: 40029 },
  code_used: { errcode: 40163 },
  user_blocked: { errcode: 40226 },
}

const faults: Record<Exclude<Failure, 'wechat_unreachable'>, Behaviour> = {
  wechat_rate_limited: json({ errcode: 45011 }),
  wechat_busy: json({ errcode: -1 }),
  wechat_timeout: hang(),
  wechat_invalid_response: answer('<html>', 502),
  wechat_misconfigured: json({ errcode: 40125 }),
  wechat_quota: json({ errcode: 45009 }),
}

/** WeChat for one app with one user, written down from its documentation and from nothing else of this project. */
export async function startDocumentedWechat() {
  const server = await startFaultyServer()
  const used = new Set<string>()
  let codes = 0
  let tokens = 1
  let key = sessionKey
  let fault: Behaviour | undefined

  const use = (code: string): boolean => !used.has(code) && used.add(code).has(code)
  const token = () => `80_token-${tokens}`

  const endpoints: Record<string, (query: URLSearchParams, body: string) => object> = {
    'GET /sns/jscode2session'(query) {
      const code = query.get('js_code') ?? ''
      const [outcome] = code.split(':')
      const login = Object.entries(logins).find(([name]) => name === outcome)?.[1]
      return use(code) && login !== undefined ? login : { errcode: 40163 }
    },
    'POST /cgi-bin/stable_token': () => ({ access_token: token(), expires_in: 7200 }),
    'POST /wxa/business/getuserphonenumber'(query, body) {
      if (query.get('access_token') !== token()) return { errcode: 42001 }
      const asked = JSON.parse(body)
      if (asked.openid !== openid || !use(asked.code)) return { errcode: 40029 }
      return { errcode: 0, errmsg: 'ok', phone_info: { ...phone, watermark: { timestamp: 1, appid } } }
    },
    'GET /wxa/checksession': (query) => refusal(query) ?? { errcode: 0, errmsg: 'ok' },
    'GET /wxa/business/getuserencryptkey': (query) =>
      refusal(query) ?? { errcode: 0, errmsg: 'ok', key_info_list: [keyInfo] },
    'GET /wxa/resetusersessionkey'(query) {
      const refused = refusal(query)
      if (refused !== undefined) return refused
      key = Buffer.alloc(16, key).toString('base64')
      return { errcode: 0, errmsg: 'ok', openid, session_key: key }
    },
  }

  function refusal(query: URLSearchParams): object | undefined {
    if (query.get('access_token') !== token()) return { errcode: 40001 }
    if (query.get('openid') !== openid) return { errcode: 87007 }
    const signature = createHmac('sha256', key).digest('hex')
    return query.get('signature') === signature ? undefined : { errcode: 87009 }
  }

  server.meets((socket, head, body) => {
    const [method] = head.split(' ')
    const [path] = targetOf(head).split('?')
    const endpoint = endpoints[`${method} ${path}`]
    const behaviour = fault ?? json(endpoint?.(queryOf(head), body) ?? { errcode: 40066 })
    behaviour(socket, head, body)
  })

  return {
    url: server.url,
    codeFor: async (outcome: Outcome): Promise<[string, string]> => [appid, `${outcome}:${codes++}`],
    user: async () => ({ appid, openid, sessionKey }),
    phoneCode: async () => `phone:${codes++}`,
    outdateTokens(): void {
      tokens++
    },
    async fail(failure: Failure): Promise<void> {
      if (failure === 'wechat_unreachable') await server.close()
      else fault = faults[failure]
    },
    requests: () => server.requests.length,
    close: server.close,
  }
}
