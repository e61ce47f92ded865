import type { Count } from '../../domain/limits/counters.js'
import type { Session, UserKey } from '../../domain/session.js'
import type { Hash, RawStore } from '../store/raw-store.js'
import type { Connections } from './connections.js'
import { placeOf, unpack } from './packing.js'
import { createReadsTogether } from './reads-together.js'
import { OF_USER, SESSION_COLUMNS, type SessionRow, sessionOf } from './session-row.js'

/** Places that a session may have (`placeOf`). */
const PLACES = 2 ** 53
const LOOKED_AT = 10_000

const SESSION = `SELECT ${SESSION_COLUMNS} FROM sessions`

/** A raw store in SQLite: reads by key on this connection, writes as calls of the writer. */
export function createSqliteRawStore(connections: Connections, ready: () => Promise<void>): RawStore {
  const { db, read, write, touches } = connections
  const selectSession = db.prepare<[number, Uint8Array], SessionRow>(
    `${SESSION} WHERE hash_head = ? AND hash_tail = ?`,
  )
  const selectLive = db.prepare<[UserKey & { now: number }], SessionRow>(
    `${SESSION} WHERE ${OF_USER} AND expires_at > @now ORDER BY created_at DESC`,
  )
  const selectEpoch = db.prepare<[], number>('SELECT value FROM epoch').pluck()
  const epoch = () => selectEpoch.get() ?? 0
  const readTogether = createReadsTogether(connections, epoch)
  const selectRing = db
    .prepare<[UserKey], Buffer | null>(`SELECT sealed_keys FROM users WHERE ${OF_USER}`)
    .pluck()
  const selectToken = db
    .prepare<[string], string | null>('SELECT sealed_token FROM access_tokens WHERE appid = ?')
    .pluck()
  const count = createCount(db)
  const selectCount = db.prepare<[Uint8Array], Count>(
    'SELECT count, expires_at AS until FROM counts WHERE name = ?',
  )

  function sessionAt(tokenHash: Hash): Session | undefined {
    const { head, tail } = placeOf(tokenHash)
    const row = selectSession.get(head, tail)
    const times = touches.latest(tokenHash)
    return row && sessionOf(times ? { ...row, ...times } : row)
  }

  return {
    save: (login) => write('save', login),
    epoch: () => read(epoch),
    find: (tokenHash) => readTogether(() => sessionAt(tokenHash)),
    findWithEpoch: (tokenHash) =>
      readTogether((epochOnce) => ({ epoch: epochOnce(), session: sessionAt(tokenHash) })),

    touch: touches.touch,
    delete: (tokenHash) => write('delete', tokenHash),

    async list({ appid, openid }, now) {
      await touches.settled()
      return read(() => selectLive.all({ appid, openid, now }).map(sessionOf))
    },

    endOne: (user, id) => write('endOne', user, id),
    endAll: (user, when) => write('endAll', user, when),

    ring: ({ appid, openid }: UserKey) =>
      read(() => {
        const packed = selectRing.get({ appid, openid })
        return packed ? unpack(packed) : undefined
      }),
    putRing: (user, ring) => write('putRing', user, ring),

    claim: (attempt, when) => write('claim', attempt, when),
    finish: (attempt) => write('finish', attempt),
    abandon: (attempt) => write('abandon', attempt),

    token: (appid) => read(() => selectToken.get(appid) ?? undefined),
    claimToken: (appid, now, until) => write('claimToken', appid, now, until),
    putToken: (appid, sealed) => write('putToken', appid, sealed),
    releaseToken: (appid) => write('releaseToken', appid),

    count: () => read(count),
    counted: (name) => read(() => selectCount.get(name)),
    addCounts: (additions) => write('addCounts', additions),

    ready,
  }
}

/**
 * Counting a million rows takes 0.1 s, in which nobody is answered, and a look at the first 10,000 a thousandth of that.
 * Heads of hashes lie evenly between 0 and 2^53, so the place of the last of these says how many there are in all; of
 * as many the estimate has a standard error of 1 %.
 */
function createCount(db: Connections['db']): () => number {
  const selectLast = db
    .prepare<[], number>(`SELECT hash_head FROM sessions ORDER BY hash_head LIMIT 1 OFFSET ${LOOKED_AT - 1}`)
    .pluck()
  const selectCount = db.prepare<[], number>('SELECT count(*) FROM sessions').pluck()
  return () => {
    const last = selectLast.get()
    return last === undefined ? (selectCount.get() ?? 0) : Math.round((LOOKED_AT - 1) / (last / PLACES))
  }
}
