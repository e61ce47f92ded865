import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { answer, hang, json, reset, startSickServer } from '../support/sick-server.js'
import { spawnService, temporaryFolder } from '../support/spawn-service.js'

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
}

describe('what is secret', () => {
  it('is in no log line, no answer and no file, whatever happens', async function () {
    this.timeout(20_000)
    const folder = temporaryFolder()
    const weixin = await startSickServer()
    const service = await spawnService({
      LOG_LEVEL: 'trace',
      WECHAT_API: weixin.url,
      WECHAT_APPID: 'wxcanaryapp',
      WECHAT_SECRET: canary.secret,
      WECHAT_TIMEOUT: '200',
      SESSION_SECRET: canary.sessionSecret,
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
    const login = () =>
      call('POST', '/v1/login', asJson, JSON.stringify({ code: canary.code, x: canary.header }))

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
      await call('GET', `/user/getuserinfo?code=${canary.code}`, {})
      await call('POST', '/user/getuserinfo', { 'content-type': 'application/json' }, canary.code)
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
    for (const authorization of [`Bearer ${token}`, `Bearer ${canary.header}`, `Basic ${canary.header}`]) {
      const headers = { ...asJson, authorization }
      for (const path of [
        '/v1/session',
        '/v1/decrypt',
        '/user/getuserunionid',
        '/healthz',
        '/readyz',
        `/${canary.code}`,
      ]) {
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
    const secrets = [
      ...Object.entries(canary),
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
