import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { explained, type Trouble, troubleOf } from '#src/adapters/sqlite/file/trouble.js'
import { withSqliteTrouble } from '../../support/store/sqlite-trouble.js'

const NOBODY = 65_534

describe('a SQLite store that can not be opened', () => {
  const { folder, path, make, kill, expectTrouble } = withSqliteTrouble()

  it('says what lies there instead of a file', () => {
    mkdirSync(path())
    expectTrouble(
      'directory',
      /is a directory, not a file\. Docker .*SESSION_STORE=sqlite:.*sessions\.db\/sessions\.db$/,
    )
    execFileSync('mkfifo', [join(folder(), 'pipe')])
    expectTrouble('no_file', /is a pipe, a socket or a device/, join(folder(), 'pipe'))
    symlinkSync('nowhere', join(folder(), 'link'))
    expectTrouble('dangling_link', /is a link to nowhere, which is not there/, join(folder(), 'link'))
    writeFileSync(join(folder(), 'file'), '')
    expectTrouble(
      'parent_is_file',
      /file is no folder, so .* can not lie in it/,
      join(folder(), 'file/a/s.db'),
    )
    expectTrouble('parent_is_file', /link is no folder/, join(folder(), 'link/s.db'))
    symlinkSync('round', join(folder(), 'round'))
    expectTrouble('failed', /ELOOP, its links lead in a circle/, join(folder(), 'round'))
    expectTrouble('failed', /ENAMETOOLONG, the path is too long/, join(folder(), 'x'.repeat(300)))
  })

  it('says that it is no database', () => {
    for (const [n, bytes] of [Buffer.from('diary'), Buffer.alloc(8192), randomBytes(5000)].entries()) {
      const at = join(folder(), `${n}.db`)
      writeFileSync(at, bytes)
      expectTrouble('no_database', /is no SQLite database, or its beginning is damaged/, at)
    }
  })

  it('says whose it is when it is another application’s, or a newer version’s', async () => {
    openConnection(path()).exec('CREATE TABLE theirs (a)').close()
    expectTrouble('other_application', /database of another application/)
    openConnection(path()).exec('DROP TABLE theirs').close()
    await make()
    openConnection(path()).exec('PRAGMA user_version = 9').close()
    expectTrouble('newer_version', /written by a newer r3session \(schema 9/)
    kill(path(), 'PRAGMA user_version = 8')
    expectTrouble('newer_version', /written by a newer r3session \(schema 8/)
  })

  it('says what this user may not do, and whose the file has to be', async () => {
    // Root may do everything, so under root the looking is done by another user.
    const isRoot = process.getuid?.() === 0
    const inFolder = (...names: string[]) => join(folder(), ...names)
    for (const name of ['closed', 'fixed']) await make(1, inFolder(name, 'sessions.db'))
    for (const name of ['unreadable.db', 'theirs.db']) await make(1, inFolder(name))
    chmodSync(inFolder('unreadable.db'), 0)
    chmodSync(inFolder('theirs.db'), 0o666)
    if (isRoot) {
      for (const name of readdirSync(folder(), { recursive: true, encoding: 'utf8' }))
        if (!name.startsWith('theirs')) chownSync(inFolder(name), NOBODY, NOBODY)
      chownSync(folder(), NOBODY, NOBODY)
    }
    chmodSync(inFolder('closed'), 0)
    chmodSync(inFolder('fixed'), 0o500)
    const expected: [string, Trouble, RegExp][] = [
      [
        'unreadable.db',
        'no_access',
        /can not be read and written by this user \(uid \d+\): chown \d+ .*chmod 600/,
      ],
      ['closed/sessions.db', 'no_access', /the folder of .* is closed to this user/],
      [
        'fixed/sessions.db',
        'folder_not_writable',
        /the folder .*fixed can not be written by this user.*: chown \d+ /,
      ],
      ['fixed/new/sessions.db', 'folder_not_writable', /the folder .*fixed can not be written/],
      ...(isRoot
        ? [['theirs.db', 'other_owner', /belongs to another user \(uid 0\)/] as [string, Trouble, RegExp]]
        : []),
    ]
    // It becomes the other user once all is loaded: they may not reach Node or this folder at all.
    const become = isRoot ? `process.setgroups([]); process.setgid(${NOBODY}); process.setuid(${NOBODY})` : ''
    const program = `
      import { inspectSqlite, openSqlite, sqliteVersion } from '#src/adapters/sqlite/open.js'
      sqliteVersion()
      ${become}
      console.log(JSON.stringify(process.argv.slice(1).map((path) => {
        let opened
        try { openSqlite({ path, prepare() {}, clock: () => 0 }) } catch (error) { opened = error.cause.message }
        return { opened, ...inspectSqlite({ path }) }
      })))`
    const paths = expected.map(([name]) => inFolder(name))
    const before = readdirSync(folder(), { recursive: true }).sort()
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', program, ...paths], {
      encoding: 'utf8',
    })
    const found = JSON.parse(said)
    for (const [n, [name, trouble, says]] of expected.entries()) {
      expect(found[n].trouble, name).to.equal(trouble)
      expect(found[n].text, name).to.match(says)
      expect(found[n].opened, name).to.equal(found[n].text)
    }
    for (const name of ['closed', 'fixed']) chmodSync(inFolder(name), 0o700)
    expect(readdirSync(folder(), { recursive: true }).sort()).to.include.members(before)
    expect(readdirSync(inFolder('fixed')).sort()).to.deep.equal(['sessions.db', 'sessions.db.secret'])
  })

  it('says what the codes of SQLite and the file system mean', () => {
    const codes: [string, Trouble, RegExp][] = [
      ['EROFS', 'read_only', /read-only file system: mount its folder writable/],
      ['SQLITE_FULL', 'failed', /SQLITE_FULL, the disk is full/],
      ['ENOSPC', 'failed', /the disk is full/],
      ['SQLITE_BUSY', 'failed', /another process keeps it locked/],
      ['SQLITE_IOERR_SHMMAP', 'failed', /local disk/],
      ['SQLITE_IOERR_READ', 'failed', /the disk fails/],
      ['SQLITE_CANTOPEN', 'failed', /closed to this user/],
      ['EMFILE', 'failed', /ulimit/],
      ['EUNKNOWN', 'failed', /x\.db: EUNKNOWN$/],
      ['SQLITE_CORRUPT_INDEX', 'damaged', /is damaged \(SQLITE_CORRUPT_INDEX\)/],
    ]
    for (const [code, trouble, says] of codes) {
      const found = troubleOf(explained(Object.assign(new Error('canary'), { code }), '/x.db'))
      expect(found?.trouble, code).to.equal(trouble)
      expect(found?.text, code).to.match(says).and.not.include('canary')
    }
    const defect = new TypeError('a defect')
    expect(explained(defect, '/x.db')).to.equal(defect)
    expect(troubleOf(defect)).to.equal(undefined)
  })
})
