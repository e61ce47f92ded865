import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { read } from './support/page/pages.js'

const manifestOf = (folder: string) => JSON.parse(read(join(folder, 'package.json')))
const { version, author, workspaces } = manifestOf('.')

describe('the packages', () => {
  it('have one version, which is the newest of the changelog and the one of the lock', () => {
    const lock = JSON.parse(read('package-lock.json')).packages
    for (const folder of workspaces) {
      expect(manifestOf(folder).version, folder).to.equal(version)
      expect(lock[folder].version, folder).to.equal(version)
    }
    expect(lock[''].version).to.equal(version)
    const [newest] = [...read('CHANGELOG.md').matchAll(/^## (\d\S*) - \d{4}-\d\d-\d\d$/gm)]
    expect(newest?.[1]).to.equal(version)
  })

  it('say what they are, whose, for which Node and under which licence', () => {
    for (const folder of ['.', 'client', 'simulator', 'verify']) {
      const manifest = manifestOf(folder)
      expect(manifest, folder).to.include.all.keys('description', 'keywords', 'files', 'engines', 'exports')
      expect(manifest, folder).to.include({ author, license: 'MIT' })
      for (const page of ['LICENSE', 'README.md'])
        expect(existsSync(join(folder, page)), folder).to.equal(true)
    }
  })
})

describe('a build', () => {
  it('leaves nothing that was made of a source that is gone', async () => {
    const { removeStale } = await import(new URL('../scripts/stale.mjs', import.meta.url).href)
    const folder = mkdtempSync(join(tmpdir(), 'r3session-stale-'))
    const [source, target] = [join(folder, 'src'), join(folder, 'dist')]
    const files = {
      [source]: ['kept.ts', 'deep/kept.ts'],
      [target]: [
        'kept.js',
        'kept.js.map',
        'deep/kept.d.ts',
        'gone.js',
        'deep/gone.d.ts',
        'bundle/made.js',
        'data.json',
      ],
    }
    for (const [place, names] of Object.entries(files)) {
      for (const part of ['deep', 'bundle']) mkdirSync(join(place, part), { recursive: true })
      for (const name of names) writeFileSync(join(place, name), '')
    }
    const gone = removeStale(source, target, ['bundle'])
    expect(gone).to.have.members(['gone.js', 'deep/gone.d.ts'])
    expect(readdirSync(target, { recursive: true })).to.have.members([
      'deep',
      'bundle',
      ...(files[target]?.filter((name) => !gone.includes(name)) ?? []),
    ])
    rmSync(folder, { recursive: true })
  })
})
