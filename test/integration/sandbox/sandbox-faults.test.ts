import { expect } from 'chai'
import { demoApp } from '#src/sandbox/index.js'
import { NOON, until } from '../../support/service/start-sandbox.js'
import { LOGIN, STABLE_TOKEN, secretOf, TOKEN, useSandboxes } from '../../support/service/use-sandboxes.js'

describe('the faults of the sandbox', () => {
  const start = useSandboxes()

  it('errcode: any errcode is answered, once; the login code is not spent', async () => {
    const { weixin, exchange } = await start()
    const { code } = await weixin.login()
    weixin.fail({ errcode: -1 })
    weixin.fail({ errcode: 99999 })
    expect((await exchange(code)).json.errmsg).to.match(/^system error rid: /)
    expect((await exchange(code)).json).to.include({ errcode: 99999 })
    expect((await exchange(code)).json).to.have.property('openid')
  })

  it('status, html and redirect: HTTP errors, HTML and redirects are answered; the login code is not spent', async () => {
    const { weixin, exchange } = await start()
    const { code } = await weixin.login()
    weixin.fail({ status: 502 })
    const broken = await exchange(code)
    expect(broken).to.include({ status: 502, type: 'text/html' })
    expect(broken.text).to.match(/^<html>[\s\S]*502/)
    weixin.fail({ html: true })
    expect(await exchange(code)).to.include({ status: 200, type: 'text/html' })
    weixin.fail({ redirect: `${weixin.url}/elsewhere` })
    expect((await exchange(code)).json).to.include({ errcode: 40066 })
    expect(weixin.calls.at(-1)?.path).to.equal('/elsewhere')
    weixin.fail({ redirect: `${weixin.url}/\r\n微信` })
    expect((await exchange(code)).json).to.include({ errcode: 40066 })
    expect(weixin.calls.at(-1)?.path).to.equal(encodeURI('/微信'))
    expect((await exchange(code)).json).to.have.property('openid')
  })

  it('reset and hang: no answer comes; the login code is spent', async () => {
    const { weixin, exchange, call } = await start()
    const query = async () => {
      const { code } = await weixin.login()
      return { ...secretOf(demoApp), js_code: code, grant_type: 'authorization_code' }
    }
    const reset = await query()
    weixin.fail({ reset: true })
    const error = await call('GET', LOGIN, reset).catch((reason) => reason)
    expect(error.cause).to.include({ code: 'ECONNRESET' })
    expect((await exchange(reset.js_code)).json).to.include({ errcode: 40163 })

    const hung = await query()
    weixin.fail({ hang: true })
    let settled = false
    const pending = call('GET', LOGIN, hung)
      .catch(() => {})
      .then(() => {
        settled = true
      })
    await until(() => weixin.calls.at(-1)?.query['js_code'] === hung.js_code)
    expect((await exchange(hung.js_code)).json).to.include({ errcode: 40163 })
    expect(settled).to.equal(false)
    await weixin.close()
    await pending
  })

  it('delay: the answer comes late; the login code is spent before', async () => {
    const { weixin, exchange } = await start()
    const { code } = await weixin.login()
    weixin.fail({ delay: 60 })
    const begun = performance.now()
    const late = exchange(code)
    await until(() => weixin.calls.length > 0)
    expect((await exchange(code)).json).to.include({ errcode: 40163 })
    expect((await late).json).to.have.property('openid')
    expect(performance.now() - begun).to.be.at.least(59)
  })

  it('half and oversize: half an answer comes, or far too much of one; the login code is spent', async () => {
    const { weixin, exchange } = await start()
    const { code } = await weixin.login()
    weixin.fail({ half: true })
    const half = await exchange(code)
    expect(half.text).to.match(/^\{"/)
    expect(half.json).to.equal(undefined)
    expect((await exchange(code)).json).to.include({ errcode: 40163 })

    weixin.fail({ oversize: 3_000_000 })
    const huge = await exchange((await weixin.login()).code)
    expect(huge).to.include({ status: 200, type: 'text/plain' })
    expect(huge.text).to.have.length(3_000_000)
    expect(huge.json).to.have.property('openid')
    weixin.fail({ oversize: 1 })
    expect((await exchange(code)).json).to.include({ errcode: 40163 })
  })

  it('oversize: the sandbox goes on when a caller hangs up on too much of an answer', async () => {
    const { weixin, exchange } = await start()
    weixin.fail({ oversize: 2_000_000_000 })
    const response = await fetch(weixin.url)
    await response.body?.cancel()
    expect((await exchange('x')).json).to.include({ errcode: 40029 })
  })

  it('path and times: a fault meets the path it names, as often as it says, until recovery', async () => {
    const { weixin, exchange, post } = await start()
    weixin.fail({ errcode: 45009, path: STABLE_TOKEN, times: 2 })
    weixin.fail({ errcode: 40243, times: Infinity })
    expect((await exchange('x')).json).to.include({ errcode: 40243 })
    expect((await post(STABLE_TOKEN, {})).json).to.include({ errcode: 45009 })
    expect((await post(STABLE_TOKEN, {})).json).to.include({ errcode: 45009 })
    expect((await post(STABLE_TOKEN, {})).json).to.include({ errcode: 40243 })
    weixin.recover()
    expect((await exchange('x')).json).to.include({ errcode: 40029 })
  })

  it('calls: the list has what was answered: 0 for a success, the errcode of a fault, nothing where the answer was spoilt', async () => {
    const { weixin, session } = await start()
    const errcodes = () => weixin.calls.map(({ errcode }) => errcode)
    await session()
    weixin.fail({ errcode: -1 })
    await session()
    weixin.fail({ half: true })
    await session().catch(() => {})
    expect(errcodes()).to.deep.equal([0, -1, undefined])
  })

  it('calls: the list has all that WeChat saw, with the time, also calls that met a fault, and no action', async () => {
    const { weixin, time, exchange, post, call } = await start()
    const { calls } = weixin
    expect(calls).to.deep.equal([])
    await post('/sandbox/login')
    await exchange('x')
    time.now += 1500
    weixin.fail({ status: 500 })
    await post(STABLE_TOKEN, { appid: 'wx' }, { a: '1' })
    await call('POST', STABLE_TOKEN, {}, 'no JSON')
    const query = { ...secretOf(demoApp), js_code: 'x', grant_type: 'authorization_code' }
    expect(calls).to.deep.equal([
      { number: 1, at: NOON, method: 'GET', path: LOGIN, query, errcode: 40029 },
      {
        number: 2,
        at: NOON + 1500,
        method: 'POST',
        path: STABLE_TOKEN,
        query: { a: '1' },
        body: { appid: 'wx' },
      },
      {
        number: 3,
        at: NOON + 1500,
        method: 'POST',
        path: STABLE_TOKEN,
        query: {},
        body: 'no JSON',
        errcode: 47001,
      },
    ])
  })

  it('path: a fault can be set for the older token endpoint', async () => {
    const { get, weixin } = await start()
    weixin.fail({ errcode: -1, path: TOKEN })
    expect((await get(LOGIN)).json.errcode).to.equal(41002)
    expect((await get(TOKEN)).json.errcode).to.equal(-1)
    expect((await get(TOKEN)).json.errcode).to.equal(41002)
  })
})
