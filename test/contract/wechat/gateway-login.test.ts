import { expect } from 'chai'
import { createHttpWechat } from '#src/adapters/wechat/gateway.js'
import {
  answer,
  type Behaviour,
  json,
  padded,
  raw,
  withFaultyServer,
} from '../../support/wechat/faulty-server.js'
import {
  AMPLE,
  appid,
  apps,
  code,
  gatewayTo,
  openid,
  queryOf,
  secret,
  sessionKey,
  success,
  targetOf,
  unionid,
} from '../../support/wechat/http-exchange.js'
import { failure } from '../wechat-gateway.js'

describe('createHttpWechat', () => {
  const server = withFaultyServer()

  describe('asks', () => {
    it('with exactly the four parameters, whatever the code holds', async () => {
      const odd = 'a+b&secret=c%2Fd/ 你#?=\r\nHost: evil'
      server().meets(json(success))
      await gatewayTo(server().url).exchangeCode(appid, odd)
      const target = new URL(targetOf(server().requests[0]), server().url)
      expect(target.pathname).to.equal('/sns/jscode2session')
      expect([...target.searchParams]).to.have.deep.members([
        ['appid', appid],
        ['secret', secret],
        ['js_code', odd],
        ['grant_type', 'authorization_code'],
      ])
    })

    it('with GET, for plain bytes, and under no name of a library', async () => {
      server().meets(json(success))
      await gatewayTo(server().url).exchangeCode(appid, code)
      expect(server().requests[0]).to.match(/^GET /)
      expect(server().requests[0]).to.match(/^accept-encoding: identity\r$/im)
      expect(server().requests[0]).not.to.match(/got/i)
    })

    for (const ending of ['', '/']) {
      it(`below the path of an api that ends in "base${ending}"`, async () => {
        server().meets(json(success))
        await gatewayTo(`${server().url}/base${ending}`).exchangeCode(appid, code)
        expect(targetOf(server().requests[0])).to.match(/^\/base\/sns\/jscode2session\?/)
      })
    }

    it('with the secret of the appid in question', async () => {
      const secrets = new Map([...apps, ['wx0000000000000002', 'the other secret']])
      server().meets(json(success))
      const gateway = createHttpWechat({ api: server().url, apps: secrets, timeout: AMPLE })
      await gateway.exchangeCode('wx0000000000000002', code)
      expect(queryOf(server().requests[0]).get('secret')).to.equal('the other secret')
    })

    it('nobody about an appid that is not served', async () => {
      const error = await failure(gatewayTo(server().url).exchangeCode('wx9999999999999999', code))
      expect(error.code).to.equal('internal')
      expect(server().connections()).to.equal(0)
    })

    it('without the cookies of an earlier answer', async () => {
      server().meets(answer('{"errcode":-1}', 200, 'Set-Cookie: a=b'), json(success))
      await gatewayTo(server().url).exchangeCode(appid, code)
      expect(server().requests[1]).not.to.match(/cookie/i)
    })
  })

  describe('accepts', () => {
    const identity = { openid, sessionKey }
    const slashed = 'o0q0otL8aEzpcZL/FT9WsQ=='
    const accepted: [string, Behaviour, object][] = [
      ['an answer without errcode', json(success), identity],
      ['errcode 0', json({ errcode: 0, errmsg: 'ok', ...success }), identity],
      ['a quoted errcode 0', json({ errcode: '0', ...success }), identity],
      ['fields it does not know', json({ ...success, expires_in: 7200, new: { a: [1] } }), identity],
      ['a unionid', json({ ...success, unionid }), { ...identity, unionid }],
      ['an empty unionid as none', json({ ...success, unionid: '' }), identity],
      ['a unionid of null as none', json({ ...success, unionid: null }), identity],
      [
        'a slash that WeChat escaped',
        answer(JSON.stringify({ openid, session_key: slashed }).replace('/', '\\/')),
        { openid, sessionKey: slashed },
      ],
      ['any content type', answer(JSON.stringify(success), 200, 'Content-Type: image/png'), identity],
      [
        'an answer that ends with the connection',
        raw(`HTTP/1.0 200 OK\r\n\r\n${JSON.stringify(success)}`),
        identity,
      ],
      ['64 KiB to the byte', padded(success, 64 * 1024), identity],
    ]
    for (const [name, behaviour, expected] of accepted) {
      it(name, async () => {
        server().meets(behaviour)
        expect(await gatewayTo(server().url).exchangeCode(appid, code)).to.deep.equal(expected)
        expect(server().requests).to.have.length(1)
      })
    }
  })
})
