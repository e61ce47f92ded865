import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { openDatabase } from '#src/adapters/sqlite-file.js'
import { startWriterThread } from '#src/adapters/sqlite-thread.js'
import { createWriter, type Writer } from '#src/adapters/sqlite-writer.js'
import { temporaryFolder } from '../support/spawn-service.js'

const session = { appid: 'wx', openid: 'o', id: 'id', createdAt: 1, lastSeenAt: 1, expiresAt: 2 }

describe('the SQLite writer', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let db: Database.Database
  let writer: Writer
  beforeEach(() => {
    folder = temporaryFolder()
    db = openDatabase(join(folder.path, 'sessions.db')).db
    writer = createWriter(db)
  })
  afterEach(() => {
    db.close()
    folder.remove()
  })

  const rows = (sql: string) => db.prepare(sql).pluck().all()

  it('saves only over the keys that the new ones were made from', () => {
    const save = (token: string, keys: string, replaces: string | null) =>
      writer.save(Buffer.from(token), session, keys, replaces)
    expect(save('a', 'keys-1', null)).to.equal(true)
    expect(save('b', 'keys-2', null)).to.equal(false)
    expect(save('b', 'keys-2', 'keys-0')).to.equal(false)
    expect(rows('SELECT sealed_keys FROM users')).to.deep.equal(['keys-1'])
    expect(rows('SELECT count(*) FROM sessions')).to.deep.equal([1])
    expect(save('b', 'keys-2', 'keys-1')).to.equal(true)
    expect(rows('SELECT sealed_keys FROM users')).to.deep.equal(['keys-2'])
  })

  it('has changed nothing, neither session nor keys, when the disk is full', () => {
    db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`)
    let saved = 0
    const fill = () => {
      for (; saved < 1000; saved++) {
        writer.save(randomBytes(32), { ...session, openid: `o-${saved}` }, 'k'.repeat(200), null)
      }
    }
    expect(fill).to.throw(Database.SqliteError).with.property('code', 'SQLITE_FULL')
    expect(saved).to.be.within(1, 999)
    expect(rows('SELECT count(*) FROM sessions')).to.deep.equal([saved])
    expect(rows('SELECT count(*) FROM users')).to.deep.equal([saved])
  })

  it('waits for the disk when it records a login or a logout, and for nothing else', () => {
    const [waits, doesNot] = [2, 1]
    db.exec(`
      CREATE TEMP TABLE log (synchronous);
      CREATE TEMP TRIGGER saved AFTER INSERT ON sessions
        BEGIN INSERT INTO log SELECT synchronous FROM pragma_synchronous; END;
      CREATE TEMP TRIGGER touched AFTER UPDATE ON sessions
        BEGIN INSERT INTO log SELECT synchronous FROM pragma_synchronous; END;
      CREATE TEMP TRIGGER deleted AFTER DELETE ON sessions
        BEGIN INSERT INTO log SELECT synchronous FROM pragma_synchronous; END;`)
    const levels = (work: () => unknown) => {
      work()
      const logged = rows('SELECT synchronous FROM log')
      db.exec('DELETE FROM log')
      return logged
    }
    const [kept, swept] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
    expect(levels(() => writer.save(kept, session, 'keys-1', null))).to.deep.equal([waits])
    expect(levels(() => writer.touch(kept, 5, 6))).to.deep.equal([doesNot])
    expect(levels(() => writer.save(swept, session, 'keys-2', 'keys-1'))).to.deep.equal([waits])
    expect(levels(() => writer.sweepSessions(new Uint8Array(), 5))).to.deep.equal([doesNot])
    expect(levels(() => writer.delete(kept))).to.deep.equal([waits])
  })

  it('goes on waiting for the disk after a use that could not be recorded', () => {
    db.exec("CREATE TRIGGER no BEFORE UPDATE ON sessions BEGIN SELECT raise(ABORT, 'no'); END")
    writer.save(Buffer.alloc(32), session, 'keys', null)
    expect(() => writer.touch(Buffer.alloc(32), 5, 6)).to.throw(Database.SqliteError)
    expect(db.pragma('synchronous', { simple: true })).to.equal(2)
  })
})

describe('the thread of the SQLite writer', () => {
  it('fails every call, with a code, when it has ended', async () => {
    const write = startWriterThread('/dev/null/no/such/place')
    const calls = [write('rehearse'), write('delete', new Uint8Array(32))]
    for (const call of [...calls, calls[0]?.catch(() => write('rehearse'))]) {
      const error = await call?.catch((reason: unknown) => reason)
      expect(error)
        .to.be.instanceOf(Database.SqliteError)
        .and.include({ code: 'WRITER_THREAD_ENDED by TypeError' })
    }
  })
})
