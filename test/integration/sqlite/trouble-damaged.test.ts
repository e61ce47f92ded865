import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { checkPages, checkWithWal } from '#src/adapters/sqlite/file/check.js'
import { troubleOf } from '#src/adapters/sqlite/file/trouble.js'
import { inspectSqlite } from '#src/adapters/sqlite/open.js'
import { withSqliteTrouble } from '../../support/store/sqlite-trouble.js'

describe('a SQLite store that can not be opened', () => {
  const { folder, path, secret, open, make, kill, expectTrouble } = withSqliteTrouble()

  describe('because it is damaged', () => {
    const spoilt: Record<string, (page: Buffer) => Buffer> = {
      zeroed: (page) => page.fill(0),
      'of random bytes': (page) => page.fill(randomBytes(page.length)),
      'with a wrong number of cells': (page) => {
        page.writeUInt16BE(page.readUInt16BE(3) + 9, 3)
        return page
      },
    }
    for (const [how, spoil] of Object.entries(spoilt)) {
      it(`says so of any page that is ${how}`, async () => {
        await make(100)
        const whole = readFileSync(path())
        const pages = whole.length / 4096
        expect(pages).to.be.greaterThan(15)
        for (let page = 1; page < pages; page++) {
          const bytes = Buffer.from(whole)
          spoil(bytes.subarray(page * 4096, (page + 1) * 4096))
          writeFileSync(path(), bytes)
          expectTrouble('damaged', /is damaged \(.*: put a backup in its place.* \.recover \|/)
        }
        writeFileSync(path(), whole)
        await open().close()
      })
    }

    it('says so when its end or a table is missing, or its header is wrong', async () => {
      await make(100)
      const whole = readFileSync(path())
      truncateSync(path(), whole.length - 3 * 4096)
      expectTrouble('damaged', /is damaged/)
      writeFileSync(path(), whole)
      writeFileSync(path(), Buffer.from(whole).fill(0xff, 16, 40))
      expectTrouble('no_database', /its beginning is damaged/)
      writeFileSync(path(), whole)
      openConnection(path()).exec('DROP TABLE users; DROP TABLE epoch').close()
      expectTrouble('damaged', /it lacks users, epoch/)
    })

    it('is read whole up to a size, and says what it did not read', async () => {
      await make(100)
      const db = openConnection(path())
      expect(checkPages(db, path())).to.equal(undefined)
      expect(checkPages(db, path(), 1024)).to.match(
        /^it has \d+ MB, and only up to 0 MB are read at the start$/,
      )
      db.close()
      kill(path(), 'UPDATE epoch SET value = 7')
      checkWithWal(path(), 1024)
    })
  })

  describe('because file and WAL are no whole', () => {
    for (const hasIndex of [true, false]) {
      it(`spoils neither, ${hasIndex ? 'with' : 'without'} the index of the WAL; the file alone opens when the WAL is away`, async () => {
        const other = join(folder(), 'other.db')
        await make(300)
        await make(50, other)
        kill(other, 'UPDATE sessions SET unionid = openid; UPDATE users SET ended_epoch = 1')
        copyFileSync(`${other}-wal`, `${path()}-wal`)
        if (hasIndex) copyFileSync(`${other}-shm`, `${path()}-shm`)
        const before = readFileSync(path())
        const wal = readFileSync(`${path()}-wal`)
        let text = ''
        try {
          open()
        } catch (error) {
          expect(troubleOf(error)?.trouble).to.equal('wal_unfit')
          text = troubleOf(error)?.text ?? ''
        }
        expect(text).to.match(
          /damaged when it is read with .*-wal \(.*: if it was put there from a backup, move/,
        )
        expect(readFileSync(path())).to.deep.equal(before)
        expect(readFileSync(`${path()}-wal`)).to.deep.equal(wal)
        expect(existsSync(`${path()}-shm`)).to.equal(hasIndex)
        execFileSync('sh', ['-c', /mv .*?(?=;)/.exec(text)?.[0] ?? 'false'])
        await open().close()
        const db = openConnection(path())
        expect(db.prepare('SELECT count(*) FROM sessions').pluck().get()).to.equal(300)
        db.close()
      })
    }

    it('does not mind the WAL of its own that a killed process left', async () => {
      await make(50)
      kill(path(), 'UPDATE epoch SET value = 7')
      expect(inspectSqlite({ path: path(), besides: [secret()] })).to.deep.equal({ found: 'database' })
      const store = open()
      expect(await store.sessions.epoch()).to.equal(7)
      await store.close()
    })
  })
})
