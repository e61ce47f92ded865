import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { createAesSealer } from '#src/adapters/crypto/sealer.js'
import { type Database, openConnection } from '#src/adapters/sqlite/driver.js'
import { inspectSqlite } from '#src/adapters/sqlite/open.js'
import { APPLICATION_ID, released } from '#src/adapters/sqlite/schema.js'
import { hashOf } from '#src/adapters/store/hashes.js'
import { opensRing } from '#src/adapters/store/key-rings.js'
import type { Session } from '#src/domain/session.js'
import { temporaryFolder } from '../../support/service/spawn-service.js'
import {
  ann,
  annElsewhere,
  ben,
  codeOf,
  endingAt,
  idOf,
  loginOf,
  start,
  tokenOf,
} from '../../support/store/logins.js'
import { openSqliteStore } from '../../support/store/open-sqlite-store.js'

describe('a SQLite file of an older version', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let path: string
  beforeEach(() => {
    folder = temporaryFolder()
    path = join(folder.path, 'sessions.db')
  })
  afterEach(() => folder.remove())

  const sealer = createAesSealer(['secret'], randomBytes)
  const ring = [{ key: 'tiihtNczf5v6AKRyjwEUhQ==', at: start }]
  const sealedFor = ({ appid, openid }: { appid: string; openid: string }) =>
    sealer.seal(JSON.stringify(ring), JSON.stringify(['users', appid, openid]))
  const open = () => openSqliteStore({ path, clock: () => start })
  /** Sessions of three users, one of them with an id of another form. */
  const sessions: readonly Session[] = [ann, ann, ben, annElsewhere].map((user, n) => ({
    ...loginOf(n, user, { expiresAt: start + 10_000 }).session,
    ...(n === 1 && { unionid: 'o-union' }),
    ...(n === 2 && { id: 'by hand' }),
  }))

  /** A database as that version left it. */
  function make(version: number, fill: (db: Database) => void): void {
    const db = openConnection(path)
    for (const step of released.slice(0, version)) db.exec(step)
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.pragma(`user_version = ${version}`)
    db.pragma('journal_mode = WAL')
    fill(db)
    db.close()
  }

  function fill(db: Database): void {
    const session = db.prepare(
      `INSERT INTO sessions VALUES (@hash, @appid, @openid, @id, @unionid, @createdAt, @lastSeenAt, @expiresAt)`,
    )
    for (const [n, each] of sessions.entries()) {
      session.run({ unionid: null, ...each, hash: hashOf(tokenOf(n)) })
    }
    const user = db.prepare('INSERT INTO users VALUES (?, ?, ?, 0, 0)')
    for (const each of [ann, ben, annElsewhere]) user.run(each.appid, each.openid, sealedFor(each))
    db.prepare('INSERT INTO users VALUES (?, ?, NULL, 3, ?)').run('wx-three', 'o-eve', start + 1000)
    db.exec('UPDATE epoch SET value = 3')
  }

  for (const version of [1, 2]) {
    it(`keeps every session, ring and ending of schema ${version}`, async () => {
      make(version, fill)
      const store = open()
      for (const [n, session] of sessions.entries())
        expect(await store.sessions.find(tokenOf(n)), String(n)).to.deep.equal(session)
      expect(await store.sessions.list(ann, start)).to.have.deep.members(sessions.slice(0, 2))
      for (const user of [ann, ben, annElsewhere]) expect(await store.keyRings.keys(user)).to.deep.equal(ring)
      expect(await store.sessions.epoch()).to.equal(3)
      const eve = { appid: 'wx-three', openid: 'o-eve' }
      expect(await codeOf(store.sessions.save(loginOf(9, eve, { epoch: 2 })))).to.equal('invalid_session')
      expect(await codeOf(store.sessions.save(loginOf(9, eve, { epoch: 3 })))).to.equal('resolved')
      expect(await store.sessions.endOne(ann, idOf(0))).to.equal(true)
      expect(await store.sessions.endOne(ben, 'by hand')).to.equal(true)
      expect(await store.sessions.endAll(annElsewhere, endingAt(start))).to.equal(1)
      await store.close()
    })
  }

  it('counts instants of the first schema from their beginnings on', async () => {
    make(1, (db) =>
      db.exec(`INSERT INTO users VALUES ('wx', 'o-ann', NULL, 3, 1000), ('wx', 'o-ben', 'sealed', 0, 0);
        INSERT INTO login_attempts VALUES (x'01', x'02', 500, 60500, 'sealed');`),
    )
    await open().close()
    const db = openConnection(path)
    expect(db.prepare('SELECT openid, ended_epoch, ended_until FROM users').raw().all()).to.deep.equal([
      ['o-ann', 3, 3_601_000],
      ['o-ben', 0, 0],
    ])
    expect(db.prepare('SELECT claimed_until, expires_at, openid FROM login_attempts').all()).to.deep.equal([
      { claimed_until: 10_500, expires_at: 60_500, openid: null },
    ])
    expect(db.pragma('integrity_check', { simple: true })).to.equal('ok')
    db.close()
  })

  it('gives what a ring of another form was, and takes the next one in its place', async () => {
    const forms = ['sealed', '', '1.x.', '.', '1.key.AB', '1.key.AA', `${'x'.repeat(300)}.AAAA`, '会话.AAAA']
    make(2, (db) => {
      const user = db.prepare("INSERT INTO users VALUES ('wx', ?, ?, 0, 0)")
      for (const [n, sealed] of forms.entries()) user.run(`o-${n}`, sealed)
    })
    const store = open()
    for (const [n, sealed] of forms.entries()) {
      const user = { appid: 'wx', openid: `o-${n}` }
      expect(await store.raw.ring(user)).to.equal(sealed)
      expect(await store.raw.putRing(user, { sealed: 'next', replaces: `${sealed}x` })).to.equal('outdated')
      expect(await store.raw.putRing(user, { sealed: 'next', replaces: sealed })).to.equal('saved')
      expect(await store.raw.ring(user)).to.equal('next')
    }
    await store.close()
  })

  it('stays as it was, all of it, when it can not be taken over', () => {
    make(2, (db) => {
      fill(db)
      // The next schema makes one of this name, when the old tables have their new names already.
      db.exec('CREATE TABLE apps (a)')
    })
    const before = readFileSync(path)
    expect(open).to.throw()
    expect(readFileSync(path)).to.deep.equal(before)
  })

  it('is looked at without being changed, and tells whether the secret fits', () => {
    make(2, fill)
    const before = readFileSync(path)
    expect(inspectSqlite({ path, opens: (sealed) => opensRing(sealed, sealer) })).to.deep.equal({
      found: 'database',
      secretFits: true,
    })
    expect(readFileSync(path)).to.deep.equal(before)
  })
})
