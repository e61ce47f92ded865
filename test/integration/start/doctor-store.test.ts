import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { loadConfig } from '#src/app/config/config.js'
import { CheckFailure } from '#src/app/doctor/doctor.js'
import { checksOf } from '#src/app/wire.js'
import { openService } from '../../support/service/declared-errors.js'

describe('the doctor, where sessions are kept,', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'r3session-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const path = (name: string) => join(folder, name)
  const configOf = (env: Record<string, string> = {}) =>
    loadConfig({ SESSION_STORE: `sqlite:${path('sessions.db')}`, ...env }, () => '')

  /** What the doctor says of the store. */
  async function find(env: Record<string, string> = {}): Promise<string> {
    try {
      const said = await checksOf(configOf(env)).checkStore()
      return `ok ${typeof said === 'string' ? said : said.en}`
    } catch (error) {
      if (error instanceof CheckFailure) return `FAIL ${error.found.en}`
      throw error
    }
  }

  /** A store that has served a login, at rest. */
  async function makeStore(): Promise<void> {
    const quiet = () => {}
    const service = await openService(configOf(), {
      isLevelEnabled: () => false,
      debug: quiet,
      info: quiet,
      error: quiet,
    })
    const server = service.app.koa.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const post = (route: string, body: string) =>
      fetch(`http://127.0.0.1:${port}${route}`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      })
    const code = await (await post('/sandbox/login', '{}')).text()
    expect((await post('/v1/login', code)).status).to.equal(201)
    server.close()
    server.closeAllConnections()
    await service.close()
  }

  it('finds a secret that is missing, empty, or of another database', async () => {
    await makeStore()
    const secret = path('sessions.db.secret')
    copyFileSync(secret, path('kept'))
    rmSync(secret)
    expect(await find()).to.match(/FAIL the secret of the database is missing: .*\.secret/)
    writeFileSync(secret, '\n')
    expect(await find()).to.match(/FAIL the secret .* can't be used/)
    writeFileSync(secret, 'another'.repeat(6))
    expect(await find()).to.match(/FAIL .*\.secret is the secret of another database/)
    const given = await find({ SESSION_SECRET: 'another'.repeat(6) })
    expect(given).to.match(/FAIL SESSION_SECRET is the secret of another database/)
    const rotated = { SESSION_SECRET: `${'another'.repeat(6)},${readFileSync(path('kept'), 'utf8').trim()}` }
    expect(await find(rotated)).to.match(/^ok/)
  })

  it('finds a database that is lost, damaged, foreign, newer or a folder', async () => {
    await makeStore()
    const db = path('sessions.db')
    copyFileSync(db, path('kept'))
    const findsAfter = async (change: () => void) => {
      rmSync(db, { recursive: true, force: true })
      copyFileSync(path('kept'), db)
      change()
      return find()
    }
    const withDb = (statement: string) => () => {
      const open = openConnection(db)
      open.pragma('journal_mode = DELETE')
      open.exec(statement)
      open.close()
    }
    expect(await findsAfter(() => rmSync(db))).to.match(/gone or empty, but something of it is left/)
    expect(await findsAfter(() => writeFileSync(db, ''))).to.match(
      /gone or empty, but something of it is left/,
    )
    expect(await findsAfter(() => writeFileSync(db, 'x'.repeat(5000)))).to.match(/is no SQLite database/)
    expect(await findsAfter(() => writeFileSync(db, readFileSync(db).fill(7, 4096)))).to.match(/damaged/)
    expect(await findsAfter(withDb('PRAGMA application_id = 7'))).to.match(/another application/)
    expect(await findsAfter(withDb('PRAGMA user_version = 99'))).to.match(/newer r3session/)
    const asFolder = () => {
      rmSync(db)
      mkdirSync(db)
    }
    expect(await findsAfter(asFolder)).to.match(/is a directory, not a file/)
  })

  it('takes an empty database without a secret for a new one, and a file for no folder', async () => {
    writeFileSync(path('sessions.db'), '')
    expect(await find()).to.match(/ok .* is empty and is filled at the first start/)
    expect(await find({ SESSION_STORE: 'sqlite::memory:' })).to.match(/ok in memory/)
    const below = await find({ SESSION_STORE: `sqlite:${path('sessions.db')}/below/x.db` })
    expect(below).to.match(/FAIL .*x\.db lies below a file/)
  })
})
