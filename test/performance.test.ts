import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect } from 'chai'

const run = promisify(execFile)
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

describe('the pages on performance', () => {
  it('say what the bench measured last, and no figure by hand', async () => {
    await run(process.execPath, ['bench/report/write.mjs', '--check'])
  })

  it('are not of a short run', () => {
    expect(read('bench/results.json').about.command).not.to.include('--quick')
  })
})

describe('the pages on scaling', () => {
  it('say what the simulation gives, which is within 15 % of what was measured', async () => {
    await run(process.execPath, ['bench/simulate.mjs', '--check'])
  })
})

describe('the bench', () => {
  it('compares with the same packages that the service has, or it would compare versions', () => {
    const own = read('package.json').dependencies
    const { dependencies } = read('bench/package.json')
    const { packages } = read('bench/package-lock.json')
    const shared = Object.keys(dependencies).filter((name) => name in own)
    expect(shared).to.include.members(['koa', 'got', 'better-sqlite3'])
    for (const name of shared) {
      expect(dependencies[name], name).to.equal(own[name])
      expect(packages[`node_modules/${name}`].version, name).to.equal(own[name])
    }
  })
})
