import { existsSync } from 'node:fs'
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
