import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Database, openConnection } from '#src/adapters/sqlite/driver.js'
import { connect } from '#src/adapters/sqlite/file/open-file.js'
import { migrate, released } from '#src/adapters/sqlite/schema.js'
import { R3SessionError } from '#src/domain/errors.js'
import { temporaryFolder } from '../../support/service/spawn-service.js'
import { openSqliteSessions } from '../../support/store/open-sqlite-store.js'

describe('the file of the SQLite sessions', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let path: string
  let umask: number
  beforeEach(() => {
    folder = temporaryFolder()
    path = join(folder.path, 'sessions.db')
    umask = process.umask(0o022)
  })
  afterEach(() => {
    process.umask(umask)
    folder.remove()
  })

  const open = (at = path) => openSqliteSessions({ path: at, clock: () => 0 })
  const modeOf = (name: string) => (statSync(name).mode & 0o777).toString(8)
  /** What opening says is wrong. */
  const refusal = (at = path) => {
    try {
      open(at)
    } catch (error) {
      expect(error).to.be.instanceOf(R3SessionError).and.include({ code: 'storage_unavailable' })
      return (error as R3SessionError & { cause: Error }).cause.message
    }
    throw new Error('it opened')
  }
  /** Makes a database by hand and gives its bytes. */
  const made = (sql: string) => {
    openConnection(path).exec(sql).close()
    return readFileSync(path)
  }

  it('is made with its folder, for the owner only', async () => {
    const nested = join(folder.path, 'new/data/sessions.db')
    const sessions = open(nested)
    await sessions.ready()
    for (const suffix of ['', '-wal', '-shm']) expect(modeOf(nested + suffix), suffix).to.equal('600')
    expect(modeOf(join(folder.path, 'new/data'))).to.equal('700')
    expect(modeOf(join(folder.path, 'new'))).to.equal('700')
    await sessions.close()
  })

  it('is closed to others when it was open to them; a folder that was there stays as it is', async () => {
    await open().close()
    const other = openConnection(path)
    other.exec('BEGIN; SELECT * FROM sessions')
    for (const suffix of ['', '-wal', '-shm']) chmodSync(path + suffix, 0o644)
    chmodSync(folder.path, 0o755)
    const sessions = open()
    for (const suffix of ['', '-wal', '-shm']) expect(modeOf(path + suffix), suffix).to.equal('600')
    expect(modeOf(folder.path)).to.equal('755')
    other.close()
    await sessions.close()
  })

  it('may be reached through a symbolic link', async () => {
    mkdirSync(join(folder.path, 'elsewhere'))
    await open(join(folder.path, 'elsewhere/real.db')).close()
    symlinkSync('elsewhere/real.db', path)
    const sessions = open()
    await sessions.ready()
    await sessions.close()
    expect(readdirSync(folder.path).sort()).to.deep.equal(['elsewhere', 'sessions.db'])
  })

  it('says whose it is, in which version, and is in WAL mode', async () => {
    await open().close()
    const db = openConnection(path)
    expect(db.pragma('application_id', { simple: true })).to.equal(Buffer.from('r3ss').readInt32BE())
    expect(db.pragma('user_version', { simple: true })).to.equal(released.length)
    expect(db.pragma('journal_mode', { simple: true })).to.equal('wal')
    db.close()
  })

  it('is complete in itself once it is closed, also while another process has it open', async () => {
    const [first, last] = [open(), open()]
    await Promise.all([first.ready(), last.ready()])
    expect(statSync(`${path}-wal`).size).to.be.greaterThan(0)
    await first.close()
    expect(statSync(`${path}-wal`).size).to.equal(0)
    await last.close()
    expect(readdirSync(folder.path)).to.deep.equal(['sessions.db'])
  })

  it('may be empty, or an empty database, to begin with', async () => {
    writeFileSync(path, '')
    await open().close()
    const emptied = join(folder.path, 'emptied.db')
    openConnection(emptied)
      .exec('PRAGMA application_id = 7; PRAGMA user_version = 7; CREATE TABLE a (b); DROP TABLE a')
      .close()
    const sessions = open(emptied)
    await sessions.ready()
    await sessions.close()
  })

  it('is refused, and left as it is, when it is a database of another application', () => {
    const foreign = [
      'CREATE TABLE theirs (a)',
      'PRAGMA application_id = 7; CREATE TABLE sessions (a)',
      'PRAGMA user_version = 1; CREATE VIEW theirs AS SELECT 1',
    ]
    for (const [n, sql] of foreign.entries()) {
      path = join(folder.path, `foreign-${n}.db`)
      const before = made(sql)
      expect(refusal()).to.equal(
        'the file is a database of another application: name a file of its own for the sessions',
      )
      expect(readFileSync(path)).to.deep.equal(before)
      expect(modeOf(path)).to.equal('644')
    }
  })

  it('is refused, and left as it is, when a newer version wrote it', async () => {
    await open().close()
    const before = made('PRAGMA user_version = 9')
    expect(refusal()).to.match(
      /written by a newer r3session \(schema 9, this one knows \d\): start that version/,
    )
    expect(readFileSync(path)).to.deep.equal(before)
  })

  it('is refused, and left as it is, when it is no database', () => {
    writeFileSync(path, 'Dear diary, today I met a session store. It was very strict.\n'.repeat(100))
    const before = readFileSync(path)
    expect(refusal()).to.match(/sessions\.db is no SQLite database, .* name another file in SESSION_STORE/)
    expect(readFileSync(path)).to.deep.equal(before)
  })

  it('is refused when it is a folder, lies in none, or is a link to nowhere', () => {
    expect(refusal(folder.path)).to.match(/ is a directory, not a file\..* mount the folder/)
    writeFileSync(join(folder.path, 'file'), '')
    expect(refusal(join(folder.path, 'file/sessions.db'))).to.match(/\/file is no folder, .*: name a path/)
    symlinkSync('nowhere', path)
    expect(refusal()).to.match(/ is a link to nowhere, which is not there: mount or restore/)
  })
})

describe('the schema of the SQLite sessions', () => {
  const first = 'CREATE TABLE one (a)'
  const second = 'CREATE TABLE two (a); INSERT INTO one VALUES (2)'
  const versionOf = (db: Database) => db.pragma('user_version', { simple: true })
  let db: Database
  beforeEach(() => {
    db = connect(':memory:')
  })
  afterEach(() => {
    db.close()
  })

  it('takes the steps that are missing, each once', () => {
    migrate(db, [first])
    expect(versionOf(db)).to.equal(1)
    migrate(db, [first, second])
    migrate(db, [first, second])
    expect(versionOf(db)).to.equal(2)
    expect(db.prepare('SELECT a FROM one').pluck().all()).to.deep.equal([2])
  })

  it('takes all of them or none', () => {
    migrate(db, [first])
    expect(() => migrate(db, [first, second, 'CREATE TABLE one (b)']))
      .to.throw()
      .with.property('name', 'SqliteError')
    expect(versionOf(db)).to.equal(1)
    expect(db.prepare('SELECT name FROM sqlite_schema').pluck().all()).to.deep.equal(['one'])
  })
})
