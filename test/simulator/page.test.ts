import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { phone } from './phone.js'

const run = promisify(execFile)

describe('docs/wx-simulator.md', () => {
  let page: string
  let project: string

  before(async () => {
    page = await readFile('docs/wx-simulator.md', 'utf8')
    project = await mkdtemp(resolve('build/simulator-page-'))
    await mkdir(join(project, 'node_modules/@r3session'), { recursive: true })
    await symlink(resolve('.'), join(project, 'node_modules/r3session'))
    await symlink(resolve('simulator'), join(project, 'node_modules/@r3session/wx-simulator'))
    await writeFile(join(project, 'package.json'), '{"type":"module"}')
  })

  after(() => rm(project, { recursive: true }))

  it('docs/wx-simulator.md shows a test that passes in a project with the packages installed', async () => {
    const [miniProgram = '', test = ''] = codeIn(page)
    await writeFile(join(project, 'login.js'), miniProgram)
    await writeFile(join(project, 'login.test.mjs'), test)
    const mocha = resolve('node_modules/mocha/bin/mocha.js')
    const { stdout } = await run(process.execPath, [mocha, '--no-config', 'login.test.mjs'], { cwd: project })
    expect(stdout)
      .to.match(/2 passing/)
      .and.not.match(/failing|pending/)
  }).timeout(30_000)

  it('the code in the simulator’s README runs', async () => {
    const [code = ''] = codeIn(await readFile('simulator/README.md', 'utf8'))
    await writeFile(join(project, 'readme.mjs'), `${code}\nawait weixin.close()\n`)
    await run(process.execPath, ['readme.mjs'], { cwd: project })
  }).timeout(30_000)

  it('docs/wx-simulator.md names every function of wx and of devtools', () => {
    const wx = phone()
    const named = (name: string) =>
      [name, name.replace(/Sync$/, '')].some(
        (called) => page.includes(`\`${called}\``) || page.includes(`\`${called}(`),
      )
    const names = [...Object.keys(wx), ...Object.keys(wx.devtools)].filter((name) => name !== 'devtools')
    expect(names.filter((name) => !named(name))).to.deep.equal([])
  })
})

function codeIn(page: string): string[] {
  return [...page.matchAll(/```js\n(.*?)```/gs)].map(([, code = '']) => code)
}
