import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { temporaryFolder } from '../../support/service/spawn-service.js'
import { type RunningService, startService } from '../../support/service/start-service.js'

const run = promisify(execFile)
const serviceKey = 'docs-key-0123456789abcdef0123456789abcdef'

/** The commands of a page of ours, as a browser would copy them. */
function commandsIn(page: string): string[] {
  return [...page.matchAll(/<pre data-origin="[^"]*"><code>(.*?)<\/code>/gs)].map(([, html = '']) =>
    html.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))),
  )
}

describe('the commands of the documentation page', function () {
  this.timeout(60_000)
  let service: RunningService
  const home = temporaryFolder()
  before(async () => {
    // Whatever is no success ends the command with status 22.
    writeFileSync(`${home.path}/.curlrc`, 'fail\nsilent\nmax-time = 20\n')
    const env = { WECHAT_APPID: '', WECHAT_SECRET: '', SERVICE_KEYS: `docs:${serviceKey}` }
    service = await startService({ env })
  })
  after(async () => {
    home.remove()
    await service.close()
  })

  /** A page as it is given for these headers. `fetch` sets a Host of its own. */
  async function pageFor(headers: Record<string, string>, of = service): Promise<string> {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(`${of.url}/docs`, { headers }, resolve).on('error', reject).end()
    })
    let text = ''
    for await (const chunk of answer.setEncoding('utf8')) text += chunk
    return text
  }
  const originsIn = (page: string) =>
    new Set([...page.matchAll(/ data-origin="([^"]*)"/g)].map(([, one]) => one))

  it('work as they are pasted, one after the other, with no more to fill in than the service key', async () => {
    const commands = commandsIn((await service.call('GET', '/docs')).text)
    expect(commands).to.have.lengthOf.above(25)
    const env = { PATH: process.env['PATH'] ?? '', CURL_HOME: home.path, HOME: home.path }
    for (const command of commands) {
      const filled = command.replace("serviceKey='…'", `serviceKey='${serviceKey}'`)
      expect(filled).not.to.include('…')
      // The plainest shell: what it takes, bash and zsh take too.
      await run('sh', ['-euc', filled], { env })
    }
  })

  it('go to the address at which the page was asked for', async () => {
    const { host } = new URL(service.url)
    for (const asked of [host, 'login.example.com', 'LOGIN.example.com:8443', '[::1]:3000', 'r3_session']) {
      const page = await pageFor({ host: asked })
      expect(originsIn(page)).to.deep.equal(new Set([`http://${asked}`]))
      for (const command of commandsIn(page)) expect(command).to.include(`"http://${asked}/`)
    }
  })

  it('hold nothing of a Host that is none', async () => {
    const own = `http://localhost:${new URL(service.url).port}`
    for (const hostile of [
      '"><script>alert(1)</script>',
      'x"; rm -rf ~; "',
      '$(id)',
      'a`id`',
      'user@host',
      'host/path',
      'host:99999999',
      'a'.repeat(300),
    ]) {
      const page = await pageFor({ host: hostile, 'x-forwarded-host': 'evil.example' })
      // What no Host can be is refused before there is a page.
      const isPage = page.startsWith('<!doctype html>')
      expect(originsIn(page), hostile).to.deep.equal(new Set(isPage ? [own] : []))
      expect(page).not.to.include(hostile)
    }
  })

  it('believe X-Forwarded-Proto and -Host of trusted proxies alone', async () => {
    const forwarded = {
      host: 'inside:3000',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'login.example.com, inside',
    }
    expect(originsIn(await pageFor(forwarded))).to.deep.equal(new Set(['http://inside:3000']))
    const trusting = await startService({ env: { TRUST_PROXY: '127.0.0.0/8' } })
    try {
      const originFor = async (headers: Record<string, string>) => [
        ...originsIn(await pageFor(headers, trusting)),
      ]
      expect(await originFor(forwarded)).to.deep.equal(['https://login.example.com'])
      expect(await originFor({ ...forwarded, 'x-forwarded-proto': 'gopher' })).to.deep.equal([
        'http://login.example.com',
      ])
      const { port } = new URL(trusting.url)
      expect(await originFor({ ...forwarded, 'x-forwarded-host': '<b>' })).to.deep.equal([
        `http://localhost:${port}`,
      ])
      expect(await originFor({ host: 'inside:3000' })).to.deep.equal(['http://inside:3000'])
    } finally {
      await trusting.close()
    }
  })

  it('say what to fill in where there is no sandbox to give it', async () => {
    const production = await startService()
    try {
      const { text } = await production.call('GET', '/docs')
      const commands = commandsIn(text)
      expect(commands.join()).not.to.include('/sandbox/')
      expect(commands[0]).to.match(/^code='…'\ncurl -X POST "/)
      expect(text).to.include('<p>Fill in first:<br><code>code</code>')
    } finally {
      await production.close()
    }
  })
})
