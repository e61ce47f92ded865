import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { readEnvFile } from '#src/app/command/env-file.js'
import { WrongSettings } from '#src/app/command/failure.js'
import { temporaryFolder } from '../../support/service/spawn-service.js'

describe('a file of settings', () => {
  let folder: ReturnType<typeof temporaryFolder>
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => folder.remove())

  it('adds what the environment has not, and changes nothing that it has', () => {
    const file = join(folder.path, 'settings')
    writeFileSync(file, '\uFEFFPORT=1\n# a comment\nHOST="127.0.0.1"\nWECHAT_SECRET=\'a b\'\n')
    const env: NodeJS.ProcessEnv = { PORT: '2' }
    readEnvFile(env, file)
    expect(env).to.deep.equal({ PORT: '2', HOST: '127.0.0.1', WECHAT_SECRET: 'a b' })
  })

  it('is refused where it was asked for and can not be read', () => {
    for (const name of ['missing', '.']) {
      const file = join(folder.path, name)
      expect(() => readEnvFile({}, file)).to.throw(WrongSettings, file)
    }
  })

  it('need not be there under its usual name, where a folder may be called so', () => {
    const before = process.cwd()
    process.chdir(folder.path)
    try {
      const env: NodeJS.ProcessEnv = {}
      readEnvFile(env)
      mkdirSync('.env')
      readEnvFile(env)
      expect(env).to.deep.equal({})
    } finally {
      process.chdir(before)
    }
  })
})
