import { expect } from 'chai'
import { read } from './support/page/pages.js'

interface Locked {
  readonly dev?: boolean
  readonly link?: boolean
  readonly version?: string
  readonly license?: string
  readonly integrity?: string
  readonly hasInstallScript?: boolean
}

const manifest = JSON.parse(read('package.json'))
const packages: Readonly<Record<string, Locked>> = JSON.parse(read('package-lock.json')).packages
const foreign = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && !link)
const shipped = foreign.filter(([, { dev }]) => !dev)
const namesOf = (those: typeof foreign) => those.map(([path]) => path.replace(/^.*node_modules\//, ''))

describe('what the service is made of', () => {
  it('is 14 packages of others at most, besides what those need themselves', () => {
    const { dependencies, optionalDependencies } = manifest
    const direct = Object.keys({ ...dependencies, ...optionalDependencies })
    expect(direct).to.have.lengthOf.within(1, 14)
  })

  it('is chosen to the version, and what is downloaded is known by its SHA-512', () => {
    const { dependencies, devDependencies } = manifest
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect(version, name).to.match(/^\d+\.\d+\.\d+$/)
    }
    expect(foreign).to.have.lengthOf.above(100)
    for (const [path, { integrity }] of foreign) expect(integrity, path).to.match(/^sha512-[\w+/]{86}==$/)
  })

  it('has licences that ask for no more than their own text to be passed on', () => {
    const permissive = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0']
    const others = shipped.filter(
      ([, { license = 'none' }]) =>
        !license
          .replace(/[()]/g, '')
          .split(' OR ')
          .some((one) => permissive.includes(one)),
    )
    expect(namesOf(others)).to.deep.equal([])
  })

  it('runs no program when it is installed, but for what Node 20 may have to compile', () => {
    const running = shipped.filter(([, { hasInstallScript }]) => hasInstallScript)
    expect(namesOf(running)).to.deep.equal(['better-sqlite3-node20'])
  })

  it('is nothing of others in the packages for the mini program', () => {
    for (const folder of manifest.workspaces) {
      const { dependencies = {} } = JSON.parse(read(`${folder}/package.json`))
      const own = Object.keys(dependencies).filter((name) => !name.startsWith('@r3session/'))
      expect(own, folder).to.deep.equal([])
    }
  })
})
