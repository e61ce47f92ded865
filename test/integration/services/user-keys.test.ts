import { createHmac } from 'node:crypto'
import { expect } from 'chai'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

const key = 'payments-key-0123456789abcdef01234567'

describe('what services may do with the session_key of users', () => {
  let service: RunningService
  let openid: string
  beforeEach(async () => {
    service = await startService({ env: { SERVICE_KEYS: `payments:${key}`, WECHAT_TIMEOUT: '2000' } })
    openid = service.weixin.identity('ann').openid
  })
  afterEach(() => service.close())
  const asked = (text: string) =>
    service.call('POST', '/v1/sign', {
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: text,
    })
  const sign = (data: unknown, more: object = {}) => asked(JSON.stringify({ openid, data, ...more }))
  const signedBy = (data: string) => {
    const appid = service.weixin.apps[0]?.appid ?? ''
    const sessionKey = service.weixin.keyOf({ appid, openid }) ?? ''
    return createHmac('sha256', sessionKey).update(Buffer.from(data)).digest('hex')
  }

  it('asks for a service key', async () => {
    const token = await service.login('ann')
    for (const credentials of [undefined, token, 'wrong']) {
      const sent = credentials === undefined ? {} : { token: credentials }
      expectProblem(await service.send('POST', '/v1/sign', sent), 401, 'invalid_client')
      expectProblem(await service.send('GET', '/v1/users/o/encrypt-keys', sent), 401, 'invalid_client')
    }
  })

  describe('POST /v1/sign', () => {
    it('signs the exact bytes of the text with the key that WeChat honours', async () => {
      await service.login('ann')
      const texts = [
        '{"openid": "xxx", "user_ip": "127.0.0.1", "env": 0}',
        '{"remark":"微信 😀","a":1}',
        ' \r\n\t ',
        '\ufeff{}',
        '\u0000',
        `[${'[],'.repeat(3000)}1]`,
        '"\\u4e2d" \\/ e\u0301 \u00e9',
      ]
      for (const data of texts) {
        const answer = await sign(data)
        expect(answer.json, answer.text).to.deep.equal({ signature: signedBy(data) })
      }
      // However the text is written in JSON.
      const escaped = await asked(`{"openid":"${openid}","data":"\\u5fae\\/\\u4fe1"}`)
      expect(escaped.json).to.deep.equal({ signature: signedBy('微/信') })
    })

    it('refuses nothing to sign, half a character, and what is no text', async () => {
      await service.login('ann')
      const empty = await sign('')
      expectProblem(empty, 400, 'invalid_request', 'fix_request')
      expect(empty.json['detail']).to.match(/data must not be empty/)
      const half = await asked(`{"openid":"${openid}","data":"\\ud83d"}`)
      expectProblem(half, 400, 'invalid_request')
      expect(half.json['detail']).to.match(/half of a surrogate pair/)
      for (const data of [undefined, null, 1, {}, ['x']])
        expectProblem(await sign(data), 400, 'invalid_request')
      expectProblem(await sign('x', { openid: undefined }), 400, 'invalid_request')
      expectProblem(await sign('x'.repeat(16_384)), 413, 'body_too_large')
    })

    it('signs with no key that WeChat has replaced, and with the next one after a login', async () => {
      const token = await service.login('ann')
      service.weixin.rotateKey('ann')
      // Nobody can know yet.
      expect((await sign('x')).status).to.equal(200)
      expect((await service.send('POST', '/v1/session/check', { token })).json).to.deep.equal({
        valid: false,
      })
      expectProblem(await sign('x'), 409, 'key_replaced', 'relogin')
      await service.login('ann')
      expect((await sign('x')).json).to.deep.equal({ signature: signedBy('x') })
      await service.send('POST', '/v1/session/reset-key', { token })
      expect((await sign('x')).json).to.deep.equal({ signature: signedBy('x') })
    })

    it('signs for nobody of whom there is no key, and only for apps that are served', async () => {
      await service.login('ann')
      for (const other of ['', 'nobody', '中/..', service.weixin.identity('bob').openid])
        expectProblem(await sign('x', { openid: other }), 409, 'key_replaced')
      expectProblem(await sign('x', { appid: 'wxother' }), 400, 'invalid_request')
      expect((await sign('x', { appid: service.weixin.apps[0]?.appid })).status).to.equal(200)
      await service.send('DELETE', `/v1/users/${openid}`, { token: key })
      expectProblem(await sign('x'), 409, 'key_replaced')
    })

    it('leaves a line that says for whom and with which service key, and nowhere what', async () => {
      await service.login('ann')
      const data = 'canary-of-what-was-signed'
      const from = service.lines.length
      const { headers, json } = await sign(data)
      const lines = service.lines.slice(from)
      const log = JSON.stringify(lines)
      expect(lines.filter((line) => 'did' in line)).to.have.lengthOf(1)
      expect(lines.find((line) => 'did' in line)).to.deep.include({
        did: 'sign with session_key',
        serviceKey: 'payments',
        requestId: headers.get('x-request-id'),
      })
      for (const secret of [data, json['signature'], openid]) expect(log).not.to.include(String(secret))
    })
  })

  describe('GET /v1/users/{openid}/encrypt-keys', () => {
    const ask = (user = openid) => service.send('GET', `/v1/users/${user}/encrypt-keys`, { token: key })

    it("gives the keys that the user's mini program encrypts with, the latest first", async () => {
      await service.login('ann')
      const older = await service.weixin.userKey('ann')
      service.time.now += 3_600_000
      await service.login('ann')
      const newer = await service.weixin.userKey('ann')
      service.time.now += 1000
      const answer = await ask()
      expect(answer.json, answer.text).to.deep.equal({
        keys: [
          {
            encryptKey: newer.encryptKey,
            iv: newer.iv,
            version: 2,
            expiresIn: 3599,
            createdAt: '2026-03-01T05:00:00.000Z',
          },
          {
            encryptKey: older.encryptKey,
            iv: older.iv,
            version: 1,
            expiresIn: 0,
            createdAt: '2026-03-01T04:00:00.000Z',
          },
        ],
      })
      expect(service.lines.filter((line) => 'did' in line).at(-1)).to.deep.include({
        did: 'get encryption keys',
        serviceKey: 'payments',
      })
    })

    it('asks for a new login where WeChat has replaced the session_key, of which nothing is signed from then on', async () => {
      await service.login('ann')
      service.weixin.rotateKey('ann')
      expectProblem(await ask(), 409, 'key_replaced', 'relogin')
      expectProblem(await sign('x'), 409, 'key_replaced')
      const { length } = service.weixin.calls
      expectProblem(await ask(), 409, 'key_replaced')
      expect(service.weixin.calls).to.have.lengthOf(length)
      await service.login('ann')
      expect((await ask()).status).to.equal(200)
    })

    it('fails as WeChat fails, and for users whom nobody knows', async () => {
      await service.login('ann')
      expectProblem(await ask('nobody'), 409, 'key_replaced')
      service.weixin.fail({ errcode: 42001, path: '/wxa/business/getuserencryptkey' })
      expect((await ask()).status).to.equal(200)
      service.weixin.fail({ errcode: 45011, path: '/wxa/business/getuserencryptkey' })
      expectProblem(await ask(), 429, 'wechat_rate_limited', 'retry')
    })
  })
})
