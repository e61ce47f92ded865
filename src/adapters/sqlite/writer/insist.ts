import { isSqliteError } from '../driver.js'

/** Some 20 ms: no longer, since the thread answers nobody meanwhile, and who asked tries again. */
const TRIES = 15
/** Milliseconds. */
const BETWEEN = 0.3

const nobody = new Int32Array(new SharedArrayBuffer(4))

/**
 * Tries again, only moments apart, while another process has the write lock. SQLite keeps no queue: a process that
 * writes without a rest lets go of the lock for a fraction of a millisecond between two commits, and who looks every
 * 20 ms misses that again and again, until a login fails. Blocks, so it's for the thread that writes.
 */
export function insist<T>(work: () => T): T {
  for (let tries = 1; ; tries++) {
    try {
      return work()
    } catch (error) {
      if (tries === TRIES || !isSqliteError(error) || !error.code.startsWith('SQLITE_BUSY')) throw error
    }
    Atomics.wait(nobody, 0, 0, BETWEEN)
  }
}
