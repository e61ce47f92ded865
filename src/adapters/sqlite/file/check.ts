import { rmSync, statSync } from 'node:fs'
import type { UserKey } from '../../../domain/session.js'
import type { SealedRing } from '../../store/key-rings.js'
import { type Database, isSqliteError, openConnection } from '../driver.js'
import { unpack } from '../packing.js'
import { checkOwner } from '../schema.js'
import { damaged, walUnfit } from './trouble.js'

/**
 * Up to this size the pages are all read before the service starts: about half a second where the system still has
 * them in memory (540 MB/s), and 2.5 s from a disk that reads 100 MB/s.
 */
const CHECKED_UP_TO = 256 * 1024 * 1024

/** How many users' rings are tried with the secret. */
const RINGS_TRIED = 20

/** The tables that every version of the schema has, and those since its third. */
const TABLES = ['sessions', 'users', 'epoch', 'login_attempts', 'access_tokens']
const TABLES_SINCE_3 = ['apps']

/**
 * Reads all pages of a database and fails with `storage_unavailable` when they don't fit together.
 *
 * @returns why they were not read, where they were not
 */
export function checkPages(db: Database, path: string, limit = CHECKED_UP_TO): string | undefined {
  const found = findDamage(db, 'quick_check', limit)
  if (found?.damage !== undefined) throw damaged(path, found.damage)
  return found?.skipped
}

/**
 * Checks a database that was not closed (its process was killed) together with its WAL. SQLite itself would take in any
 * WAL that lies beside the file, and so spoil a backup that was put in the place of another state. Nothing but an
 * index of the WAL is written here, and the check is the thorough one: it also compares the tables with their indexes.
 */
export function checkWithWal(path: string, limit = CHECKED_UP_TO): void {
  if (sizeOf(`${path}-wal`) === 0) return
  const hadIndex = sizeOf(`${path}-shm`) > 0
  // Only a connection that can't write leaves the WAL as it is when it is closed.
  const db = openConnection(path, { readonly: true, fileMustExist: true, timeout: 2000 })
  try {
    checkOwner(db)
    const damage = findDamage(db, 'integrity_check', limit)?.damage
    if (damage !== undefined) throw walUnfit(path, damage)
    db.close()
  } catch (error) {
    db.close()
    if (!hadIndex) rmSync(`${path}-shm`, { force: true })
    const damage = damageOf(error)
    throw damage === undefined ? error : walUnfit(path, damage)
  }
}

function findDamage(
  db: Database,
  check: 'quick_check' | 'integrity_check',
  limit: number,
): { damage?: string; skipped?: string } | undefined {
  const pragma = (name: string) => db.pragma(name, { simple: true })
  const size = Number(pragma('page_count')) * Number(pragma('page_size'))
  if (size > limit) {
    const [has, most] = [size, limit].map((bytes) => `${Math.round(bytes / 1024 / 1024)} MB`)
    return { skipped: `it has ${has}, and only up to ${most} are read at the start` }
  }
  // SQLite's words name tables, pages and columns, never a value.
  const answer = String(pragma(`${check}(1)`))
  return answer === 'ok' ? undefined : { damage: answer }
}

/** The code of an error that means damage; `undefined` for any other. */
export function damageOf(error: unknown): string | undefined {
  const isDamage = isSqliteError(error) && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code)
  return isDamage ? error.code : undefined
}

/** Fails with `storage_unavailable` when a table is not there at all. */
export function checkTables(db: Database, path: string): void {
  const names = new Set(db.prepare('SELECT name FROM sqlite_schema').pluck().all())
  const tables = isPacked(db) ? [...TABLES, ...TABLES_SINCE_3] : TABLES
  const missing = tables.filter((name) => !names.has(name))
  if (missing.length > 0) throw damaged(path, `it lacks ${missing.join(', ')}`)
}

/** Some of the sealed rings, to try a secret on: none where nothing is sealed. Whoever only looks may meet any schema. */
export function sampleRings(db: Database): readonly SealedRing[] {
  const users = isPacked(db) ? 'users JOIN apps ON apps.id = app' : 'users'
  return db
    .prepare<[], UserKey & { sealed: string | Buffer }>(
      `SELECT appid, openid, sealed_keys AS sealed FROM ${users}
       WHERE sealed_keys IS NOT NULL LIMIT ${RINGS_TRIED}`,
    )
    .all()
    .map(({ sealed, ...user }) => ({ user, sealed: typeof sealed === 'string' ? sealed : unpack(sealed) }))
}

/** Whether rows lie as packing.ts says: since the third schema. */
function isPacked(db: Database): boolean {
  return Number(checkOwner(db)) >= 3
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
