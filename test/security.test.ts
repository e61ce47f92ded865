import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { anchorOf, headings } from './support/page/pages.js'

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('node_modules'))
    .map((path) => ({ path: join(folder, path), text: readFileSync(join(folder, path), 'utf8') }))

/** Without the sandbox, which plays WeChat and is nowhere in production. */
const service = filesIn('src').filter(({ path }) => !path.startsWith('src/sandbox/'))
const pages = ['playground/src', 'simulator/src', 'client/src'].flatMap(filesIn)
const having = (files: typeof service, pattern: RegExp) =>
  files.filter(({ text }) => pattern.test(text)).map(({ path }) => path)

describe('the code of the service', () => {
  it('starts no other program', () => {
    expect(having(service, /child_process/)).to.deep.equal([])
    // Which starts this very program again.
    expect(having(service, /node:cluster/)).to.deep.equal(['src/app/workers/cluster.ts'])
  })

  it('makes no code of text', () => {
    expect(having([...service, ...pages], /(?<![.\w])eval\(|new Function\b|node:vm/)).to.deep.equal([])
  })

  it('sets and reads no cookie', () => {
    expect(having(service, /cookies?\b(?=[.'"(])|set-cookie/i)).to.deep.equal([])
  })

  it('encrypts in one folder, and by the library of Node alone', () => {
    const ciphers = having(service, /createCipher|createDecipher|hkdf|pbkdf2|scrypt|subtle/)
    expect(ciphers.filter((path) => !path.startsWith('src/adapters/crypto/'))).to.deep.equal([])
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(
      Object.keys(dependencies).filter((name) => /crypt|jose|jwt|sodium|forge|hash/.test(name)),
    ).to.deep.equal([])
  })

  it('makes no pattern of what a client wrote', () => {
    // Those of these are made of texts in the code.
    const known = ['src/app/config/names.ts', 'src/app/log/pretty.ts', 'src/app/routes/schemas.ts']
    expect(having(service, /new RegExp\(/).sort()).to.deep.equal(known)
  })

  it('writes to a page no HTML that was put together from data', () => {
    const all = [...service, ...pages]
    expect(having(all, /innerHTML|outerHTML|insertAdjacentHTML|document\.write/)).to.deep.equal([])
  })
})

interface Requirement {
  readonly id: string
  readonly level: number
  readonly status: 'met' | 'partly' | 'no' | 'operator'
  readonly tests?: readonly { readonly file: string; readonly test: string }[]
  readonly pages?: readonly string[]
  readonly note?: string
}

interface Asvs {
  /** How many requirements each section of the standard has. */
  readonly sections: Readonly<Record<string, number>>
  readonly requirements: readonly Requirement[]
  /** Requirements or whole sections. */
  readonly notApplicable: readonly { readonly ids: readonly string[]; readonly why: string }[]
}

describe('security/asvs.json', () => {
  const asvs: Asvs = JSON.parse(readFileSync('security/asvs.json', 'utf8'))
  const of = (section: string) =>
    Array.from({ length: asvs.sections[section] ?? 0 }, (_, n) => `${section}.${n + 1}`)

  it('accounts for each of the 345 requirements of OWASP ASVS 5.0.0, once', () => {
    const all = Object.keys(asvs.sections).flatMap(of)
    expect(all).to.have.length(345)
    const left = asvs.notApplicable.flatMap(({ ids }) =>
      ids.flatMap((id) => (id in asvs.sections ? of(id) : id)),
    )
    const accounted = [...asvs.requirements.map(({ id }) => id), ...left]
    expect([...accounted].sort()).to.deep.equal([...all].sort())
  })

  it('has a test or a page for what is met, and says what is missing of the rest', () => {
    for (const { id, status, tests = [], pages: shown = [], note } of asvs.requirements) {
      if (status === 'met') expect([...tests, ...shown], id).not.to.deep.equal([])
      else if (status !== 'operator') expect(note, id).to.be.a('string')
    }
  })

  it('names tests and pages that are there', () => {
    for (const { id, tests = [], pages: shown = [] } of asvs.requirements) {
      for (const { file } of tests) expect(existsSync(file), `${id}: ${file}`).to.equal(true)
      for (const place of shown) {
        const [page = '', heading] = place.split('#')
        expect(existsSync(page), `${id}: ${page}`).to.equal(true)
        const anchors = headings(page).map(([, , title = '']) => anchorOf(title))
        if (heading !== undefined) expect(anchors, `${id}: ${place}`).to.include(heading)
      }
    }
  })

  it('names tests by titles that stand in the code; whether they ran is for scripts/asvs.mjs to say', () => {
    const written = filesIn('test').flatMap(({ text }) =>
      [...text.matchAll(/\bit\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g)].map(([, , title = '']) =>
        title.replace(/\\(.)/g, '$1'),
      ),
    )
    const plain = new Set(written)
    const patterns = written
      .filter((title) => title.includes('${'))
      .map((title) => title.split(/\$\{.*?\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
      .map((parts) => new RegExp(`^${parts.join('.*')}$`))
    const isWritten = (title: string) => plain.has(title) || patterns.some((pattern) => pattern.test(title))
    const tests = asvs.requirements.flatMap(({ tests = [] }) => tests.map(({ test }) => test))
    expect(tests.filter((title) => !isWritten(title))).to.deep.equal([])
  })

  it('is counted as SECURITY.md says', () => {
    const count = (level: number, status: Requirement['status']) =>
      asvs.requirements.filter((each) => each.level === level && each.status === status).length
    const rows = [1, 2, 3].map((level) =>
      [level, ...(['met', 'partly', 'operator', 'no'] as const).map((status) => count(level, status))].join(
        ' | ',
      ),
    )
    for (const page of ['SECURITY.md', 'SECURITY.zh-CN.md']) {
      for (const row of rows) expect(readFileSync(page, 'utf8'), page).to.include(`| ${row} |`)
    }
  })
})
