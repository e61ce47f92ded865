import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { failureOf, loginOf, now, tokenOf, withSqliteSessions } from '../../support/store/sqlite-sessions.js'

describe('SQLite sessions', () => {
  const { folder, path, open, closeAll } = withSqliteSessions()

  it('record neither session nor key when either can not be written', async () => {
    const sessions = open()
    await sessions.save(loginOf(0, { openid: 'o-ann', sessionKey: 'key-0' }))
    const other = openConnection(path())
    other.exec("CREATE TRIGGER no BEFORE INSERT ON sessions BEGIN SELECT raise(ABORT, 'canary'); END")
    const failure = await failureOf(sessions.save(loginOf(1, { openid: 'o-ann', sessionKey: 'key-1' })))
    expect(failure).to.equal('SQLITE_CONSTRAINT_TRIGGER')
    expect(await sessions.keys({ appid: 'wx', openid: 'o-ann' })).to.deep.equal([{ key: 'key-0', at: now }])
    other.exec(
      "DROP TRIGGER no; CREATE TRIGGER no BEFORE UPDATE ON users BEGIN SELECT raise(ABORT, 'canary'); END",
    )
    await failureOf(sessions.save(loginOf(1, { openid: 'o-ann', sessionKey: 'key-1' })))
    expect(await sessions.find(tokenOf(1))).to.equal(undefined)
    other.close()
  })

  it('fail with the code of SQLite alone when the file is damaged, and are not ready from then on', async () => {
    await open().save(loginOf(0))
    await closeAll()
    const sessions = open()
    const whole = readFileSync(path())
    const file = openSync(path(), 'r+')
    // Page by page, so that the first one, with the counters of the file, stays.
    for (let page = 1; page < whole.length / 4096; page++)
      writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096)
    // Word of a change, on which each connection reads all pages anew.
    const other = openConnection(path())
    other.pragma('user_version = 1')
    other.close()
    expect(await failureOf(sessions.find(tokenOf(0)))).to.match(/^SQLITE_CORRUPT/)
    expect(await failureOf(sessions.save(loginOf(1)))).to.match(/^SQLITE_CORRUPT/)
    expect(await failureOf(sessions.delete(tokenOf(0)))).to.match(/^SQLITE_CORRUPT/)
    expect(await failureOf(sessions.ready())).to.match(/^SQLITE_CORRUPT/)
    writeSync(file, whole, 0, whole.length, 0)
    closeSync(file)
    expect(await failureOf(sessions.ready())).to.match(
      /^SQLITE_CORRUPT: a page is damaged; stop, and put a backup/,
    )
  })

  it('open no keys that were moved to the row of another user, whatever the names', async () => {
    const [ann, eve] = [
      { appid: 'wx', openid: 'ann' },
      { appid: 'wxa', openid: 'nn' },
    ]
    const sessions = open()
    for (const user of [ann, eve]) {
      const login = loginOf(0)
      await sessions.save({ ...login, token: user.openid, session: { ...login.session, ...user } })
    }
    const other = openConnection(path())
    other.exec("UPDATE users SET sealed_keys = (SELECT sealed_keys FROM users WHERE openid = 'ann')")
    other.close()
    expect(await sessions.keys(eve)).to.deep.equal([])
    expect(await sessions.keys(ann)).to.deep.equal([{ key: 'key', at: now }])
  })

  it('leave no token, session_key or secret in any file', async () => {
    const sessionKey = 'tiihtNczf5v6AKRyjwEUhQ=='
    const secret = 'a-secret-that-is-not-to-be-found'
    const sessions = open({ secret })
    for (const n of [0, 1, 2]) await sessions.save(loginOf(n, { sessionKey }))
    await sessions.touch(tokenOf(0), { ...loginOf(0).session, lastSeenAt: now + 1 })
    await sessions.delete(tokenOf(1))
    await sessions.keys(loginOf(0).session)
    const bytesOf = (names: string[]) =>
      Buffer.concat(names.map((name) => readFileSync(join(folder(), name))))
    const whileOpen = bytesOf(['sessions.db', 'sessions.db-wal', 'sessions.db-shm'])
    await sessions.close()
    const tokens = [0, 1, 2].map((n) => Buffer.from(tokenOf(n), 'hex'))
    const texts = [0, 1, 2].map((n) => Buffer.from(tokenOf(n)))
    const rest = [Buffer.from(sessionKey, 'base64'), Buffer.from(sessionKey), Buffer.from(secret)]
    for (const bytes of [whileOpen, bytesOf(readdirSync(folder()))]) {
      expect(bytes.includes('o-0'), 'what is no secret is found').to.equal(true)
      for (const canary of [...tokens, ...texts, ...rest]) {
        expect(bytes.includes(canary)).to.equal(false)
        for (const encoding of ['hex', 'base64', 'base64url'] as const) {
          const written = canary.toString(encoding).replace(/=*$/, '')
          expect(bytes.includes(written)).to.equal(false)
          expect(bytes.includes(written.toUpperCase())).to.equal(false)
        }
      }
    }
  })
})
