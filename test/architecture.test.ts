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

const pathsIn = (folder: string) =>
  sourcesIn(folder).map(({ path, text }) => ({ path: join(folder, path), text }))
const inside = (folder: string) => sources.filter(({ path }) => path.startsWith(`${folder}/`))
const offenders = (files: typeof sources, allowed: (name: string, path: string) => boolean) =>
  files.flatMap((file) =>
    importsOf(file)
      .filter((name) => !allowed(name, file.path))
      .map((name) => `${file.path}: ${name}`),
  )
const isOurs = (name: string) => /^(app|adapters|domain|sandbox)\//.test(name)
const using = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path)

/** Folders whose files import each other's, over however many steps: each circle, and the folder it was looked for from. */
function circlesIn(
  files: typeof sources,
  folderOf: (path: string) => string,
  counts: (name: string) => boolean,
): { from: string; circle: string }[] {
  const uses = new Map<string, Set<string>>()
  for (const file of files) {
    const from = folderOf(file.path)
    for (const name of importsOf(file).filter(counts)) {
      if (folderOf(name) !== from) uses.set(from, (uses.get(from) ?? new Set()).add(folderOf(name)))
    }
  }
  const visit = (folder: string, way: readonly string[]): string[] =>
    way.includes(folder)
      ? [[...way.slice(way.indexOf(folder)), folder].join(' -> ')]
      : [...(uses.get(folder) ?? [])].flatMap((next) => visit(next, [...way, folder]))
  return [...uses.keys()].flatMap((from) => visit(from, []).map((circle) => ({ from, circle })))
}

describe('the architecture', () => {
  it('has a domain that imports nothing but itself', () => {
    expect(offenders(inside('domain'), (name) => name.startsWith('domain/'))).to.deep.equal([])
  })

  it('has adapters that know the domain, the shared half of a store, packages, and none of each other', () => {
    const technologies = new Set(inside('adapters').map(({ path }) => path.split('/')[1] ?? ''))
    expect(technologies).to.include.keys('sqlite', 'wechat', 'crypto', 'store')
    const allowed = (name: string, path: string) =>
      /^domain\//.test(name) ||
      name.startsWith(`adapters/${path.split('/')[1]}/`) ||
      (name.startsWith('adapters/store/') && !path.startsWith('adapters/store/')) ||
      !isOurs(name)
    expect(offenders(inside('adapters'), allowed)).to.deep.equal([])
  })

  it('names adapters in wire.ts and its parts for the store and the command only', () => {
    const outside = sources.filter(
      ({ path }) => !/^app\/wire(-store|-tools)?\.ts$/.test(path) && !path.startsWith('adapters/'),
    )
    expect(offenders(outside, (name) => !name.startsWith('adapters/'))).to.deep.equal([])
  })

  it('has folders in app and sandbox that build on each other without a circle', () => {
    // The domain is one room, whatever its folders.
    const folderOf = (path: string) => dirname(path).replace(/^domain\/.*/, 'domain')
    expect(
      circlesIn(sources, folderOf, isOurs).filter(({ from }) => /^(app\/|sandbox)/.test(from)),
    ).to.deep.equal([])
  })

  it('has folders in simulator and playground that build on each other without a circle', () => {
    for (const folder of ['simulator/src', 'playground/src'])
      expect(
        circlesIn(sourcesIn(folder), dirname, (name) => name.endsWith('.ts')),
        folder,
      ).to.deep.equal([])
  })

  it('has a sandbox that knows nothing of the rest and needs no package', () => {
    expect(offenders(inside('sandbox'), (name) => /^(sandbox\/|node:)/.test(name))).to.deep.equal([])
  })

  it('reads the environment in its programs only', () => {
    expect(using(/process\.env|= process$/m).sort()).to.deep.equal([
      'app/cli.ts',
      'app/doctor-main.ts',
      'app/healthcheck.ts',
      'app/main.ts',
      'sandbox/alone/cli.ts',
    ])
  })

  it('has its clock and its chance in wire.ts, its part for the command, main.ts and the front door of the sandbox only', () => {
    const clockOrChance =
      /Date\.now|new Date\(\)|performance\.now|Math\.random|import .*random(Bytes|UUID|Int)|getRandomValues/
    expect(
      using(clockOrChance)
        .filter((path) => path !== 'app/main.ts')
        .sort(),
    ).to.deep.equal(['app/wire-tools.ts', 'app/wire.ts', 'sandbox/index.ts'])
  })

  it('sets no timer in the domain', () => {
    const timers = /setTimeout|setInterval|setImmediate|node:timers/
    expect(using(timers).filter((path) => path.startsWith('domain/'))).to.deep.equal([])
  })

  it('has folders of 14 files at most, and files of 250 lines at most', () => {
    const all = [
      ...sources,
      ...['client/src', 'simulator/src', 'verify/src', 'playground/src'].flatMap(pathsIn),
    ]
    const folders = new Map<string, number>()
    for (const { path } of all) folders.set(dirname(path), (folders.get(dirname(path)) ?? 0) + 1)
    expect([...folders].filter(([, count]) => count > 14)).to.deep.equal([])
    const long = all.filter(({ text }) => text.split('\n').length > 251).map(({ path }) => path)
    expect(long).to.deep.equal([])
  })

  it('has packages that need nothing but what they are given, and one that needs Node', () => {
    const own = (name: string) => !/^[a-z@]/.test(name) || name.endsWith('.ts')
    for (const folder of ['client/src', 'simulator/src']) {
      expect(offenders(sourcesIn(folder), own), folder).to.deep.equal([])
    }
    expect(offenders(sourcesIn('verify/src'), (name) => own(name) || name === 'node:crypto')).to.deep.equal(
      [],
    )
    const allowed = (name: string) =>
      own(name) || ['@r3session/client', '@r3session/wx-simulator'].includes(name)
    expect(offenders(sourcesIn('playground/src'), allowed)).to.deep.equal([])
  })

  it('loads nothing later than at the start, since an import that failed once stays failed', () => {
    expect(using(/\bimport\(/).sort()).to.deep.equal(['app/cli.ts', 'app/wire-store.ts', 'app/wire-tools.ts'])
  })

  it('exports by name', () => {
    const packages = ['client/src', 'simulator/src', 'verify/src', 'playground/src'].flatMap(sourcesIn)
    const all = [...sources, ...packages]
    expect(all.filter(({ text }) => /^export default/m.test(text)).map(({ path }) => path)).to.deep.equal([])
  })
})
