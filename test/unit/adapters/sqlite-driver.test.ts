import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadDriver, openConnection, packageFor } from '#src/adapters/sqlite/driver.js'
import { R3SessionError } from '#src/domain/errors.js'

describe('the SQLite driver', () => {
  it('is chosen by the Node-API that this Node has, since a wrong one ends the process', () => {
    expect(['10', '11', '100'].map(packageFor)).to.deep.equal(Array(3).fill('better-sqlite3'))
    expect(['9', '8', '', undefined].map(packageFor)).to.deep.equal(Array(4).fill('better-sqlite3-node20'))
  })

  it('has an SQLite without the WAL defect that was mended in 3.51.3', () => {
    const db = openConnection(':memory:')
    const [major = 0, minor = 0, patch = 0] = String(db.prepare('SELECT sqlite_version()').pluck().get())
      .split('.')
      .map(Number)
    db.close()
    expect(major * 1e6 + minor * 1e3 + patch).to.be.at.least(3_051_003)
  })

  for (const [name, command] of [
    ['better-sqlite3-node20', 'npm ci --include=optional'],
    ['better-sqlite3', 'npm ci'],
  ] as const) {
    it(`names this Node and the cure where ${name} has no binding`, () => {
      // Resolves to nothing, yet is of the same kind.
      expect(() => loadDriver(name, './no-such-folder/'))
        .to.throw(R3SessionError)
        .that.satisfies(({ code, cause }: R3SessionError) => {
          expect(code).to.equal('storage_unavailable')
          expect(cause)
            .to.have.property('message')
            .that.includes(process.version)
            .and.includes(`"${command}"`)
          return true
        })
    })
  }

  it('is the only file that names better-sqlite3, but for what the bench compares with', () => {
    // The rivals are others' programs, and what is installed for them is not for reading.
    const folders = ['src', 'test', 'scripts', 'bench', 'bench/report', 'bench/runner', 'bench/wechat']
    const naming = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: folder !== 'bench', encoding: 'utf8' })
        .filter((path) => /\.(ts|mjs)$/.test(path))
        .map((path) => join(folder, path))
        .filter((path) => /(from|import\(|require\() ?'better-sqlite3/.test(readFileSync(path, 'utf8'))),
    )
    expect(naming).to.deep.equal(['src/adapters/sqlite/driver.ts'])
  })
})

describe('the lock file', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))

  it('has npm compile the old better-sqlite3 on Node 20 only, and complain of the new one nowhere', () => {
    // npm takes "engines" from here: it skips an optional package that doesn't fit, and warns of any other. An update
    // of these packages brings their own engines back; then set these by hand again.
    const { engines, optional } = packages['node_modules/better-sqlite3-node20']
    expect({ engines, optional }).to.deep.equal({ engines: { node: '20.x' }, optional: true })
    expect(packages['node_modules/better-sqlite3']).not.to.have.property('engines')
  })

  it('has npm compile nothing on its own account, so that it needs no Python where binaries come ready-made', () => {
    // npm builds whatever has a binding.gyp, unless the lock says "gypfile": false: it asks no package.json for that.
    const built = Object.entries<{ hasInstallScript?: true; gypfile?: boolean }>(packages).filter(
      ([path, { hasInstallScript, gypfile }]) =>
        path !== '' && !hasInstallScript && gypfile !== false && existsSync(join(path, 'binding.gyp')),
    )
    expect(built.map(([path]) => path)).to.deep.equal([])
  })

  it('has a decision for each package with an install script, so that npm asks nobody', () => {
    const { allowScripts } = JSON.parse(readFileSync('package.json', 'utf8'))
    const withScripts = Object.entries<{ name?: string; hasInstallScript?: true; link?: true }>(packages)
      .filter(([path, { hasInstallScript, link }]) => path !== '' && hasInstallScript && !link)
      .map(([path, { name }]) => name ?? path.replace(/^.*node_modules\//, ''))
    expect(Object.keys(allowScripts)).to.include.members(withScripts)
  })
})
