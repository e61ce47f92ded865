import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { createAesSealer } from '#src/adapters/aes-sealer.js'
import { openSqlite } from '#src/adapters/sqlite.js'
import { openConnection } from '#src/adapters/sqlite-driver.js'
import { createFakeAccessTokens } from '../support/fake-access-tokens.js'
import { temporaryFolder } from '../support/spawn-service.js'
import { describeAccessTokenRepository } from './access-token-repository.js'

const open = (path: string, secrets = ['secret']) =>
  openSqlite({ path, sealer: createAesSealer(secrets, randomBytes), clock: () => 0 })

describeAccessTokenRepository('the fake of the tests', async () => {
  const repository = createFakeAccessTokens()
  return {
    repository,
    other: repository,
    breakDown: async () => repository.breakDown(),
    close: async () => {},
  }
})

describeAccessTokenRepository('SQLite in memory', async () => {
  const { tokens, close } = open(':memory:')
  return { repository: tokens, other: tokens, breakDown: close, close }
})

describeAccessTokenRepository('SQLite on file, opened twice', async () => {
  const folder = temporaryFolder()
  const path = join(folder.path, 'sessions.db')
  const [one, another] = [open(path), open(path)]
  return {
    repository: one.tokens,
    other: another.tokens,
    breakDown: async () => rmSync(path),
    async close() {
      await Promise.all([one.close(), another.close()])
      folder.remove()
    },
  }
})

describe('access_tokens in SQLite', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let path: string
  beforeEach(() => {
    folder = temporaryFolder()
    path = join(folder.path, 'sessions.db')
  })
  afterEach(() => folder.remove())

  const token = { accessToken: 'token', expiresAt: 2, refreshAt: 1 }

  it('outlive the process, and open under a secret that is no longer the newest', async () => {
    const before = open(path)
    await before.tokens.write('wx', token)
    await before.close()
    const rotated = open(path, ['newest', 'secret'])
    expect(await rotated.tokens.read('wx')).to.deep.equal(token)
    await rotated.close()
  })

  it('are nothing to a process without the secret, which can fetch and write its own', async () => {
    const [one, stranger] = [open(path), open(path, ['other'])]
    await one.tokens.write('wx', token)
    expect(await stranger.tokens.read('wx')).to.equal(undefined)
    expect(await stranger.tokens.claim('wx', 0, 1)).to.equal(true)
    await stranger.tokens.write('wx', { ...token, accessToken: 'own' })
    expect(await stranger.tokens.read('wx')).to.deep.equal({ ...token, accessToken: 'own' })
    await Promise.all([one.close(), stranger.close()])
  })

  it('open for no other app than their own', async () => {
    const store = open(path)
    await store.tokens.write('wx-one', token)
    await store.tokens.write('wx-two', token)
    const db = openConnection(path)
    db.exec('UPDATE access_tokens SET sealed_token = (SELECT min(sealed_token) FROM access_tokens)')
    db.close()
    const read = [await store.tokens.read('wx-one'), await store.tokens.read('wx-two')]
    expect(read.filter((each) => each === undefined)).to.have.length(1)
    await store.close()
  })
})
