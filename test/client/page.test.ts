import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createClient, R3SessionError } from '@r3session/client'
import { createWx, type Wx } from '@r3session/wx-simulator'
import { expect } from 'chai'
import { type RecordingServer, respond, startRecordingServer } from '../support/service/recording-server.js'
import { type RunningService, startService } from '../support/service/start-service.js'

const pages = ['docs/client.md', 'docs/client.zh-CN.md', 'client/README.md']
const [english = '', chinese = '', readme = ''] = await Promise.all(
  pages.map((page) => readFile(page, 'utf8')),
)

/** The code blocks after a marker comment. */
function blocks(page: string, marker: string): string[] {
  const pattern = new RegExp(`<!-- ${marker} -->\n\`\`\`js\n([\\s\\S]*?)\`\`\``, 'g')
  return [...page.matchAll(pattern)].map(([, code = '']) => code)
}

const block = (page: string, marker: string) => blocks(page, marker)[0] ?? expect.fail(`no ${marker}`)
const withoutComments = (code: string) => code.replace(/ *\/\/.*$/gm, '')

/** The first two cells of each row in the table after a marker comment. */
function rows(page: string, marker: string): string[] {
  const [, table = ''] = new RegExp(`<!-- ${marker} -->\n\\|.*\n\\|.*\n((?:\\|.*\n)+)`).exec(page) ?? []
  return [...table.matchAll(/^\| `(\w+)` \| (`\w+`)?/gm)].map(([, code, action = '']) => `${code} ${action}`)
}

const AsyncFunction = (async () => {}).constructor as new (
  ...names: string[]
) => (...values: unknown[]) => Promise<unknown>
const run = (code: string, names: Record<string, unknown>) =>
  new AsyncFunction(...Object.keys(names), code)(...Object.values(names))

