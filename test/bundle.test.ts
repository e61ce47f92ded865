import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'

const folder = new URL('../dist/bundle/', import.meta.url)

/** What the start of the service reads and compiles. */
describe('the bundle of the service', () => {
  const programs = readdirSync(folder).filter((name) => /^(main|worker|chunk-\w+)\.js$/.test(name))
  const main = readFileSync(new URL('main.js', folder), 'utf8')

  // esbuild escapes texts, but not regular expressions and tagged templates: there `\u201c` or `&larr;` helps.
  it('is ASCII, since a single other character makes V8 keep and read all of it in two bytes each', () => {
    expect(programs).to.include.members(['main.js', 'worker.js'])
    for (const name of programs) {
      const [odd] = /[^\0-\x7f]{1,20}/.exec(readFileSync(new URL(name, folder), 'utf8')) ?? []
      expect(odd, name).to.equal(undefined)
    }
  })

  it('leaves out large tables and packages that nothing in it uses', () => {
    const types = main.match(/application\/vnd\.[\w.+-]+/g) ?? []
    expect(types.length).to.be.below(20)
    for (const name of ['windows1251', 'gb18030', 'http-cache-semantics', 'object-inspect'])
      expect(main.includes(`${name}:`) || main.includes(`node_modules/${name}/`), name).to.equal(false)
  })
})
