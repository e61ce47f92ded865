import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'

const sourcesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))
const sources = sourcesIn('src')

/** What a file imports: paths below src for our own files, names for the rest. */
const importsOf = ({ path, text }: (typeof sources)[number]) =>
  [...text.matchAll(/(?:from|import\() ?'([^']+)'|^import '([^']+)'/gm)]
    .map(([, from, bare]) => from ?? bare ?? '')
    .map((name) => (name.startsWith('.') ? join(dirname(path), name).replace(/\.js$/, '.ts') : name))

const inside = (folder: string) => sources.filter(({ path }) => path.startsWith(`${folder}/`))
const offenders = (files: typeof sources, allowed: (name: string, path: string) => boolean) =>
  files.flatMap((file) =>
    importsOf(file)
      .filter((name) => !allowed(name, file.path))
      .map((name) => `${file.path}: ${name}`),
  )
const using = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path)

describe('the architecture', () => {
  it('has a domain that imports nothing but itself', () => {
    expect(offenders(inside('domain'), (name) => name.startsWith('domain/'))).to.deep.equal([])
  })

  it('has adapters that know the domain and packages, and none of each other', () => {
    const adapters = importsOf(sources.find(({ path }) => path === 'app/wire.ts') ?? { path: '', text: '' })
    expect(adapters.filter((name) => name.startsWith('adapters/'))).to.have.lengthOf.at.least(4)
    const allowed = (name: string) =>
      !/^(app|sandbox)\//.test(name) && !(name.startsWith('adapters/') && adapters.includes(name))
    expect(offenders(inside('adapters'), allowed)).to.deep.equal([])
  })

  it('names adapters in wire.ts only', () => {
    const outside = sources.filter(({ path }) => path !== 'app/wire.ts' && !path.startsWith('adapters/'))
    expect(offenders(outside, (name) => !name.startsWith('adapters/'))).to.deep.equal([])
  })

  it('has a sandbox that knows nothing of the rest and needs no package', () => {
    expect(offenders(inside('sandbox'), (name) => /^(sandbox\/|node:)/.test(name))).to.deep.equal([])
  })

  it('reads the environment in its programs only', () => {
    expect(using(/process\.env|= process$/m).sort()).to.deep.equal([
      'app/doctor-main.ts',
      'app/healthcheck.ts',
      'app/main.ts',
    ])
  })

  it('has its clock and its chance in wire.ts, main.ts and the front door of the sandbox only', () => {
    const clockOrChance =
      /Date\.now|new Date\(\)|Math\.random|import .*random(Bytes|UUID|Int)|getRandomValues/
    expect(
      using(clockOrChance)
        .filter((path) => path !== 'app/main.ts')
        .sort(),
    ).to.deep.equal(['app/wire.ts', 'sandbox/index.ts'])
  })

  it('has packages for the mini program that need nothing but what they are given', () => {
    const own = (name: string) => !/^[a-z@]/.test(name) || name.endsWith('.ts')
    for (const folder of ['client/src', 'simulator/src']) {
      expect(offenders(sourcesIn(folder), own), folder).to.deep.equal([])
    }
    const allowed = (name: string) =>
      own(name) || ['@r3session/client', '@r3session/wx-simulator'].includes(name)
    expect(offenders(sourcesIn('playground/src'), allowed)).to.deep.equal([])
  })

  it('loads nothing later, since an import that failed once stays failed', () => {
    expect(using(/\bimport\(/)).to.deep.equal([])
  })

  it('exports by name', () => {
    const packages = ['client/src', 'simulator/src', 'playground/src'].flatMap(sourcesIn)
    const all = [...sources, ...packages]
    expect(all.filter(({ text }) => /^export default/m.test(text)).map(({ path }) => path)).to.deep.equal([])
  })
})
