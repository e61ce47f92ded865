import type { StoredSession } from '../../store/raw-store.js'
import { connect } from '../file/open-file.js'
import { hashAt, unpack } from '../packing.js'
import { SESSION_COLUMNS, type SessionRow, sessionOf } from '../session-row.js'

/** Rows that are read at once. */
const PAGE = 500

/** Milliseconds that it waits for a process that is just closing the database. */
const BUSY_TIMEOUT = 2000

type Row = SessionRow & { readonly head: number; readonly tail: Uint8Array; readonly ring: Buffer | null }

/** All sessions in a database that nobody changes meanwhile, each once, those past their end included. */
export function* sessionsInSqlite(path: string): Generator<StoredSession> {
  const db = connect(path, BUSY_TIMEOUT)
  try {
    const select = db.prepare<[number], Row>(
      `SELECT hash_head AS head, hash_tail AS tail, ${SESSION_COLUMNS},
         (SELECT sealed_keys FROM users WHERE users.app = sessions.app AND users.openid = sessions.openid) AS ring
       FROM sessions WHERE hash_head > ? ORDER BY hash_head LIMIT ${PAGE}`,
    )
    for (let last = -1; ; ) {
      const rows = select.all(last)
      for (const { head, tail, ring, ...row } of rows) {
        yield {
          tokenHash: hashAt({ head, tail }),
          session: sessionOf(row),
          ring: ring === null ? undefined : unpack(ring),
        }
      }
      const end = rows.at(-1)
      if (end === undefined) return
      last = end.head
    }
  } finally {
    db.close()
  }
}
