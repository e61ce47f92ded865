import { createHash, randomBytes } from 'node:crypto'
import { copyFileSync, lstatSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { createAesSealer } from '#src/adapters/crypto/sealer.js'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { type Trouble, troubleOf } from '#src/adapters/sqlite/file/trouble.js'
import { inspectSqlite } from '#src/adapters/sqlite/open.js'
import { pack, placeOf } from '#src/adapters/sqlite/packing.js'
import { temporaryFolder } from '../service/spawn-service.js'
import { start } from './logins.js'
import { openSqliteStore } from './open-sqlite-store.js'

/** Gives each test of the suite a folder of its own, and what it takes to spoil a database there and to look at it. */
export function withSqliteTrouble() {
  let folder: ReturnType<typeof temporaryFolder>
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => folder.remove())

  const path = () => join(folder.path, 'sessions.db')
  const open = (at = path()) => openSqliteStore({ path: at, besides: [`${at}.secret`], clock: () => start })

  /** A database with so many sessions, closed, beside its secret. */
  async function make(count = 1, at = path()): Promise<void> {
    const store = open(at)
    await store.sessions.ready()
    await store.close()
    const db = openConnection(at)
    db.exec("INSERT INTO apps VALUES (1, 'wx')")
    const insert = db.prepare("INSERT INTO sessions VALUES (?, ?, 1, ?, 'id', NULL, 0, 0, 0)")
    const sealer = createAesSealer(['secret'], randomBytes)
    const user = db.prepare('INSERT INTO users (app, openid, sealed_keys) VALUES (1, ?, ?)')
    const attempt = db.prepare('INSERT INTO login_attempts VALUES (?, ?, 0, 0, ?, NULL, NULL)')
    const token = db.prepare('INSERT INTO access_tokens VALUES (?, ?, 0)')
    db.transaction(() => {
      for (let n = 0; n < count; n++) {
        const hash = createHash('sha256').update(`${at} ${n}`).digest()
        const { head, tail } = placeOf(hash)
        insert.run(head, tail, `o-${n}`)
        user.run(`o-${n}`, pack(sealer.seal('[]', JSON.stringify(['users', 'wx', `o-${n}`]))))
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
    at = path(),
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

  return {
    folder: () => folder.path,
    path,
    secret: () => `${path()}.secret`,
    open,
    make,
    kill,
    expectTrouble,
  }
}
