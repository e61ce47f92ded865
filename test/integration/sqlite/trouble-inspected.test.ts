import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { createAesSealer } from '#src/adapters/crypto/sealer.js'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { inspectSqlite, openSqlite } from '#src/adapters/sqlite/open.js'
import { opensRing } from '#src/adapters/store/key-rings.js'
import { loginOf } from '../../support/store/logins.js'
import { openSqliteStore } from '../../support/store/open-sqlite-store.js'
import { withSqliteTrouble } from '../../support/store/sqlite-trouble.js'

describe('a SQLite store that can not be opened', () => {
  const { folder, path, open, make, kill } = withSqliteTrouble()

  it('leaves nothing behind when it fails late, neither a file nor a folder', async () => {
    const at = join(folder(), 'a/b/sessions.db')
    const failing = () => {
      throw new Error('no secret')
    }
    const clocks = { clock: () => 0, elapsed: () => 0, pause: async () => {} }
    expect(() => openSqlite({ ...clocks, path: at, prepare: failing })).to.throw('no secret')
    expect(readdirSync(folder())).to.deep.equal([])
    await make(1)
    const before = readdirSync(folder())
    expect(() => openSqlite({ ...clocks, path: path(), prepare: failing })).to.throw('no secret')
    expect(readdirSync(folder())).to.deep.equal(before)
  })

  describe('inspected while all is well', () => {
    it('makes no file, whether it is closed, open, or was not closed', async () => {
      await make()
      const files = readdirSync(folder())
      expect(inspectSqlite({ path: path() })).to.deep.equal({ found: 'database' })
      expect(readdirSync(folder())).to.deep.equal(files)
      const store = open()
      await store.sessions.ready()
      expect(inspectSqlite({ path: path() })).to.deep.equal({ found: 'database' })
      await store.sessions.save(loginOf(1))
      await store.close()
      kill(path(), 'UPDATE epoch SET value = 7')
      rmSync(`${path()}-shm`)
      expect(inspectSqlite({ path: path() })).to.deep.equal({
        found: 'database',
        unread: 'it was not closed',
      })
      expect(existsSync(`${path()}-shm`)).to.equal(false)
      expect(inspectSqlite({ path: ':memory:' })).to.deep.equal({ found: 'nothing' })
      openConnection(join(folder(), 'bare.db')).exec('CREATE TABLE a (b); DROP TABLE a').close()
      expect(inspectSqlite({ path: join(folder(), 'bare.db') })).to.deep.equal({ found: 'nothing' })
      truncateSync(join(folder(), 'bare.db'), 65 * 1024 * 1024)
      expect(inspectSqlite({ path: join(folder(), 'bare.db') })).to.include({ unread: 'it is large' })
    })

    it('tells whether the secret is that of the database', async () => {
      await make(3)
      const looked = (...secrets: string[]) => {
        const sealer = createAesSealer(secrets, randomBytes)
        return inspectSqlite({ path: path(), opens: (ring) => opensRing(ring, sealer) })
      }
      expect(looked('secret')).to.deep.equal({ found: 'database', secretFits: true })
      expect(looked('other')).to.deep.equal({ found: 'database', secretFits: false })
      expect(looked('other', 'secret')).to.include({ secretFits: true })
      const [wrong, right] = [['other'], ['other', 'secret']].map((secrets) =>
        openSqliteStore({ path: path(), secrets, clock: () => 0 }),
      )
      expect([wrong?.secretFits, right?.secretFits]).to.deep.equal([false, true])
      await wrong?.close()
      await right?.close()
    })
  })
})
