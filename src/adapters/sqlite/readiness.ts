import { hash } from 'node:crypto'
import type { Connections } from './connections.js'
import { placeOf } from './packing.js'

/** Milliseconds for which a rehearsal counts. Reading is cheaper, and done for every probe. */
const REHEARSED = 1000

/**
 * Whether logins could be served now. Each call reads what a request with a session reads, of another session each
 * time, so that one page after the other of a large database is seen; and the writer rehearses a login.
 *
 * Fails with `storage_unavailable` where any of that fails, and ever after an operation has met a damaged page.
 *
 * @param elapsed milliseconds since any moment
 */
export function createReadiness(
  { db, read, write, checkWhole }: Connections,
  elapsed: () => number,
): () => Promise<void> {
  const selectSession = db.prepare<[number], { app: number; openid: string }>(
    'SELECT app, openid FROM sessions WHERE hash_head >= ? ORDER BY hash_head LIMIT 1',
  )
  const selectApp = db.prepare('SELECT appid FROM apps WHERE id = @app')
  const selectUser = db.prepare('SELECT sealed_keys FROM users WHERE app = @app AND openid = @openid')
  const selectOthers = db.prepare(
    'SELECT hash_head FROM sessions WHERE app = @app AND openid = @openid LIMIT 10',
  )
  const selectEpoch = db.prepare('SELECT value FROM epoch')
  let probes = 0
  let rehearsed: number | undefined
  let rehearsing: Promise<void> | undefined

  async function rehearse(place: Uint8Array): Promise<void> {
    try {
      await write('rehearse', place)
      rehearsed = elapsed()
    } finally {
      rehearsing = undefined
    }
  }

  async function probe(): Promise<void> {
    const place = hash('sha256', `probe ${probes++}`, 'buffer')
    const isDue = rehearsed === undefined || elapsed() - rehearsed >= REHEARSED
    await read(() => {
      // What SQLite remembers of pages would hide what has become of them on the disk.
      if (isDue) db.pragma('shrink_memory')
      const user = selectSession.get(placeOf(place).head) ?? { app: 0, openid: '' }
      selectApp.get(user)
      selectUser.get(user)
      selectOthers.all(user)
      selectEpoch.get()
    })
    if (!isDue) return
    rehearsing ??= rehearse(place)
    await rehearsing
  }

  // Damage, by whomever it was met, is the reason that is named.
  return () => probe().finally(checkWhole)
}
