import { createVerifier, VerifyError } from '@r3session/verify'
import { expect } from 'chai'

const SECRET = 's'.repeat(32)
const anna = { 'x-wx-openid': 'oAnna', 'x-wx-appid': 'wxDemo', 'x-wx-source': 'wx_client' }
const fromGateway = { ...anna, 'x-gateway-secret': SECRET }

describe('the verifier behind a gateway', () => {
  const verify = createVerifier({ gatewaySecret: SECRET })
  const isRefused = (headers: Record<string, string | string[]>) =>
    verify(headers).then(
      () => false,
      (error: unknown) => error instanceof VerifyError && error.status === 401,
    )

  it('believes the headers of a request that carries the secret', async () => {
    expect(await verify(fromGateway)).to.deep.equal({ openid: 'oAnna', appid: 'wxDemo' })
    expect(await verify({ ...fromGateway, 'x-wx-unionid': 'u_1-2' })).to.include({ unionid: 'u_1-2' })
    expect(await verify(new Headers(fromGateway))).to.include({ openid: 'oAnna' })
  })

  it('believes nothing without it, and nothing with another', async () => {
    const others = ['', 's', SECRET.slice(1), `${SECRET}s`, `${SECRET}, ${SECRET}`, SECRET.toUpperCase()]
    expect(await isRefused(anna)).to.equal(true)
    for (const secret of others)
      expect(await isRefused({ ...anna, 'x-gateway-secret': secret }), secret).to.equal(true)
  })

  it('believes an old secret and a new one while both are known', async () => {
    const either = createVerifier({ gatewaySecret: [SECRET, 'n'.repeat(32)] })
    for (const secret of [SECRET, 'n'.repeat(32)])
      expect(await either({ ...anna, 'x-gateway-secret': secret })).to.include({ openid: 'oAnna' })
  })

  it('refuses a gateway that names nobody, or adds to what the client sent', async () => {
    for (const [name, value] of [
      ['x-wx-openid', ''],
      ['x-wx-openid', 'oForged, oAnna'],
      ['x-wx-openid', ['oForged', 'oAnna']],
      ['x-wx-appid', ''],
      ['x-wx-unionid', 'uForged, u1'],
      ['x-wx-source', 'wx_devtools'],
    ] as const)
      expect(await isRefused({ ...fromGateway, [name]: value }), name).to.equal(true)
  })
})

describe('the options of a verifier', () => {
  it('are refused where they make no sense, with a word on what does, and without a value', () => {
    const url = 'http://r3session:3000'
    const wrong: [options: unknown, reason: RegExp][] = [
      [undefined, /options are missing/],
      [{}, /url must be like http/],
      [{ url: 'r3session:3000', key: SECRET }, /url must be like http/],
      [{ url: 'http://a:b@r3session', key: SECRET }, /url must be like http/],
      [{ url: 'http://r3session?x', key: SECRET }, /url must be like http/],
      [{ url: 'http://r3session:port', key: SECRET }, /url must be like http/],
      [{ url }, /key must be at least 32/],
      [{ url, key: 'shortkey' }, /key must be at least 32/],
      [{ url, key: `${SECRET}\n` }, /key must be at least 32/],
      [{ url, key: SECRET, cacheMaxAge: -1 }, /cacheMaxAge must be a number/],
      [{ url, key: SECRET, cacheMaxAge: '5' }, /cacheMaxAge must be a number/],
      [{ url, key: SECRET, cacheSize: Number.NaN }, /cacheSize must be a number/],
      [{ url, key: SECRET, timeout: 0 }, /timeout must be a number/],
      [{ gatewaySecret: 'shortkey' }, /gatewaySecret must be at least 32/],
      [{ gatewaySecret: undefined }, /gatewaySecret must be at least 32/],
      [{ gatewaySecret: [] }, /gatewaySecret is empty/],
      [{ gatewaySecret: SECRET, url, key: SECRET }, /either url and key, or gatewaySecret/],
    ]
    for (const [options, reason] of wrong) {
      const make = () => createVerifier(options as never)
      expect(make, JSON.stringify(options)).to.throw(TypeError, reason)
      expect(make).not.to.throw(/shortkey|ssss|a:b/)
    }
  })
})
