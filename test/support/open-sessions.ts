import { openSqlite } from '#src/adapters/sqlite.js'

/** The sessions of a SQLite store with the store's own ends to them, for tests that need nothing else of it. */
export function openSqliteSessions(options: Parameters<typeof openSqlite>[0]) {
  const { sessions, sweep, close } = openSqlite(options)
  return { ...sessions, sweep, close }
}
