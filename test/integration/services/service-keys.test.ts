import { expect } from 'chai'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { expectProblem, type RunningService, startService } from '../../support/service/start-service.js'

const key = 'orders-key-0123456789abcdef0123456789'
const other = 'billing-key-0123456789abcdef012345678'
// Every character that a form writes differently, and some that only look as if they were written so.
const odd = 'odd+key%41:with/every=kind&of"character~!0123'

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64')
const basic = (name: string, secret: string) => `Basic ${base64(`${name}:${secret}`)}`
const formEncoded = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)

describe('a service key', () => {
  let service: RunningService
  let token: string
  before(async () => {
    service = await startService({
      env: { SERVICE_KEYS: `orders:${key},billing:${other},odd.one:${odd}` },
    })
    token = await service.login('ann')
  })
  after(() => service.close())

  const introspect = (authorization?: string) =>
    service.call('POST', '/v1/introspect', {
      headers: authorization === undefined ? {} : { authorization },
      body: new URLSearchParams({ token }),
    })
  const isTaken = async (authorization: string) => (await introspect(authorization)).json['active'] === true

  it('comes as Bearer or as HTTP Basic, whatever the case of the word', async () => {
    for (const authorization of [
      `Bearer ${key}`,
      `bearer  ${key}`,
      basic('orders', key),
      basic('orders', key).replace('Basic', 'bAsIc '),
      basic('billing', other),
    ])
      expect(await isTaken(authorization), authorization).to.equal(true)
  })

  it('is taken with Basic by every route that wants one, and noted by its name', async () => {
    const headers = { authorization: basic('billing', other) }
    const { openid } = service.weixin.identity('nobody')
    const paths = [
      ['GET', '/v1/access-token'],
      ['GET', `/v1/users/${openid}/sessions`],
      ['DELETE', `/v1/users/${openid}/sessions`],
    ] as const
    for (const [method, path] of paths)
      expect((await service.call(method, path, { headers })).status, path).to.equal(200)
    const noted = service.lines.flatMap((line) => ('serviceKey' in line ? [line.serviceKey] : []))
    expect(noted).to.deep.equal(['billing', 'billing'])
  })

  it('is form-encoded by OAuth clients and by others not: both get in', async () => {
    expect(await isTaken(basic('odd.one', formEncoded(odd)))).to.equal(true)
    expect(await isTaken(basic('odd.one', odd))).to.equal(true)
    expect(await isTaken(basic('odd.one', encodeURIComponent(odd)))).to.equal(true)
    expect(await isTaken(basic('%6fdd%2Eone', formEncoded(odd)))).to.equal(true)
    expect(await isTaken(basic('odd.one', formEncoded(formEncoded(odd))))).to.equal(false)
    expect(await isTaken(`Bearer ${odd}`)).to.equal(true)
    expect(await isTaken(`Bearer ${formEncoded(odd)}`)).to.equal(false)
  })

  it('belongs to its name', async () => {
    for (const [name, secret] of [
      ['orders', other],
      ['billing', key],
      ['', key],
      ['nobody', key],
      ['Orders', key],
      ['orders', ''],
      ['orders', `${key}x`],
      ['orders', key.slice(1)],
      ['orders', `${key}\0`],
      ['orders%3A', key],
      ['orders ', key],
    ] as const)
      expect(await isTaken(basic(name, secret)), `${name}:${secret}`).to.equal(false)
    expect(await isTaken(`Bearer orders:${key}`)).to.equal(false)
    // A colon within the name must not stand for the one behind it.
    expect(await isTaken(basic('odd.one%3Aodd%2Bkey%2541', odd.slice('odd+key%41:'.length)))).to.equal(false)
  })

  it('that is malformed is a wrong one', async () => {
    const good = base64(`orders:${key}`)
    for (const authorization of [
      'Basic',
      'Basic ',
      `Basic ${key}`,
      `Basic ${good}!`,
      `Basic ${good.slice(0, 8)} ${good.slice(8)}`,
      `Basic ${good.slice(0, 8)}*${good.slice(8)}`,
      `Basic ${good}====`,
      `Basic ${good.replace(/=*$/, '')}${good.endsWith('=') ? '' : '='}`,
      `Basic ${base64(key)}`,
      `Basic ${base64(Buffer.from([0xff, 0xfe, 0x3a, 0x80]))}`,
      `Basic ${base64(Buffer.concat([Buffer.from('\ufeff'), Buffer.from(`orders:${key}`)]))}`,
      basic('orders', '%'),
      basic('orders', '%zz'),
      basic('orders', `${key}%ff`),
      basic('%e4%b8', key),
      `Basic ${'A'.repeat(8000)}`,
      `Basic ${base64(':'.repeat(6000))}`,
      `Basic realm="x", ${good}`,
      `${basic('orders', key)}, Bearer ${other}`,
      `Digest ${good}`,
    ]) {
      const answer = await introspect(authorization)
      expectProblem(answer, 401, 'invalid_client', 'fix_request')
      expect(answer.text).not.to.include('active')
    }
  })

  it('that is refused is asked for by the scheme that was tried, and by both where none was', async () => {
    const challenge = async (authorization?: string) =>
      (await introspect(authorization)).headers.get('www-authenticate')
    const asBasic = 'Basic realm="r3session", charset="UTF-8"'
    expect(await challenge()).to.equal(`Bearer, ${asBasic}`)
    expect(await challenge('Bearer wrong')).to.equal('Bearer')
    expect(await challenge(basic('orders', other))).to.equal(asBasic)
    expect(await challenge('basic %%%')).to.equal(asBasic)
    expect(await challenge('Basic')).to.equal(asBasic)
    expect(await challenge('Basically wrong')).to.equal('Bearer')
    const session = await service.call('GET', '/v1/session', { headers: { authorization: basic('a', 'b') } })
    expectProblem(session, 401, 'unauthorized')
    expect(session.headers.get('www-authenticate')).to.equal('Bearer')
  })

  it('can not be sent in the form: a key in a body ends up in logs', async () => {
    const body = new URLSearchParams({ token, client_id: 'orders', client_secret: key })
    expectProblem(await service.call('POST', '/v1/introspect', { body }), 401, 'invalid_client')
  })

  describe('in the hands of OAuth clients', () => {
    const server = () => ({ issuer: service.url, introspection_endpoint: `${service.url}/v1/introspect` })
    const names = { orders: key, 'odd.one': odd }
    const expected = () => ({
      active: true,
      sub: service.weixin.identity('ann').openid,
      client_id: service.weixin.apps[0]?.appid,
      token_type: 'Bearer',
    })

    for (const [name, secret] of Object.entries(names)) {
      it(`lets oauth4webapi introspect (${name})`, async () => {
        const as = server()
        const asking = async (auth: oauth.ClientAuth, asked: string) => {
          const options = { [oauth.allowInsecureRequests]: true }
          const response = await oauth.introspectionRequest(as, { client_id: name }, auth, asked, options)
          return oauth.processIntrospectionResponse(as, { client_id: name }, response)
        }
        expect(await asking(oauth.ClientSecretBasic(secret), token)).to.deep.include(expected())
        expect(await asking(oauth.ClientSecretBasic(secret), 'nonsense')).to.deep.equal({ active: false })
        const refused = await asking(oauth.ClientSecretBasic('wrong'), token).catch((reason) => reason)
        expect(refused).to.be.instanceOf(oauth.WWWAuthenticateChallengeError)
        expect(refused.cause[0]).to.deep.include({ scheme: 'basic' })
      })

      it(`lets openid-client introspect (${name})`, async () => {
        const config = new client.Configuration(server(), name, undefined, client.ClientSecretBasic(secret))
        client.allowInsecureRequests(config)
        expect(await client.tokenIntrospection(config, token)).to.deep.include(expected())
        expect(await client.tokenIntrospection(config, 'nonsense')).to.deep.equal({ active: false })
      })
    }
  })
})
