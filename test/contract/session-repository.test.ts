import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAesSealer } from '#src/adapters/aes-sealer.js'
import { createFakeSessions } from '../support/fake-sessions.js'
import { openSqliteSessions } from '../support/open-sessions.js'
import { describeSessionRepository } from './session-repository.js'

const openSqlite = (path: string, secrets: readonly string[] = ['secret']) =>
  openSqliteSessions({ path, sealer: createAesSealer(secrets, randomBytes), clock: () => 0 })

describeSessionRepository({
  name: 'SQLite on file',
  async open() {
    const folder = mkdtempSync(join(tmpdir(), 'r3session-'))
    const path = join(folder, 'sessions.db')
    const repository = openSqlite(path)
    const opened = [repository]
    return {
      repository,
      async another(secrets) {
        const second = openSqlite(path, secrets)
        opened.push(second)
        return second
      },
      async breakDown() {
        rmSync(path)
      },
      async close() {
        await Promise.all(opened.map((each) => each.close()))
        rmSync(folder, { recursive: true })
      },
    }
  },
})

describeSessionRepository({
  name: 'SQLite in memory',
  alone: 'a database in memory belongs to one connection',
  async open() {
    const repository = openSqlite(':memory:')
    return { repository, breakDown: () => repository.close(), close: () => repository.close() }
  },
})

describeSessionRepository({
  name: 'the fake of the tests',
  alone: 'its data belong to the instance, and nothing is sealed',
  async open() {
    const repository = createFakeSessions()
    return { repository, breakDown: async () => repository.breakDown(), close: async () => {} }
  },
})
