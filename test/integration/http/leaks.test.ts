import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { spawnService, temporaryFolder } from '../../support/service/spawn-service.js'
import { answer, hang, json, reset, startFaultyServer } from '../../support/wechat/faulty-server.js'

const canary = {
  secret: 'canarySecret0123456789abcdefABCD',
  sessionSecret: 'canarySessionSecret-0123456789abcdef',
  sessionKey: 'Q2FuYXJ5U2Vzc2lvbktleQ==',
  newSessionKey: 'Q2FuYXJ5U2Vzc2lvbktleg==',
  code: '0canaryCode1234567890canaryCode1',
  encryptedData: 'CanaryEncryptedDataCanaryEncryptedDataCanaryEncryptedData00=',
  iv: 'CanaryIvCanaryIvCanary==',
  rawData: '{"nickName":"canaryNickname"}',
  signature: 'cafecanary000000000000000000000000000000',
  header: 'canaryHeaderValue',
  accessToken: 'canaryAccessToken_0123456789abcdefghijklmnopqrstuvwxyz',
  serviceKey: 'canaryServiceKey0123456789abcdef0123',
  idempotencyKey: 'canaryIdempotencyKey0123456789',
  phone: { phoneNumber: '13812345678901', purePhoneNumber: '13812345678901', countryCode: '86' },
}

describe('what is secret', () => {
  it('is in no log line, no answer and no file, whatever happens', async function () {
    this.timeout(120_000)
    const folder = temporaryFolder()
    const weixin = await startFaultyServer()
    const service = await spawnService({
      LOG_LEVEL: 'trace',
      WECHAT_API: weixin.url,
      WECHAT_APPID: 'wxcaca00caca00caca',
      WECHAT_SECRET: canary.secret,
      WECHAT_TIMEOUT: '1000',
      SESSION_SECRET: canary.sessionSecret,
      SERVICE_KEYS: `canary:${canary.serviceKey}`,
      SESSION_STORE: `sqlite:${join(folder.path, 'sessions.db')}`,
    })
    const answers: string[] = []
    const tokens: string[] = []
    const call = async (method: string, path: string, headers: Record<string, string>, body?: string) => {
      const response = await fetch(service.url + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      })
      const text = await response.text()
      const token = /[0-9a-f]{128}/.exec(text)?.[0]
      if (token === undefined) answers.push(`${JSON.stringify([...response.headers])} ${text}`)
      else tokens.push(token)
      return response.status
    }
    const asJson = {
      'content-type': 'application/json',
      'x-request-id': canary.header,
      cookie: canary.header,
    }
    let turn = 0
    const newCode = () => `${canary.code}${++turn}`
    const login = () =>
      call('POST', '/v1/login', asJson, JSON.stringify({ code: newCode(), x: canary.header }))

    // Every way in which WeChat can answer, with the secrets echoed where it could echo them.
    const echo = `${canary.secret} ${canary.code} ${canary.sessionKey}`
    const identity = { openid: 'o-canary-user', session_key: canary.sessionKey }
    const meetings = [
      json(identity),
      json({ ...identity, session_key: canary.newSessionKey }),
      json({ ...identity, openid: echo }),
      json({ session_key: canary.sessionKey }),
      ...[-1, 40029, 40163, 40226, 45011, 45009, 40125, 40164, 12345].map((errcode) =>
        json({ errcode, errmsg: echo }),
      ),
      answer(echo, 500),
      answer(`<html>${echo}</html>`),
      answer(echo, 302, `Location: http://127.0.0.1:1/?${encodeURIComponent(echo)}`),
      reset(),
      reset('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"session_key":'),
      hang(),
    ]
    for (const meeting of meetings) {
      weixin.meets(meeting)
      await login()
      await call('GET', `/user/getuserinfo?code=${newCode()}`, {})
      await call('POST', '/user/getuserinfo', { 'content-type': 'application/json' }, newCode())
      // An answer in between, or the circuit breaker would keep WeChat from being asked.
      weixin.meets(json({ errcode: 40029, errmsg: echo }))
      await login()
    }

    // Every other route, with the secrets in every place where a client could put them.
    const [token = '', ended = ''] = tokens
    const { encryptedData, iv, rawData, signature } = canary
    const everywhere = new URLSearchParams({
      r3session: token,
      encryptedData,
      iv,
      rawData,
      code: canary.code,
    })
    const sealed = JSON.stringify({ encryptedData, iv, rawData, signature, r3session: token })
    const paths = [
      '/v1/session',
      '/v1/session/check',
      '/v1/session/reset-key',
      '/v1/decrypt',
      '/v1/phone-number',
      '/v1/auth',
      '/v1/introspect',
      '/v1/users/o-canary-user/sessions',
      '/v1/users/o-canary-user/encrypt-keys',
      '/v1/sign',
      '/user/getuserunionid',
      '/healthz',
      '/readyz',
      `/${canary.code}`,
    ]
    // The one answer that is meant to hold an access_token; from then on the store holds it too.
    weixin.meets(json({ access_token: canary.accessToken, expires_in: 7200 }))
    const vended = await fetch(`${service.url}/v1/access-token`, {
      headers: { authorization: `Bearer ${canary.serviceKey}` },
    })
    expect(await vended.text()).to.include(canary.accessToken)
    weixin.meets(json({ errcode: 0, phone_info: { ...canary.phone }, session_key: canary.newSessionKey }))
    const phoneBody = JSON.stringify({ code: newCode() })
    await call('POST', '/v1/phone-number', { ...asJson, authorization: `Bearer ${token}` }, phoneBody)
    expect(answers.pop()).to.include(canary.phone.phoneNumber)

    for (const authorization of [
      `Bearer ${token}`,
      `Bearer ${canary.serviceKey}`,
      `Bearer ${canary.header}`,
      `Basic ${canary.header}`,
    ]) {
      const headers = { ...asJson, authorization }
      for (const path of paths) {
        for (const method of ['GET', 'POST', 'PUT']) {
          await call(method, `${path}?${everywhere}`, headers, method === 'GET' ? undefined : sealed)
          await call(method, `${path}?${everywhere}`, headers, method === 'GET' ? undefined : `{${sealed}`)
        }
      }
    }
    await call('DELETE', '/v1/session', { authorization: `Bearer ${ended}` })

    // A row that can no longer be read, and a process that is killed: the files as an attacker would find them.
    const files = readdirSync(folder.path).map((name) => readFileSync(join(folder.path, name)))
    await service.kill('SIGTERM')
    files.push(...readdirSync(folder.path).map((name) => readFileSync(join(folder.path, name))))
    await weixin.close()
    folder.remove()

    expect(tokens).to.have.lengthOf.at.least(6)
    expect(answers.length).to.be.greaterThan(80)
    expect(service.lines().length).to.be.greaterThan(100)
    const log = service.output()
    expect(log.includes(identity.openid), 'an openid in the log').to.equal(false)
    const { phone, ...texts } = canary
    const secrets: [string, string][] = [
      ...Object.entries({ ...texts, phone: phone.phoneNumber }),
      ...tokens.map((token): [string, string] => ['a token', token]),
    ]
    for (const [name, value] of secrets) {
      expect(log.includes(value), `${name} in the log`).to.equal(false)
      expect(answers.join('\n').includes(value), `${name} in an answer`).to.equal(false)
      for (const form of [value, Buffer.from(value, 'base64'), Buffer.from(value, 'hex')]) {
        if (form.length < 12) continue
        expect(
          files.some((file) => file.includes(form)),
          `${name} in a file`,
        ).to.equal(false)
      }
    }
  })
})
