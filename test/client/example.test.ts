import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createWx, type Wx } from '@r3session/wx-simulator'
import { expect } from 'chai'
import { type RecordingServer, startRecordingServer } from '../support/service/recording-server.js'
import { type RunningService, startService } from '../support/service/start-service.js'

type Handlers = Record<string, (event?: unknown) => unknown>
type Page = Handlers & { data: Record<string, unknown> }

/** The plain mini program, as it lies in the repository, on a simulated phone. */
describe('examples/mini-program/plain', () => {
  let project: string
  let service: RunningService
  let api: RecordingServer
  let wx: Wx
  let page: Page | undefined
  let app: Handlers | undefined

  beforeEach(async () => {
    project = await mkdtemp(resolve('build/plain-example-'))
    await cp('examples/mini-program/plain', project, { recursive: true })
    // The developer tools take imports in every file; Node wants to be told.
    await writeFile(join(project, 'package.json'), '{"type":"module"}')
    await rm(join(project, 'node_modules'), { recursive: true, force: true })
    await mkdir(join(project, 'node_modules/@r3session'), { recursive: true })
    await symlink(resolve('client'), join(project, 'node_modules/@r3session/client'))
    service = await startService()
    api = await startRecordingServer((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"ordersOf":"anna"}'),
    )
    wx = createWx({
      appid: service.weixin.apps[0]?.appid ?? '',
      weixin: service.weixin.url,
      user: 'anna',
      hosts: { 'https://login.example.com': service.url, 'https://api.example.com': `http://${api.host}` },
    })
    const globals = globalThis as Record<string, unknown>
    const names = {
      wx,
      App: (definition: Handlers) => {
        app = definition
      },
      Page: (definition: Page) => {
        page = Object.assign(definition, { setData: (data: object) => Object.assign(definition.data, data) })
      },
    }
    Object.assign(globals, names)
    try {
      for (const file of ['app.js', 'pages/orders/orders.js'])
        await import(pathToFileURL(join(project, file)).href)
    } finally {
      for (const name of Object.keys(names)) delete globals[name]
    }
  })
  afterEach(async () => {
    await Promise.all([service.close(), api.close()])
    await rm(project, { recursive: true })
  })

  const shown = (): Page => page ?? expect.fail('the file has no Page')
  const loaded = async () => {
    app?.['onLaunch']?.()
    await shown()['onLoad']?.({})
  }

  it('logs in once, shows the orders, the number and the picture, and logs out', async () => {
    await loaded()
    expect(shown().data).to.include({ ordersOf: 'anna', failed: '' })
    await wx.devtools.tapPhoneButton((event) => shown()['onPhone']?.(event))
    expect(shown().data['phone']).to.match(/^1\d{10}$/)
    await wx.devtools.tapPhoneButton((event) => shown()['onPhone']?.(event), { allow: false })
    expect(shown().data['phone']).to.equal('')
    await shown()['onAvatar']?.({ detail: { avatarUrl: wx.devtools.addFile('picture', 'me.png') } })
    expect(api.requests.map(({ method, target }) => `${method} ${target}`)).to.deep.equal([
      'GET /api/orders',
      'POST /api/avatar',
    ])
    expect(service.weixin.calls.filter(({ path }) => path === '/sns/jscode2session')).to.have.length(1)
    await shown()['onLogout']?.()
    expect(wx.devtools.storage().entries).to.deep.equal([])
  })

  it('tells that a login failed, and the button tries again', async () => {
    service.weixin.block('anna')
    await loaded()
    expect(shown().data).to.include({ failed: 'none', ordersOf: '' })
    expect(api.requests).to.deep.equal([])
    await shown()['onLoad']?.({})
    expect(shown().data).to.include({ failed: 'none' })
  })

  it('has every file of its pages, and every handler that they name', async () => {
    const { pages } = JSON.parse(await readFile(join(project, 'app.json'), 'utf8')) as { pages: string[] }
    expect(pages).to.deep.equal(['pages/orders/orders'])
    for (const path of pages) JSON.parse(await readFile(join(project, `${path}.json`), 'utf8'))
    const markup = await readFile(join(project, `${pages[0]}.wxml`), 'utf8')
    const handlers = [...markup.matchAll(/ bind\w+="(\w+)"/g)].map(([, name = '']) => name)
    expect(handlers).to.include.members(['onPhone', 'onAvatar', 'onLogout'])
    expect(handlers.filter((name) => typeof shown()[name] !== 'function')).to.deep.equal([])
  })

  it('is what the pages show, and so are the others', async () => {
    for (const page of ['docs/mini-programs.md', 'docs/mini-programs.zh-CN.md']) {
      const text = await readFile(page, 'utf8')
      const blocks = [...text.matchAll(/^<!-- (\S+) -->\n```\w+\n([\s\S]*?)\n```$/gm)]
      expect(blocks, page).to.have.length(4)
      for (const [, file = '', code = ''] of blocks)
        expect(await readFile(join('examples/mini-program', file), 'utf8'), file).to.include(code)
    }
  })
})
