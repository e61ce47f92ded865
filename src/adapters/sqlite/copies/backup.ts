import { chmodSync, existsSync, mkdtempSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { openConnection } from '../driver.js'
import { checkPages, checkWithWal } from '../file/check.js'
import { lookAt } from '../file/look.js'
import { connect } from '../file/open-file.js'
import { explained } from '../file/trouble.js'
import { checkOwner } from '../schema.js'
import { type Contents, contentsOf } from './contents.js'
import { sync } from './durable.js'

/** Milliseconds that it waits for a service which is just opening or closing the database. */
const BUSY_TIMEOUT = 2000

export interface Backup extends Contents {
  readonly bytes: number
}

/**
 * Copies a database into a new file by SQLite's own backup: as it is at one instant, whole and complete in itself,
 * however much is written to it meanwhile. Nothing is there under the new name before all of it is.
 *
 * Fails with `storage_unavailable` as opening the database fails, and where the copy can't be made.
 *
 * @param to a name that is not taken
 * @returns `undefined` where there is no database
 */
export async function backUpSqlite({
  path,
  besides,
  to,
}: {
  path: string
  besides: readonly string[]
  to: string
}): Promise<Backup | undefined> {
  const [absolute, target] = [resolve(path), resolve(to)]
  let draft: string | undefined
  try {
    const { state } = lookAt(
      absolute,
      besides.map((file) => resolve(file)),
    )
    if (state !== 'there') return undefined
    const real = realpathSync(absolute)
    checkWithWal(real)
    draft = mkdtempSync(join(dirname(target), '.r3session-backup-'))
    const copy = join(draft, 'copy.db')
    if (!(await copyTo(real, copy))) return undefined
    const contents = finish(copy, target)
    sync(copy)
    if (existsSync(target)) throw Object.assign(new Error('taken'), { code: 'EEXIST' })
    renameSync(copy, target)
    sync(dirname(target))
    return { ...contents, bytes: statSync(target).size }
  } catch (error) {
    throw explained(error, draft === undefined ? absolute : target)
  } finally {
    if (draft !== undefined) rmSync(draft, { recursive: true, force: true })
  }
}

/** Tells whether there was anything to copy. */
async function copyTo(from: string, copy: string): Promise<boolean> {
  const db = connect(from, BUSY_TIMEOUT)
  try {
    if (checkOwner(db) === undefined) return false
    // All in one step: between two of them every commit of the service would have it begin anew.
    await db.backup(copy, { progress: () => 0x7fffffff })
    return true
  } finally {
    db.close()
  }
}

/** Makes the copy one file, and reads all of it. */
function finish(copy: string, name: string): Contents {
  chmodSync(copy, 0o600)
  const db = openConnection(copy, { fileMustExist: true })
  try {
    db.pragma('journal_mode = DELETE')
    checkPages(db, name, Infinity)
    return contentsOf(db)
  } finally {
    db.close()
  }
}
