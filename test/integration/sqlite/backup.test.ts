import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { backUpSqlite } from '#src/adapters/sqlite/copies/backup.js'
import { restoreSqlite } from '#src/adapters/sqlite/copies/restore.js'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { R3SessionError } from '#src/domain/errors.js'
import { loginOf, now, tokenOf, withSqliteSessions } from '../../support/store/sqlite-sessions.js'

describe('a backup of the SQLite file', () => {
  const { path, open, closeAll } = withSqliteSessions()
  const user = { appid: 'wx', openid: 'o-ann' }
  const copy = () => join(dirname(path()), 'copy.db')
  const backUp = () => backUpSqlite({ path: path(), besides: [], to: copy() })
  const restore = (options: Partial<Parameters<typeof restoreSqlite>[0]> = {}) =>
    restoreSqlite({
      from: copy(),
      path: path(),
      endSessions: false,
      mayReplace: async () => true,
      ...options,
    })
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => 'nothing',
      (error: unknown) =>
        error instanceof R3SessionError && error.cause instanceof Error ? error.cause.message : '',
    )

  it('has what was confirmed before it, while the store is written, and is one file', async () => {
    const sessions = open()
    for (let n = 0; n < 5; n++) await sessions.save(loginOf(n, { openid: `o-${n}` }))
    const [made] = await Promise.all([backUp(), sessions.save(loginOf(5, { openid: 'o-5' }))])
    expect(made?.sessions).to.be.within(5, 6)
    expect(made?.bytes).to.equal(statSync(copy()).size)
    expect(readdirSync(dirname(path())).filter((name) => /copy.db.|^\.r3/.test(name))).to.deep.equal([])
  })

  it('is made of a database only, and never in the place of a file', async () => {
    expect(await backUp()).to.equal(undefined)
    open()
    writeFileSync(copy(), 'mine')
    expect(await failure(backUp())).to.include('EEXIST')
    expect(statSync(copy()).size).to.equal(4)
  })

  it('is put back over the WAL that a killed process left, and the keys open again', async () => {
    const sessions = open()
    await sessions.save(loginOf(0, { openid: 'o-ann', sessionKey: 'key-0' }))
    await backUp()
    await sessions.save(loginOf(1, { openid: 'o-ann', sessionKey: 'key-1' }))
    await closeAll()
    // What a kill leaves: commits that are in the WAL alone.
    const other = openConnection(path())
    other.exec('UPDATE epoch SET value = value + 1')
    const kept = ['-wal', '-shm'].map((suffix) => [path() + suffix, `${path()}${suffix}.kept`] as const)
    for (const [file, as] of kept) renameSync(file, as)
    other.close()
    for (const [file, as] of kept) renameSync(as, file)

    const restored = await restore()
    expect(restored).to.include({ sessions: 1, replaced: `${path()}.replaced` })
    expect(existsSync(`${path()}-wal`) || existsSync(`${path()}-shm`)).to.equal(false)
    const again = open()
    expect(await again.find(tokenOf(0))).to.not.equal(undefined)
    expect(await again.find(tokenOf(1))).to.equal(undefined)
    expect(await again.keys(user)).to.deep.equal([{ key: 'key-0', at: now }])
  })

  it('revives no session that was ended since, where it is put back without any', async () => {
    const sessions = open()
    await sessions.save(loginOf(0, { openid: 'o-ann' }))
    await backUp()
    await sessions.delete(tokenOf(0))
    await closeAll()
    await restore({ endSessions: true })
    const again = open()
    expect(await again.find(tokenOf(0))).to.equal(undefined)
    await again.save(loginOf(1, { openid: 'o-ann' }))
    expect(await again.find(tokenOf(1))).to.not.equal(undefined)
  })

  it('is not put back while a process has the database open, also where its beginning is damaged', async () => {
    const sessions = open()
    await sessions.save(loginOf(0, { openid: 'o-ann' }))
    await backUp()
    expect(await restore()).to.equal('in use')
    expect(await sessions.find(tokenOf(0))).to.not.equal(undefined)
    await closeAll()
    writeFileSync(path(), 'x'.repeat(100), { flag: 'r+' })
    expect(await restore({ mayReplace: async () => false })).to.equal('in use')
    expect(await restore()).to.include({ sessions: 1 })
  })

  it('is put where nothing is yet, and where only the traces of a lost database are', async () => {
    const sessions = open()
    await sessions.save(loginOf(0, { openid: 'o-ann' }))
    await backUp()
    await closeAll()
    rmSync(path())
    writeFileSync(`${path()}-shm`, 'left')
    expect(await restore()).to.include({ sessions: 1 })
    const elsewhere = join(dirname(path()), 'new', 'sessions.db')
    expect(await restore({ path: elsewhere })).to.include({ sessions: 1, replaced: undefined })
    expect(statSync(elsewhere).mode & 0o777).to.equal(0o600)
    mkdirSync(join(dirname(path()), 'folder'))
    expect(await failure(restore({ path: join(dirname(path()), 'folder') }))).to.include('is a directory')
  })
})
