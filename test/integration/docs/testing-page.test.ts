import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { startSandbox } from '#src/sandbox/index.js'
import { until } from '../../support/service/start-sandbox.js'

const run = promisify(execFile)

describe('docs/testing.md', () => {
  let page: string
  let project: string

  before(async () => {
    page = await readFile('docs/testing.md', 'utf8')
    project = await mkdtemp(resolve('build/testing-page-'))
  })

  after(() => rm(project, { recursive: true }))

  it('shows a test that passes in a project that has r3session among its dependencies', async () => {
    const [, code = ''] = /```js\n(.*?)```/s.exec(page) ?? []
    await mkdir(join(project, 'test'))
    await mkdir(join(project, 'node_modules'))
    await symlink(resolve('.'), join(project, 'node_modules/r3session'))
    await writeFile(join(project, 'test/login.test.mjs'), code)
    const mocha = resolve('node_modules/mocha/bin/mocha.js')
    const { stdout } = await run(process.execPath, [mocha, '--no-config', '--timeout', '20000', 'test'], {
      cwd: project,
    })
    expect(stdout)
      .to.match(/3 passing/)
      .and.not.match(/failing|pending/)
  }).timeout(120_000)

  it('names every control of the sandbox', async () => {
    const weixin = await startSandbox()
    await weixin.close()
    for (const control of Object.keys(weixin)) expect(page).to.match(new RegExp(`\\b${control}\\b`))
  })

  it('lists faults that the sandbox takes, and whether they spend the code', async () => {
    const rows = [...page.matchAll(/^\| `\{ (\w+): (.+?) \}` \| .* \| (spent|not spent) \|$/gm)]
    expect(rows).to.have.length(9)
    for (const [, kind = '', value = '', fate] of rows) {
      const weixin = await startSandbox()
      const { code } = await weixin.login()
      const [app] = weixin.apps
      const query = { appid: app?.appid ?? '', secret: app?.secret ?? '', js_code: code }
      const address = `${weixin.url}/sns/jscode2session?${new URLSearchParams({ ...query, grant_type: 'authorization_code' })}`
      const fault = JSON.parse(`{"${kind}":${value.replaceAll("'", '"').replaceAll('_', '')}}`)
      weixin.fail(fault)
      const caller = new AbortController()
      const met = fetch(address, { redirect: 'manual', signal: caller.signal }).catch(() => {})
      await until(() => weixin.calls.length > 0)
      const again = await (await fetch(address)).text()
      expect(again, kind).to.include(fate === 'spent' ? '"errcode":40163' : '"openid"')
      caller.abort()
      await met
      await weixin.close()
    }
  })
})
