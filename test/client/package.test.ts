import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { expect } from 'chai'
import { transform } from 'esbuild'
import { createFakePhone, type FakePhone, token } from '../support/page/fake-phone.js'

const run = promisify(execFile)
const bundle = readFileSync('client/miniprogram_dist/index.js', 'utf8')
const manifest = JSON.parse(readFileSync('client/package.json', 'utf8'))

/** Removes functions that are newer than ES2015 and that a client might use by mistake. */
const REMOVE_NEWER = `
  delete Promise.prototype.finally
  delete Promise.allSettled
  delete Promise.any
  delete Object.values
  delete Object.entries
  delete Object.fromEntries
  delete Object.hasOwn
  delete Array.prototype.includes
  delete Array.prototype.flat
  delete Array.prototype.flatMap
  delete Array.prototype.at
  delete String.prototype.padStart
  delete String.prototype.padEnd
  delete String.prototype.replaceAll
  delete String.prototype.at
  delete globalThis.globalThis
`

/** Loads the file like a mini program on an old phone, and gives its exports. */
function load(phone: FakePhone): { login(): Promise<unknown>; session(): Promise<unknown> } {
  const exports = {}
  const context = createContext({ exports, module: { exports }, wx: phone.wx, time: phone.time })
  runInContext(REMOVE_NEWER, context)
  runInContext(`(function () {${bundle}\n})()`, context)
  return runInContext(`exports.createClient({ baseUrl: 'https://login.test', wx, time })`, context)
}

describe('the client’s package', () => {
  it('the client’s file for mini programs is smaller than 10 KB', () => {
    expect(Buffer.byteLength(bundle)).to.be.lessThan(10_000)
  })

  it('the client uses no syntax that is newer than ES2015', async () => {
    const plain = async (target: string) => (await transform(bundle, { target })).code
    expect(await plain('es2015')).to.equal(await plain('esnext'))
    expect((await transform('a?.b', { target: 'es2015' })).code).not.to.include('?.')
  })

  it('the client works with nothing but ES2015 and wx', async () => {
    const phone = createFakePhone()
    const client = load(phone)
    expect(await phone.time.settle(client.login())).to.deep.equal({ expiresIn: 259_200 })
    phone.live.clear()
    expect(await phone.time.settle(client.session())).to.include({ openid: 'o1' })
    expect(phone.storage.get('r3session')?.data).to.equal(token(2))
  })

  it('the client’s package can be loaded with require', async () => {
    const script = `const c = require('@r3session/client'); console.log(Object.keys(c).sort().join(), require.resolve('@r3session/client'))`
    const { stdout } = await run(process.execPath, ['--input-type=commonjs', '-e', script])
    expect(stdout).to.match(/^R3SessionError,createClient .*client.miniprogram_dist.index\.js\n$/)
  })

  it('the client has no dependencies', () => {
    expect(manifest).not.to.have.any.keys('dependencies', 'peerDependencies', 'optionalDependencies')
    const imports = readdirSync('client/dist', { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(js|d\.ts)$/.test(name))
      .flatMap((name) => [
        ...readFileSync(`client/dist/${name}`, 'utf8').matchAll(/(?:from|import\() ?['"]([^'"]+)/g),
      ])
      .map(([, from]) => from)
    expect(imports).to.include('./session/session-manager.js')
    expect(imports.filter((from) => !from?.startsWith('.'))).to.deep.equal([])
    expect(bundle).not.to.match(/\brequire\(/)
  })

  it('the client’s package contains the files that its manifest names, and no others', async () => {
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], { cwd: 'client' })
    // A list, or from npm 12 on an object by name.
    const [{ files }] = Object.values(JSON.parse(stdout)) as [{ files: { path: string }[] }]
    const paths = files.map(({ path }) => path)
    expect(paths).to.include.members([
      'package.json',
      'README.md',
      'dist/index.js',
      'dist/index.d.ts',
      'miniprogram_dist/index.js',
    ])
    expect(paths.filter((path) => /tsbuildinfo|test/.test(path))).to.deep.equal([])
    // The sources that the source maps name are in the package.
    for (const path of paths.filter((path) => path.endsWith('.js.map')))
      expect(paths).to.include(path.replace('dist', 'src').replace('.js.map', '.ts'))
  }).timeout(30_000)

  it('the types of the client accept WeChat’s wx and the simulator’s wx', async () => {
    const compiler = 'node_modules/typescript/bin/tsc'
    const { stdout } = await run(process.execPath, [
      compiler,
      '-p',
      'test/client/typing',
      '--pretty',
      'false',
    ]).catch((error: { stdout: string }) => error)
    expect(stdout).to.equal('')
  }).timeout(60_000)
})
