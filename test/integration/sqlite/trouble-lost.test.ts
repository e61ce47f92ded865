import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { inspectSqlite } from '#src/adapters/sqlite/open.js'
import { withSqliteTrouble } from '../../support/store/sqlite-trouble.js'

describe('a SQLite store that can not be opened', () => {
  const { folder, path, secret, open, make, kill, expectTrouble } = withSqliteTrouble()

  describe('because what was in it is lost', () => {
    const losses: Record<string, () => void> = {
      'is gone': () => rmSync(path()),
      'is empty \\(0 bytes\\)': () => truncateSync(path(), 0),
    }
    for (const [how, lose] of Object.entries(losses)) {
      for (const left of [['.secret'], ['-wal'], ['-shm'], ['-wal', '-shm', '.secret']]) {
        it(`says that it ${how} while ${left.join(', ')} is left, and the command it names is the way to go on`, async () => {
          await make()
          kill(path(), 'UPDATE epoch SET value = 7')
          for (const suffix of ['.secret', '-wal', '-shm'])
            if (!left.includes(suffix)) rmSync(path() + suffix)
          lose()
          const text = expectTrouble('lost', new RegExp(`sessions\\.db ${how}, but .*put the database back`))
          for (const suffix of left) expect(text).to.include(path() + suffix)
          execFileSync('sh', ['-c', /mkdir .*/.exec(text)?.[0] ?? 'false'])
          expect(readdirSync(`${path()}.lost`).sort()).to.deep.equal(
            left.map((suffix) => `sessions.db${suffix}`).sort(),
          )
          const store = open()
          await store.sessions.ready()
          await store.close()
        })
      }
    }

    it('says that its -wal is gone while the -shm is left, and the command it names is the way to go on', async () => {
      await make()
      kill(path(), 'UPDATE epoch SET value = 7')
      rmSync(`${path()}-wal`)
      const text = expectTrouble('wal_gone', /-wal is gone, and .*-shm says that there was one/)
      execFileSync('sh', ['-c', /mv .*/.exec(text)?.[0] ?? 'false'])
      const store = open()
      await store.sessions.ready()
      await store.close()
    })

    it('names a folder that is not there yet, and any path so that a shell takes it', async () => {
      const odd = join(folder(), "o'dd $(x) .db")
      await make(1, odd)
      for (const name of ['.lost', '.lost-2']) mkdirSync(odd + name)
      rmSync(odd)
      const text = expectTrouble('lost', /is gone/, odd)
      execFileSync('sh', ['-c', /mkdir .*/.exec(text)?.[0] ?? 'false'])
      expect(readdirSync(`${odd}.lost-3`)).to.deep.equal(["o'dd $(x) .db.secret"])
    })

    it('says so as well of a database that has no tables any more', async () => {
      await make()
      rmSync(path())
      openConnection(path()).exec('CREATE TABLE a (b); DROP TABLE a').close()
      expectTrouble('lost', /holds no tables/)
    })

    it('is not said at the first start, nor of an empty file with nothing beside it', async () => {
      expect(inspectSqlite({ path: path(), besides: [secret()] })).to.deep.equal({ found: 'nothing' })
      expect(readdirSync(folder())).to.deep.equal([])
      await open().close()
      writeFileSync(join(folder(), 'touched.db'), '')
      expect(inspectSqlite({ path: join(folder(), 'touched.db') })).to.deep.equal({ found: 'nothing' })
      await open(join(folder(), 'touched.db')).close()
    })
  })
})
