import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { SealedRing } from '../../store/key-rings.js'
import { type Database, openConnection } from '../driver.js'
import { checkOwner } from '../schema.js'
import { checkPages, checkTables, checkWithWal, sampleRings } from './check.js'
import { lookAt, lost } from './look.js'
import { explained, type Trouble, troubleOf } from './trouble.js'

/** Up to this size a database that nobody has open is read in a copy in memory. */
const COPIED_UP_TO = 64 * 1024 * 1024

/** What the next start would meet. */
export type Inspection =
  | { readonly found: 'nothing' } // a new database would be made
  | {
      readonly found: 'database'
      /** Why its pages were not all read; absent where they were, and are whole. */
      readonly unread?: string
      /** Whether the secret opens what is sealed in it; absent where nothing is, or it could not be tried. */
      readonly secretFits?: boolean
    }
  | { readonly found: 'trouble'; readonly trouble: Trouble; readonly text: string }

/**
 * Looks at a database as opening it would, and changes nothing: neither a file nor a folder is made. A service may be
 * using it meanwhile.
 *
 * @param besides as for `openSqlite`
 * @param opens whether the service's secrets open a ring, where they are known
 */
export function inspectSqlite(options: {
  path: string
  besides?: readonly string[]
  opens?: ((ring: SealedRing) => boolean) | undefined
}): Inspection {
  if (options.path === ':memory:') return { found: 'nothing' }
  const path = resolve(options.path)
  try {
    return inspect(
      path,
      (options.besides ?? []).map((file) => resolve(file)),
      options.opens,
    )
  } catch (error) {
    const trouble = troubleOf(explained(error, path))
    if (trouble === undefined) throw error
    return { found: 'trouble', ...trouble }
  }
}

function inspect(
  path: string,
  besides: readonly string[],
  opens: ((ring: SealedRing) => boolean) | undefined,
): Inspection {
  const { state, left } = lookAt(path, besides)
  if (state !== 'there') return { found: 'nothing' }
  const real = realpathSync(path)
  const isOpen = existsSync(`${real}-wal`)
  // Looking at it would make the index of the WAL.
  if (isOpen && !existsSync(`${real}-shm`)) return { found: 'database', unread: 'it was not closed' }
  if (!isOpen && statSync(real).size > COPIED_UP_TO) return { found: 'database', unread: 'it is large' }
  if (isOpen) checkWithWal(real)
  const db = isOpen ? openConnection(real, { readonly: true, fileMustExist: true }) : copyInMemory(real)
  try {
    if (checkOwner(db) === undefined) {
      if (left.length > 0) throw lost(path, 'holds no tables', left)
      return { found: 'nothing' }
    }
    const unread = checkPages(db, path)
    checkTables(db, path)
    const rings = sampleRings(db)
    return {
      found: 'database',
      ...(unread !== undefined && { unread }),
      ...(opens !== undefined && rings.length > 0 && { secretFits: rings.some(opens) }),
    }
  } finally {
    db.close()
  }
}

/** An ordinary connection would make WAL and index, even one that only reads. */
function copyInMemory(path: string): Database {
  const bytes = readFileSync(path)
  // A database in memory has no WAL, and these two say that it needs one (sqlite.org/fileformat, section 1.3.3).
  if (bytes[18] === 2 && bytes[19] === 2) bytes.fill(1, 18, 20)
  return openConnection(bytes)
}
