import { linkSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Database, isSqliteError, openConnection } from '../driver.js'

/**
 * Whether another process has the database open, by SQLite's own locks: they hang on the file, whatever name it is opened
 * by. So it is asked for under a name of its own, with a WAL of its own; the database and its WAL stay as they are.
 *
 * `open`: a process has it. `unknown`: what is there is no database that could be locked. Otherwise the lock, which
 * keeps everybody else out until it is released.
 */
export function lockAlone(path: string): 'open' | 'unknown' | { release(): void } {
  const folder = mkdtempSync(join(dirname(path), '.r3session-lock-'))
  const release = (db?: Database) => {
    db?.close()
    rmSync(folder, { recursive: true, force: true })
  }
  let db: Database | undefined
  try {
    const name = join(folder, 'sessions.db')
    linkSync(path, name)
    writeFileSync(`${name}-wal`, '')
    db = openConnection(name, { timeout: 0, fileMustExist: true })
    db.pragma('locking_mode = EXCLUSIVE')
    db.exec('BEGIN EXCLUSIVE')
    const locked = db
    return { release: () => release(locked) }
  } catch (error) {
    release(db)
    if (!isSqliteError(error)) throw error
    return /^SQLITE_(BUSY|LOCKED)/.test(error.code) ? 'open' : 'unknown'
  }
}