describe('the pages about the client', () => {
  let service: RunningService
  let api: RecordingServer
  let wx: Wx
  before(async () => {
    api = await startRecordingServer(
      respond(200, { 'content-type': 'application/json' }, '{"orders":["tea"]}'),
    )
  })
  after(() => api.close())
  beforeEach(async () => {
    service = await startService()
    wx = createWx({
      appid: service.weixin.apps[0]?.appid ?? '',
      weixin: service.weixin.url,
      user: 'anna',
      clock: () => service.time.now,
      hosts: {
        'https://login.example.com': service.url,
        'https://api.example.com': `http://${api.host}`,
        'https://***.smallerpig.com': service.url,
      },
    })
  })
  afterEach(() => service.close())
  const openid = () => service.weixin.identity('anna').openid

  it('the pages about the client show three lines that log in and decrypt user info', async () => {
    for (const page of [english, chinese, readme]) {
      const code = block(page, 'three lines')
      expect(code.trim().split('\n')).to.have.length(3)
      expect(await run(`${code}\nreturn user`, { createClient, wx })).to.include({ openId: openid() })
    }
  })

  it('the tutorial’s code on the page works as long as nothing fails', async () => {
    const [logIn = '', decrypt = ''] = blocks(english, 'tutorial')
    const { code } = await wx.login()
    const that = { globalData: {} }
    await answered((done) => run(logIn, { r: { code }, wx: reporting(wx, done) }))
    expect(wx.getStorageSync('r3session')).to.match(/^[0-9a-f]{128}$/)
    const silent = { log() {} }
    const answer = await answered((done) =>
      run(decrypt, { that, cb: undefined, console: silent, wx: reporting(wx, done) }),
    )
    expect(answer.data).to.include({ openId: openid() })
    expect(that.globalData).to.have.nested.property('userInfo.nickName')
  })

  it('the page of a mini program in the docs works without changes', async () => {
    for (const page of [english, chinese]) {
      const project = await mkdtemp(resolve('build/client-page-'))
      try {
        await mkdir(join(project, 'utils'))
        await mkdir(join(project, 'pages/index'), { recursive: true })
        await writeFile(join(project, 'utils/client.js'), block(page, 'client.js'))
        await writeFile(join(project, 'pages/index/index.js'), block(page, 'page.js'))
        const mounted = await mount(join(project, 'pages/index/index.js'), wx)
        await mounted.onLoad()
        expect(mounted.data.orders).to.deep.equal(['tea'])
        expect(api.requests.at(-1)?.target).to.equal('/orders')
        await wx.devtools.tapPhoneButton((event) => mounted.onPhone(event), { allow: false })
        expect(mounted.data.phone).to.equal('')
        await wx.devtools.tapPhoneButton((event) => mounted.onPhone(event))
        expect(mounted.data.phone).to.match(/^1\d{10}$/)
      } finally {
        await rm(project, { recursive: true })
      }
    }
  })

  it('the docs show what to do about every action of an error', async () => {
    const told = {
      relogin: 'Please tap again',
      retry: 'Please try again later',
      none: 'This does not work at the moment',
    }
    for (const [action, text] of Object.entries(told)) {
      const refused = new R3SessionError('no', 'some_code', action as 'none')
      const client = { decrypt: () => Promise.reject(refused) }
      const names = { client, wx: { getUserInfo() {} }, console: { error() {} } }
      expect(await run(`${block(english, 'errors.js')}\nreturn greet()`, names)).to.equal(text)
    }
    const client = { decrypt: async () => ({ nickName: 'Anna' }) }
    const names = { client, wx: { getUserInfo() {} } }
    expect(await run(`${block(english, 'errors.js')}\nreturn greet()`, names)).to.equal('Hello, Anna')
  })

  it('the docs show uploads, sockets and what else there is, and the examples work', async () => {
    const more = createClient({ baseUrl: 'https://api.example.com', wx })
    const client = createClient({ baseUrl: 'https://login.example.com', wx })
    api.answer = respond(200, {}, 'done')
    const logged: unknown[] = []
    const sockets = {
      connectSocket: () =>
        Object.assign(Promise.resolve({ send: (sent: unknown) => logged.push(sent) }), { onMessage() {} }),
    }
    const filePath = wx.devtools.addFile('picture', 'face.png')
    const uploads = { uploadFile: more.uploadFile.bind(more) }
    // The session is one and the same: both clients store it under the same key.
    await client.login()
    const both = { ...client, ...uploads, ...sockets }
    const names = { client: both, filePath, console: { log: (value: unknown) => logged.push(value) } }
    expect(await run(`${block(english, 'more calls')}\nreturn [data, header]`, names)).to.deep.equal([
      'done',
      await client.authHeader(),
    ])
    expect(logged).to.deep.include({ data: 'hello' })
    expect(api.requests.at(-1)?.target).to.equal('/avatars')
  })

  it('the docs show a page that needs a login, and what it does when there is none', async () => {
    let page: MountedPage | undefined
    const mounted = (definition: MountedPage) => {
      const setData = (data: object) => Object.assign(definition.data, data)
      page = Object.assign(definition, { setData })
    }
    api.answer = respond(200, { 'content-type': 'application/json' }, '{"orders":["tea"]}')
    const client = createClient({ baseUrl: 'https://login.example.com', wx })
    const request = ({ url }: { url: string }) => client.request({ url: `https://api.example.com${url}` })
    await run(block(english, 'guard.js'), { Page: mounted, client: { ...client, request } })
    await page?.onLoad()
    expect(page?.data).to.deep.equal({ orders: ['tea'], failed: '' })
    service.weixin.block('anna')
    await client.logout()
    await page?.onLoad()
    expect(page?.data).to.have.property('failed', 'none')
  })

  it('the docs show how WeChat Cloud Run is used', async () => {
    const called: { path: string; header: object }[] = []
    const cloud = {
      init() {},
      callContainer({ path, header, ...rest }: { path: string; header: object }) {
        called.push({ path, header })
        wx.request({ ...rest, header: header as Record<string, unknown>, url: `${service.url}${path}` })
      },
    }
    const code = block(english, 'container.js').replace('/orders', '/v1/session')
    await run(code, { createClient, wx: { ...wx, cloud } })
    expect(called.map(({ path }) => path)).to.deep.equal(['/v1/login', '/v1/session'])
    expect(called[1]?.header).to.include({ 'X-WX-SERVICE': 'shop' })
  })

  it('the docs show every call of the client, and the example works', async () => {
    const code = block(readme, 'all calls').replace(/^import .*$/m, '')
    const event = { detail: await service.weixin.phoneCode('anna') }
    await run(code, { createClient, R3SessionError, wx, event })
    expect((await service.weixin.calls).length).to.be.greaterThan(0)
    const calls = Object.keys(createClient({ baseUrl: service.url, wx }))
    for (const page of [english, chinese, readme])
      for (const call of calls) expect(page).to.match(new RegExp(`[\`.]${call}\\(`))
  })

  it('the docs list the same errors and actions in both languages', () => {
    expect(rows(english, 'codes')).to.have.length(8)
    expect(rows(chinese, 'codes')).to.deep.equal(rows(english, 'codes'))
  })

  it('the docs about the client show the same code in both languages', () => {
    const all = (page: string) =>
      [...page.matchAll(/```(?:js|sh)\n([\s\S]*?)```/g)].map(([, code = '']) => withoutComments(code))
    expect(all(chinese)).to.deep.equal(all(english))
  })
})

/** A `wx` that reports the answer of each request after the mini program has got it. */
function reporting(wx: Wx, report: (answer: { data: unknown }) => void): Wx {
  const request = ((options: { success(answer: { data: unknown }): void }) =>
    wx.request({
      ...options,
      success(answer: { data: unknown }) {
        options.success(answer)
        report(answer)
      },
    } as never)) as Wx['request']
  return { ...wx, request }
}

function answered(
  start: (done: (answer: { data: unknown }) => void) => Promise<unknown>,
): Promise<{ data: unknown }> {
  return new Promise((resolve, reject) => start(resolve).catch(reject))
}

interface MountedPage {
  data: { orders: unknown; phone: unknown }
  onLoad(): Promise<void>
  onPhone(event: unknown): Promise<void>
}

/** Loads the file of a page like the mini program framework, and gives the page. */
async function mount(file: string, wx: Wx): Promise<MountedPage> {
  let page: MountedPage | undefined
  const globals = globalThis as { wx?: unknown; Page?: unknown }
  globals.wx = wx
  globals.Page = (definition: MountedPage) => {
    const setData = (data: object) => Object.assign(definition.data, data)
    page = Object.assign(definition, { setData })
  }
  try {
    await import(pathToFileURL(file).href)
  } finally {
    delete globals.wx
    delete globals.Page
  }
  return page ?? expect.fail('the file has no Page')
}
