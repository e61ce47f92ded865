import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { loginOf, now, tokenOf, withSqliteSessions } from '../../support/store/sqlite-sessions.js'

describe('a backup of the SQLite file that is put back', () => {
  const { path, open, closeAll } = withSqliteSessions()
  const user = { appid: 'wx', openid: 'o-ann' }

  /** What docs/operating.md has people run. */
  function commandOfThePage(): string {
    const [, sql = ''] =
      /^sqlite3 sessions\.db '(DELETE .*)'$/m.exec(readFileSync('docs/operating.md', 'utf8')) ?? []
    return sql
  }

  it('revives no session that was ended since, once all are ended as the page says, and keeps the keys', async () => {
    const sessions = open()
    await sessions.save(loginOf(0, { openid: 'o-ann', sessionKey: 'key-0' }))
    const backup = join(path(), '../backup.db')
    const other = openConnection(path())
    await other.backup(backup)
    other.close()
    await sessions.delete(tokenOf(0))
    await closeAll()
    copyFileSync(backup, path())

    const revived = open()
    expect(await revived.find(tokenOf(0)), 'without the command').to.not.equal(undefined)
    await closeAll()
    const restored = openConnection(path())
    expect(commandOfThePage()).to.include('DELETE')
    restored.exec(commandOfThePage())
    restored.close()

    const again = open()
    expect(await again.find(tokenOf(0))).to.equal(undefined)
    expect(await again.keys(user)).to.deep.equal([{ key: 'key-0', at: now }])
    await again.save(loginOf(1, { openid: 'o-ann', sessionKey: 'key-1' }))
    expect(await again.find(tokenOf(1))).to.not.equal(undefined)
  })
})
