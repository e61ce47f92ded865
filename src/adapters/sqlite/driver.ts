/**
 * better-sqlite3, in the version that this Node can run. Every use of it goes through here: the other version does not
 * fail but ends the process, 13 with SIGSEGV on Node 20, 12 with SIGABRT on Node 24.19 and later.
 */
import { createRequire } from 'node:module'
import type BetterSqlite3 from 'better-sqlite3'
import { R3SessionError } from '../../domain/errors.js'

/** An open connection. */
export type Database = BetterSqlite3.Database

type Driver = typeof BetterSqlite3

/** What version 13 is built against. Node has it from 22.14 on; Node 20 ends at 9. */
const NODE_API_OF_13 = 10

const load = createRequire(import.meta.url)
let loaded: Driver | undefined

/** The package for a Node with this version of Node-API, which is `process.versions.napi`. */
export function packageFor(nodeApi: string | undefined): string {
  return Number(nodeApi) >= NODE_API_OF_13 ? 'better-sqlite3' : 'better-sqlite3-node20'
}

/**
 * Opens a connection. Fails with `storage_unavailable` where no binding fits, its cause naming the cure; otherwise with
 * what better-sqlite3 fails with.
 */
export function openConnection(path: string | Buffer, options: BetterSqlite3.Options = {}): Database {
  loaded ??= loadDriver(packageFor(process.versions.napi))
  return new loaded(path, options)
}

/** The version of SQLite that runs here. Fails like `openConnection`. */
export function sqliteVersion(): string {
  const db = openConnection(':memory:')
  try {
    return String(db.prepare('SELECT sqlite_version()').pluck().get())
  } finally {
    db.close()
  }
}

/** Loads a package, from `folder` if that is given, and its binding. Fails like `openConnection`. */
export function loadDriver(name: string, folder = ''): Driver {
  try {
    const driver: Driver = load(folder + name)
    // The package itself loads anywhere; its binding comes with the first connection.
    new driver(':memory:').close()
    return driver
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
    throw new R3SessionError('storage_unavailable', { cause: new Error(cureFor(name, code)) })
  }
}

/** An error as SQLite gives it, told by its name because each version has a class of its own. */
export interface SqliteError extends Error {
  readonly name: 'SqliteError'
  /** SQLITE_BUSY and its kin. */
  readonly code: string
}

export function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && error.name === 'SqliteError' && 'code' in error
}

/** An error like SQLite's own, for a code that came from elsewhere. */
export function sqliteError(code: string): SqliteError {
  return Object.assign(new Error(''), { name: 'SqliteError' as const, code })
}

function cureFor(name: string, code: string): string {
  const problem = `no SQLite binding for Node ${process.version} on ${process.platform}-${process.arch}${code}`
  if (name === 'better-sqlite3') {
    return `${problem}: run "npm ci"; ready-made ones exist for Linux, macOS and Windows on x64 and arm64`
  }
  return (
    `${problem}: Node 20 compiles it with g++, make and python3 (Debian: "apt-get install -y g++ make python3"); ` +
    'then run "npm ci --include=optional" with the Node that runs the service, or, where r3session was installed as a package, ' +
    '"npm install better-sqlite3-node20@npm:better-sqlite3@12". Node 22.14 and later compile nothing'
  )
}
