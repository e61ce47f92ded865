import { createHash } from 'node:crypto'
import { closeSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Database, openConnection } from '#src/adapters/sqlite/driver.js'
import { temporaryFolder } from '../../support/service/spawn-service.js'
import { openSqliteStore } from '../../support/store/open-sqlite-store.js'

const now = Date.UTC(2026, 0, 1)
const login = {
  token: createHash('sha512').update('token').digest('hex'),
  session: { appid: 'wx', openid: 'o', id: 'id', createdAt: now, lastSeenAt: now, expiresAt: now + 1000 },
  sessionKey: 'key',
  epoch: 0,
  maxSessions: 10,
}

describe('the readiness of a SQLite store', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let path: string
  let time: number
  let store: ReturnType<typeof openSqliteStore>
  let other: Database
  beforeEach(() => {
    folder = temporaryFolder()
    path = join(folder.path, 'sessions.db')
    time = 0
    store = openSqliteStore({ path, clock: () => now, elapsed: () => time })
    other = openConnection(path)
  })
  afterEach(async () => {
    other.close()
    await store.close()
    folder.remove()
  })

  const failure = () =>
    store.sessions.ready().then(
      () => 'ready',
      (error) => error.cause.message,
    )

  it('changes nothing', async () => {
    await store.sessions.save(login)
    const rows = () =>
      ['apps', 'sessions', 'users', 'login_attempts', 'access_tokens', 'epoch'].map((table) =>
        other.prepare(`SELECT * FROM ${table}`).all(),
      )
    const before = rows()
    for (let n = 0; n < 5; n++) {
      time += 1000
      expect(await failure()).to.equal('ready')
    }
    expect(rows()).to.deep.equal(before)
  })

  const obstacles: Record<string, string> = {
    'a session': "CREATE TRIGGER no BEFORE INSERT ON sessions BEGIN SELECT raise(ABORT, 'canary'); END",
    'a user': "CREATE TRIGGER no BEFORE INSERT ON users BEGIN SELECT raise(ABORT, 'canary'); END",
    'an attempt': 'DROP TABLE login_attempts',
    'an epoch': 'DELETE FROM epoch',
    'what it wrote': 'CREATE TRIGGER no AFTER INSERT ON sessions BEGIN DELETE FROM sessions; END',
  }
  for (const [what, sql] of Object.entries(obstacles)) {
    it(`is gone when a login could not write or read ${what}`, async () => {
      expect(await failure()).to.equal('ready')
      time += 1000
      other.exec(sql)
      expect(await failure()).to.match(/^SQLITE_(CONSTRAINT_TRIGGER|ERROR|CORRUPT)/)
    })
  }

  it('sees pages that are damaged on the disk, though nothing else has read them', async () => {
    await store.sessions.save(login)
    expect(await failure()).to.equal('ready')
    other.pragma('wal_checkpoint(TRUNCATE)')
    const file = openSync(path, 'r+')
    for (let at = 4096; at < statSync(path).size; at += 4096)
      writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, at)
    closeSync(file)
    time += 1000
    expect(await failure()).to.match(
      /^SQLITE_CORRUPT: a page is damaged; stop, and put a backup in the place of/,
    )
  })

  it('rehearses a login once a second at most, one at a time, and reads for every probe', async () => {
    const version = () => other.pragma('data_version', { simple: true })
    await Promise.all([failure(), failure(), failure()])
    const first = version()
    time += 999
    await failure()
    expect(version()).to.equal(first)
    time += 1
    await Promise.all([failure(), failure()])
    expect(version()).not.to.equal(first)
    other.exec('DROP TABLE epoch')
    expect(await failure()).to.equal('SQLITE_ERROR')
  })
})
