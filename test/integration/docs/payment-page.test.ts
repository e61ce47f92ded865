import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { createWx } from '@r3session/wx-simulator'
import { expect } from 'chai'
import { demoApp } from '#src/sandbox/index.js'
import { freePort } from '../../support/service/nginx.js'
import { type RunningService, startService } from '../../support/service/start-service.js'

const key = 'shop-key-0123456789abcdef0123456789ab'
const PUSH_TOKEN = 'push-token'

describe('docs/payment.md', () => {
  let project: string
  let service: RunningService
  let backEnd: ChildProcess
  let gateway: Server
  let shop: string
  let buy: (productId: string) => Promise<string>
  let wx: ReturnType<typeof createWx>

  before(async function () {
    this.timeout(60_000)
    const page = await readFile('docs/payment.md', 'utf8')
    const block = (marker: string) =>
      new RegExp(`<!-- ${marker} -->\n\`\`\`js\n(.*?)^\`\`\``, 'ms').exec(page)?.[1] ?? ''
    project = await mkdtemp(resolve('build/payment-page-'))
    await mkdir(join(project, 'node_modules/@r3session'), { recursive: true })
    await symlink(resolve('client'), join(project, 'node_modules/@r3session/client'))
    await writeFile(join(project, 'back-end.mjs'), block('back end'))
    await writeFile(join(project, 'mini-program.mjs'), block('mini program'))

    service = await startService({ env: { SERVICE_KEYS: `shop:${key}` } })
    const port = await freePort()
    shop = `http://127.0.0.1:${port}`
    const env = {
      PORT: String(port),
      R3SESSION: service.url,
      R3SESSION_KEY: key,
      OFFER_ID: '123',
      APP_KEY: demoApp.appKeys?.[0],
      PUSH_TOKEN,
      WECHAT: service.weixin.url,
    }
    backEnd = spawn(process.execPath, [join(project, 'back-end.mjs')], { env, stdio: 'inherit' })
    while (
      await fetch(shop).then(
        () => false,
        () => true,
      )
    )
      await pause(10)
    gateway = await startGateway()

    wx = createWx({
      appid: demoApp.appid,
      weixin: service.weixin.url,
      user: 'anna',
      hosts: {
        'https://login.example.com': service.url,
        'https://api.example.com': `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`,
      },
    })
    Object.assign(globalThis, { wx })
    const program = await import(pathToFileURL(join(project, 'mini-program.mjs')).href)
    buy = program.buy
  })

  after(async () => {
    Object.assign(globalThis, { wx: undefined })
    gateway.closeAllConnections()
    gateway.close()
    if (backEnd.kill()) await once(backEnd, 'exit')
    await service.close()
    await rm(project, { recursive: true })
  })

  /** What nginx and its kin do: asks r3session about each request, and passes it on with the answer. */
  async function startGateway(): Promise<Server> {
    const server = createServer(async (request, response) => {
      const { authorization = '' } = request.headers
      const auth = await fetch(`${service.url}/v1/auth`, { headers: { authorization } })
      if (auth.status !== 200) return response.writeHead(auth.status).end()
      const answer = await fetch(shop + request.url, {
        method: request.method ?? '',
        headers: { 'x-wx-openid': auth.headers.get('x-wx-openid') ?? '' },
        ...(request.method === 'POST' && { body: Buffer.concat(await request.toArray()) }),
      })
      return response.writeHead(answer.status).end(await answer.text())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }

  /** The order that the back end asked WeChat about at last. */
  const lastOrder = (): string => {
    const asked = service.weixin.calls.findLast(({ path }) => path === '/xpay/query_order')
    return Object(asked?.body).order_id
  }
  const push = async (notification: object, token = PUSH_TOKEN) => {
    const [timestamp, nonce] = ['1772337600', 'nonce']
    const signature = createHash('sha1').update([token, timestamp, nonce].sort().join('')).digest('hex')
    const query = new URLSearchParams({ signature, timestamp, nonce })
    const body = JSON.stringify(notification)
    return fetch(`${shop}/weixin?${query}`, { method: 'POST', body })
  }

  it('sells a book to a user who was not logged in, whose order is signed, paid and delivered', async () => {
    expect(await buy('book')).to.equal('delivered')
    expect(await service.weixin.paymentNotification(lastOrder())).to.include({ Env: 0 })
    const paths = service.weixin.calls.map(({ path, errcode }) => [path, errcode])
    expect(paths).to.deep.include(['/xpay/query_order', 0])
    expect(paths.at(-1)).to.deep.equal(['/xpay/notify_provide_goods', 0])
  })

  it('sells another after WeChat has replaced the session_key behind its back, and after it was known', async () => {
    service.weixin.rotateKey('anna')
    expect(await buy('book')).to.equal('delivered')
    const { openid } = service.weixin.identity('anna')
    service.weixin.rotateKey('anna')
    await service.send('GET', `/v1/users/${openid}/encrypt-keys`, { token: key })
    expect(await buy('book')).to.equal('delivered')
  })

  it('delivers nothing to who closes the window', async () => {
    wx.devtools.allowPayment(false)
    const failure = await buy('book').catch((error: unknown) => error)
    wx.devtools.allowPayment(true)
    expect(failure).to.include({ errCode: -2 })
  })

  it('believes a notification when WeChat says the same, and answers what WeChat expects', async () => {
    await buy('book')
    const told = await service.weixin.paymentNotification(lastOrder())
    expect(await (await push(told)).json()).to.deep.equal({ ErrCode: 0, ErrMsg: 'success' })
    expect(await (await push({ ...told, OutTradeNo: 'never-ordered' })).json()).to.include({ ErrCode: 1 })
    expect((await push(told, 'another token')).status).to.equal(403)
  })
})
