import { join } from 'node:path'
import { openConnection } from '#src/adapters/sqlite/driver.js'
import { temporaryFolder } from '../service/spawn-service.js'
import { start } from './logins.js'
import { openSqliteStore } from './open-sqlite-store.js'

type Sqlite = ReturnType<typeof openSqliteStore>

/** Opens a store as a process of the service does. */
export const openNode = (path: string, { clock = () => start, secret = 'secret', idle = 60_000 } = {}) =>
  openSqliteStore({ path, secrets: [secret], clock, idle })

/** Gives each test of the suite two stores on one new file, as two processes open it, and a clock that stands. */
export function withTwoNodes() {
  let folder: ReturnType<typeof temporaryFolder>
  let one: Sqlite
  let another: Sqlite
  const time = { now: start }
  const clock = () => time.now
  const path = () => join(folder.path, 'sessions.db')
  beforeEach(() => {
    time.now = start
    folder = temporaryFolder()
    one = openNode(path(), { clock })
    another = openNode(path(), { clock })
  })
  afterEach(async () => {
    await Promise.all([one.close(), another.close()])
    folder.remove()
  })

  return {
    one: () => one,
    another: () => another,
    time,
    clock,
    folder: () => folder.path,
    path,
    /** What a third connection sees. */
    rows(sql: string): unknown[] {
      const db = openConnection(path())
      const found = db.prepare(sql).raw().all()
      db.close()
      return found
    },
  }
}
