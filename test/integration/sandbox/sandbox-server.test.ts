import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { expect } from 'chai'
import { demoApp, SandboxError, startSandbox } from '#src/sandbox/index.js'
import { NOON, until } from '../../support/service/start-sandbox.js'
import {
  CHECK,
  club,
  LOGIN,
  PHONE,
  RESET,
  STABLE_TOKEN,
  shop,
  useSandboxes,
} from '../../support/service/use-sandboxes.js'

describe('the sandbox as a server', () => {
  const start = useSandboxes()

  it('the sandbox listens on 127.0.0.1 alone', async () => {
    const { weixin } = await start()
    const { hostname, port } = new URL(weixin.url)
    expect(hostname).to.equal('127.0.0.1')
    const foreign = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ address, family }) => family === 'IPv4' && address !== '127.0.0.1')
    for (const host of ['127.0.0.2', ...foreign.map(({ address }) => address)]) {
      const outcome = await new Promise((resolve) => {
        const socket = connect({ host, port: Number(port) }, () => {
          socket.destroy()
          resolve('connected')
        })
        socket.once('error', () => resolve('refused'))
      })
      expect(outcome, host).to.equal('refused')
    }
  })

  it('the sandbox takes the port it is told to, and says so when that is taken', async () => {
    const { weixin } = await start()
    const port = Number(new URL(weixin.url).port)
    const error = await startSandbox({ port }).catch((reason) => reason)
    expect(error).to.include({ code: 'EADDRINUSE' })
    await weixin.close()
    const again = await start({ port })
    expect(again.weixin.url).to.equal(weixin.url)
  })

  it('the sandbox closes twice as well as once, and ends calls that wait for their answer', async () => {
    const { weixin, get } = await start()
    weixin.fail({ hang: true })
    weixin.fail({ delay: 3600_000 })
    weixin.fail({ oversize: 2_000_000_000 })
    const calls = [1, 2, 3].map(() => get(LOGIN).then(String, () => 'cut off'))
    await until(() => weixin.calls.length === 3)
    await Promise.all([weixin.close(), weixin.close()])
    await weixin.close()
    expect(await Promise.all(calls)).to.deep.equal(['cut off', 'cut off', 'cut off'])
    expect(await get(LOGIN).then(String, () => 'refused')).to.equal('refused')
  })

  it('the sandbox serves the demo app unless told otherwise', async () => {
    const { weixin, session } = await start()
    expect(weixin.apps).to.deep.equal([demoApp])
    expect(await session()).to.include(weixin.identity('demo'))
  })

  it("the sandbox refuses to start with apps that it can't serve", async () => {
    for (const [apps, help] of [
      [[], 'one {appid, secret} at least'],
      [[shop, club, shop], 'twice'],
    ] as const) {
      const error = await startSandbox({ apps }).catch((reason) => reason)
      expect(error).to.be.instanceOf(SandboxError)
      expect(error.message).to.include(help)
    }
  })

  it('the sandbox works by the real clock and real chance when given none', async () => {
    const weixin = await startSandbox()
    const { code } = await weixin.login()
    const { code: other } = await weixin.login()
    expect(code)
      .to.match(/^0[0-9A-Za-z]{31}$/)
      .and.not.equal(other)
    await fetch(weixin.url)
    expect(weixin.calls[0]?.at).to.be.closeTo(Date.now(), 60_000)
    await weixin.close()
  })

  it('the sandbox reads no more of a body than a genuine one may have', async () => {
    const { weixin, call } = await start()
    expect(await call('POST', STABLE_TOKEN, {}, 'x'.repeat(256 * 1024 + 1))).to.include({ status: 413 })
    expect(await call('POST', STABLE_TOKEN, {}, 'x'.repeat(256 * 1024))).to.include({ status: 200 })
    expect(weixin.calls.map(({ body }) => body)).to.deep.equal(['x'.repeat(256 * 1024)])
  })

  it('the sandbox survives a body that nests too deep to be sealed', async () => {
    const { call, session } = await start()
    const body = `{"data":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`
    expect(await call('POST', '/sandbox/seal', {}, body)).to.include({ status: 500 })
    expect(await session()).to.have.property('openid')
  })

  it('the sandbox survives a caller that hangs up in the middle of a body', async () => {
    const { weixin, get } = await start()
    const socket = connect(Number(new URL(weixin.url).port), '127.0.0.1')
    const request = `POST ${STABLE_TOKEN} HTTP/1.1\r\nhost: weixin\r\ncontent-length: 100\r\n\r\n{`
    await new Promise((resolve) => socket.write(request, resolve))
    socket.destroy()
    expect(await get(LOGIN)).to.include({ status: 200 })
    expect(weixin.calls).to.have.length(1)
  })
})

describe("the answers of the sandbox's WeChat", () => {
  const start = useSandboxes()

  it('the sandbox gives success and failure with status 200 as text/plain', async () => {
    const { weixin, exchange } = await start()
    const { code } = await weixin.login()
    expect(await exchange(code)).to.include({ status: 200, type: 'text/plain' })
    expect(await exchange(code)).to.include({ status: 200, type: 'text/plain' })
  })

  it('the sandbox puts a rid into errors that begins with the time of the call', async () => {
    const { exchange } = await start()
    const { json } = await exchange('nonsense')
    expect(json).to.have.all.keys('errcode', 'errmsg')
    const [, seconds] = /^invalid code rid: ([0-9a-f]{8})-[0-9a-f]{8}-[0-9a-f]{8}$/.exec(json.errmsg) ?? []
    expect(Number.parseInt(seconds ?? '', 16) * 1000).to.equal(NOON)
  })

  it('the sandbox escapes slashes in its JSON', async () => {
    const randomBytes = (size: number) => Buffer.alloc(size, 255)
    const { weixin, exchange } = await start({ randomBytes })
    const { text, json } = await exchange((await weixin.login()).code)
    expect(json.session_key).to.equal('/////////////////////w==')
    expect(text).to.include('"session_key":"\\/\\/')
  })

  it("the sandbox knows no other paths and no other methods than WeChat's", async () => {
    const { get, post, call } = await start()
    expect((await get('/')).json.errcode).to.equal(40066)
    expect((await get('/sns/jscode2session/')).json.errcode).to.equal(40066)
    for (const path of [CHECK, RESET]) {
      expect((await post(path, {})).json.errcode, path).to.equal(43001)
    }
    expect((await call('PUT', LOGIN, {}, '{}')).json.errcode).to.equal(43001)
    for (const path of [STABLE_TOKEN, PHONE]) expect((await get(path)).json.errcode, path).to.equal(43002)
    expect((await call('PUT', STABLE_TOKEN, {}, '{}')).json.errcode).to.equal(43002)
  })
})
