import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { createAesSealer } from '#src/adapters/crypto/sealer.js'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { checkPages, checkWithWal } from '#src/adapters/sqlite/file/check.js'
import { explained, type Trouble, troubleOf } from '#src/adapters/sqlite/file/trouble.js'
import { inspectSqlite, openSqlite } from '#src/adapters/sqlite/open.js'
import { opensRing } from '#src/adapters/store/key-rings.js'
import { openSqliteStore } from '../support/open-sqlite-store.js'
import { temporaryFolder } from '../support/spawn-service.js'

const NOBODY = 65_534
const now = Date.UTC(2026, 0, 1)
const loginOf = (n: number) => ({
  token: createHash('sha512').update(`token ${n}`).digest('hex'),
  session: {
    appid: 'wx',
    openid: `o-${n}`,
    id: `id-${n}`,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: now + 1000,
  },
  sessionKey: 'key',
  epoch: 0,
  maxSessions: 10,
})

describe('a SQLite store that can not be opened', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let path: string
  let secret: string
  beforeEach(() => {
    folder = temporaryFolder()
    path = join(folder.path, 'sessions.db')
    secret = `${path}.secret`
  })
  afterEach(() => folder.remove())

  const open = (at = path) => openSqliteStore({ path: at, besides: [`${at}.secret`], clock: () => now })

  /** A database with so many sessions, closed, beside its secret. */
  async function make(count = 1, at = path): Promise<void> {
    const store = open(at)
    await store.sessions.ready()
    await store.close()
    const db = openConnection(at)
    const insert = db.prepare("INSERT INTO sessions VALUES (?, 'wx', ?, 'id', NULL, 0, 0, 0)")
    const sealer = createAesSealer(['secret'], randomBytes)
    const user = db.prepare("INSERT INTO users (appid, openid, sealed_keys) VALUES ('wx', ?, ?)")
    const attempt = db.prepare('INSERT INTO login_attempts VALUES (?, ?, 0, 0, ?, NULL, NULL)')
    const token = db.prepare('INSERT INTO access_tokens VALUES (?, ?, 0)')
    db.transaction(() => {
      for (let n = 0; n < count; n++) {
        const hash = createHash('sha256').update(`${at} ${n}`).digest()
        insert.run(hash, `o-${n}`)
        user.run(`o-${n}`, sealer.seal('[]', JSON.stringify(['users', 'wx', `o-${n}`])))
        attempt.run(hash, hash, 'x'.repeat(50))
        token.run(`wx${n}`, 'x'.repeat(50))
      }
    })()
    db.close()
    writeFileSync(`${at}.secret`, 'secret')
  }

  /** Leaves the files as a killed process does: the last commits are in the WAL only. */
  function kill(at: string, sql: string): void {
    const db = openConnection(at)
    db.pragma('wal_autocheckpoint = 0')
    db.exec(sql)
    for (const suffix of ['', '-wal', '-shm']) copyFileSync(at + suffix, `${at}${suffix}.kept`)
    db.close()
    for (const suffix of ['', '-wal', '-shm']) renameSync(`${at}${suffix}.kept`, at + suffix)
  }

  const contents = () =>
    readdirSync(folder.path, { recursive: true, encoding: 'utf8' })
      .sort()
      // The index of the WAL is made anew at each start.
      .map((name) => [
        name,
        name.endsWith('-shm') || !lstatSync(join(folder.path, name)).isFile()
          ? ''
          : readFileSync(join(folder.path, name), 'latin1'),
      ])

  /** Expects that looking and opening both find this trouble, and that neither leaves or changes anything. */
  function expectTrouble(
    trouble: Trouble,
    says: RegExp,
    at = path,
    act = <T>(work: () => T) => work(),
  ): string {
    const before = contents()
    const looked = act(() => inspectSqlite({ path: at, besides: [`${at}.secret`] }))
    expect(contents()).to.deep.equal(before)
    let found: ReturnType<typeof troubleOf>
    try {
      act(() => open(at))
    } catch (error) {
      found = troubleOf(error)
      if (found === undefined) throw error
    }
    expect(found?.text).to.match(says).and.not.include('\n')
    expect(found?.trouble).to.equal(trouble)
    expect(contents()).to.deep.equal(before)
    expect(looked).to.deep.equal({ found: 'trouble', ...found })
    return found?.text ?? ''
  }

  describe('because what was in it is lost', () => {
    const losses: Record<string, () => void> = {
      'is gone': () => rmSync(path),
      'is empty \\(0 bytes\\)': () => truncateSync(path, 0),
    }
    for (const [how, lose] of Object.entries(losses)) {
      for (const left of [['.secret'], ['-wal'], ['-shm'], ['-wal', '-shm', '.secret']]) {
        it(`says that it ${how} while ${left.join(', ')} is left, and the command it names is the way to go on`, async () => {
          await make()
          kill(path, 'UPDATE epoch SET value = 7')
          for (const suffix of ['.secret', '-wal', '-shm']) if (!left.includes(suffix)) rmSync(path + suffix)
          lose()
          const text = expectTrouble('lost', new RegExp(`sessions\\.db ${how}, but .*put the database back`))
          for (const suffix of left) expect(text).to.include(path + suffix)
          execFileSync('sh', ['-c', /mkdir .*/.exec(text)?.[0] ?? 'false'])
          expect(readdirSync(`${path}.lost`).sort()).to.deep.equal(
            left.map((suffix) => `sessions.db${suffix}`).sort(),
          )
          const store = open()
          await store.sessions.ready()
          await store.close()
        })
      }
    }

    it('names a folder that is not there yet, and any path so that a shell takes it', async () => {
      const odd = join(folder.path, "o'dd $(x) .db")
      await make(1, odd)
      for (const name of ['.lost', '.lost-2']) mkdirSync(odd + name)
      rmSync(odd)
      const text = expectTrouble('lost', /is gone/, odd)
      execFileSync('sh', ['-c', /mkdir .*/.exec(text)?.[0] ?? 'false'])
      expect(readdirSync(`${odd}.lost-3`)).to.deep.equal(["o'dd $(x) .db.secret"])
    })

    it('says so as well of a database that has no tables any more', async () => {
      await make()
      rmSync(path)
      openConnection(path).exec('CREATE TABLE a (b); DROP TABLE a').close()
      expectTrouble('lost', /holds no tables/)
    })

    it('is not said at the first start, nor of an empty file with nothing beside it', async () => {
      expect(inspectSqlite({ path, besides: [secret] })).to.deep.equal({ found: 'nothing' })
      expect(readdirSync(folder.path)).to.deep.equal([])
      await open().close()
      writeFileSync(join(folder.path, 'touched.db'), '')
      expect(inspectSqlite({ path: join(folder.path, 'touched.db') })).to.deep.equal({ found: 'nothing' })
      await open(join(folder.path, 'touched.db')).close()
    })
  })

  it('says what lies there instead of a file', () => {
    mkdirSync(path)
    expectTrouble(
      'directory',
      /is a directory, not a file\. Docker .*SESSION_STORE=sqlite:.*sessions\.db\/sessions\.db$/,
    )
    execFileSync('mkfifo', [join(folder.path, 'pipe')])
    expectTrouble('no_file', /is a pipe, a socket or a device/, join(folder.path, 'pipe'))
    symlinkSync('nowhere', join(folder.path, 'link'))
    expectTrouble('dangling_link', /is a link to nowhere, which is not there/, join(folder.path, 'link'))
    writeFileSync(join(folder.path, 'file'), '')
    expectTrouble(
      'parent_is_file',
      /file is no folder, so .* can not lie in it/,
      join(folder.path, 'file/a/s.db'),
    )
    expectTrouble('parent_is_file', /link is no folder/, join(folder.path, 'link/s.db'))
    symlinkSync('round', join(folder.path, 'round'))
    expectTrouble('failed', /ELOOP, its links lead in a circle/, join(folder.path, 'round'))
    expectTrouble('failed', /ENAMETOOLONG, the path is too long/, join(folder.path, 'x'.repeat(300)))
  })

  it('says that it is no database', () => {
    for (const [n, bytes] of [Buffer.from('diary'), Buffer.alloc(8192), randomBytes(5000)].entries()) {
      const at = join(folder.path, `${n}.db`)
      writeFileSync(at, bytes)
      expectTrouble('no_database', /is no SQLite database, or its beginning is damaged/, at)
    }
  })

  it('says whose it is when it is another application’s, or a newer version’s', async () => {
    openConnection(path).exec('CREATE TABLE theirs (a)').close()
    expectTrouble('other_application', /database of another application/)
    openConnection(path).exec('DROP TABLE theirs').close()
    await make()
    openConnection(path).exec('PRAGMA user_version = 9').close()
    expectTrouble('newer_version', /written by a newer r3session \(schema 9/)
    kill(path, 'PRAGMA user_version = 8')
    expectTrouble('newer_version', /written by a newer r3session \(schema 8/)
  })

  it('says what this user may not do, and whose the file has to be', async () => {
    // Root may do everything, so under root the looking is done by another user.
    const isRoot = process.getuid?.() === 0
    const inFolder = (...names: string[]) => join(folder.path, ...names)
    for (const name of ['closed', 'fixed']) await make(1, inFolder(name, 'sessions.db'))
    for (const name of ['unreadable.db', 'theirs.db']) await make(1, inFolder(name))
    chmodSync(inFolder('unreadable.db'), 0)
    chmodSync(inFolder('theirs.db'), 0o666)
    if (isRoot) {
      for (const name of readdirSync(folder.path, { recursive: true, encoding: 'utf8' }))
        if (!name.startsWith('theirs')) chownSync(inFolder(name), NOBODY, NOBODY)
      chownSync(folder.path, NOBODY, NOBODY)
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
    const program = `
      import { inspectSqlite, openSqlite } from '#src/adapters/sqlite/open.js'
      console.log(JSON.stringify(process.argv.slice(1).map((path) => {
        let opened
        try { openSqlite({ path, prepare() {}, clock: () => 0 }) } catch (error) { opened = error.cause.message }
        return { opened, ...inspectSqlite({ path }) }
      })))`
    const paths = expected.map(([name]) => inFolder(name))
    const before = readdirSync(folder.path, { recursive: true }).sort()
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', program, ...paths], {
      ...(isRoot && { uid: NOBODY, gid: NOBODY }),
      encoding: 'utf8',
    })
    const found = JSON.parse(said)
    for (const [n, [name, trouble, says]] of expected.entries()) {
      expect(found[n].trouble, name).to.equal(trouble)
      expect(found[n].text, name).to.match(says)
      expect(found[n].opened, name).to.equal(found[n].text)
    }
    for (const name of ['closed', 'fixed']) chmodSync(inFolder(name), 0o700)
    expect(readdirSync(folder.path, { recursive: true }).sort()).to.include.members(before)
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
        const whole = readFileSync(path)
        const pages = whole.length / 4096
        expect(pages).to.be.greaterThan(15)
        for (let page = 1; page < pages; page++) {
          const bytes = Buffer.from(whole)
          spoil(bytes.subarray(page * 4096, (page + 1) * 4096))
          writeFileSync(path, bytes)
          expectTrouble('damaged', /is damaged \(.*: put a backup in its place.* \.recover \|/)
        }
        writeFileSync(path, whole)
        await open().close()
      })
    }

    it('says so when its end or a table is missing, or its header is wrong', async () => {
      await make(100)
      const whole = readFileSync(path)
      truncateSync(path, whole.length - 3 * 4096)
      expectTrouble('damaged', /is damaged/)
      writeFileSync(path, whole)
      writeFileSync(path, Buffer.from(whole).fill(0xff, 16, 40))
      expectTrouble('no_database', /its beginning is damaged/)
      writeFileSync(path, whole)
      openConnection(path).exec('DROP TABLE users; DROP TABLE epoch').close()
      expectTrouble('damaged', /it lacks users, epoch/)
    })

    it('is read whole up to a size, and says what it did not read', async () => {
      await make(100)
      const db = openConnection(path)
      expect(checkPages(db, path)).to.equal(undefined)
      expect(checkPages(db, path, 1024)).to.match(
        /^it has \d+ MB, and only up to 0 MB are read at the start$/,
      )
      db.close()
      kill(path, 'UPDATE epoch SET value = 7')
      checkWithWal(path, 1024)
    })
  })

  describe('because file and WAL are no whole', () => {
    for (const hasIndex of [true, false]) {
      it(`spoils neither, ${hasIndex ? 'with' : 'without'} the index of the WAL; the file alone opens when the WAL is away`, async () => {
        const other = join(folder.path, 'other.db')
        await make(300)
        await make(50, other)
        kill(other, 'UPDATE sessions SET unionid = openid; UPDATE users SET ended_epoch = 1')
        copyFileSync(`${other}-wal`, `${path}-wal`)
        if (hasIndex) copyFileSync(`${other}-shm`, `${path}-shm`)
        const before = readFileSync(path)
        const wal = readFileSync(`${path}-wal`)
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
        expect(readFileSync(path)).to.deep.equal(before)
        expect(readFileSync(`${path}-wal`)).to.deep.equal(wal)
        expect(existsSync(`${path}-shm`)).to.equal(hasIndex)
        execFileSync('sh', ['-c', /mv .*?(?=;)/.exec(text)?.[0] ?? 'false'])
        await open().close()
        const db = openConnection(path)
        expect(db.prepare('SELECT count(*) FROM sessions').pluck().get()).to.equal(300)
        db.close()
      })
    }

    it('does not mind the WAL of its own that a killed process left', async () => {
      await make(50)
      kill(path, 'UPDATE epoch SET value = 7')
      expect(inspectSqlite({ path, besides: [secret] })).to.deep.equal({ found: 'database' })
      const store = open()
      expect(await store.sessions.epoch()).to.equal(7)
      await store.close()
    })
  })

  it('leaves nothing behind when it fails late, neither a file nor a folder', async () => {
    const at = join(folder.path, 'a/b/sessions.db')
    const failing = () => {
      throw new Error('no secret')
    }
    const clocks = { clock: () => 0, elapsed: () => 0, pause: async () => {} }
    expect(() => openSqlite({ ...clocks, path: at, prepare: failing })).to.throw('no secret')
    expect(readdirSync(folder.path)).to.deep.equal([])
    await make(1)
    const before = readdirSync(folder.path)
    expect(() => openSqlite({ ...clocks, path, prepare: failing })).to.throw('no secret')
    expect(readdirSync(folder.path)).to.deep.equal(before)
  })

  describe('inspected while all is well', () => {
    it('makes no file, whether it is closed, open, or was not closed', async () => {
      await make()
      const files = readdirSync(folder.path)
      expect(inspectSqlite({ path })).to.deep.equal({ found: 'database' })
      expect(readdirSync(folder.path)).to.deep.equal(files)
      const store = open()
      await store.sessions.ready()
      expect(inspectSqlite({ path })).to.deep.equal({ found: 'database' })
      await store.sessions.save(loginOf(1))
      await store.close()
      kill(path, 'UPDATE epoch SET value = 7')
      rmSync(`${path}-shm`)
      expect(inspectSqlite({ path })).to.deep.equal({ found: 'database', unread: 'it was not closed' })
      expect(existsSync(`${path}-shm`)).to.equal(false)
      expect(inspectSqlite({ path: ':memory:' })).to.deep.equal({ found: 'nothing' })
      openConnection(join(folder.path, 'bare.db')).exec('CREATE TABLE a (b); DROP TABLE a').close()
      expect(inspectSqlite({ path: join(folder.path, 'bare.db') })).to.deep.equal({ found: 'nothing' })
      truncateSync(join(folder.path, 'bare.db'), 65 * 1024 * 1024)
      expect(inspectSqlite({ path: join(folder.path, 'bare.db') })).to.include({ unread: 'it is large' })
    })

    it('tells whether the secret is that of the database', async () => {
      await make(3)
      const looked = (...secrets: string[]) => {
        const sealer = createAesSealer(secrets, randomBytes)
        return inspectSqlite({ path, opens: (ring) => opensRing(ring, sealer) })
      }
      expect(looked('secret')).to.deep.equal({ found: 'database', secretFits: true })
      expect(looked('other')).to.deep.equal({ found: 'database', secretFits: false })
      expect(looked('other', 'secret')).to.include({ secretFits: true })
      const [wrong, right] = [['other'], ['other', 'secret']].map((secrets) =>
        openSqliteStore({ path, secrets, clock: () => 0 }),
      )
      expect([wrong?.secretFits, right?.secretFits]).to.deep.equal([false, true])
      await wrong?.close()
      await right?.close()
    })
  })
})
