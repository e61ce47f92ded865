import type { Count } from '../../../domain/limits/counters.js'
import type { Addition, Hash } from '../../store/raw-store.js'
import type { Database } from '../driver.js'

/** Names of counts that may be left out, some 7 MB of them: a network of IPv6 has more addresses than a disk has bytes. */
const MOST = 100_000

/** How long a full table is believed to be full, in milliseconds: looking whether something has ended takes some 10. */
const BELIEVED_FULL = 1000

/** What changes counts. */
export function createCountWriter(db: Database, most = MOST) {
  const add = db.prepare<[Addition], Count>(
    `INSERT INTO counts VALUES (@name, @count, @until)
     ON CONFLICT DO UPDATE SET
       count = CASE WHEN expires_at > @now AND expires_at <= @until THEN count ELSE 0 END + @count,
       expires_at = CASE WHEN expires_at > @now AND expires_at <= @until THEN expires_at ELSE @until END
     RETURNING count, expires_at AS until`,
  )
  const isThere = db.prepare<[Hash], 1>('SELECT 1 FROM counts WHERE name = ?').pluck()
  const deleteEnded = db.prepare('DELETE FROM counts WHERE expires_at <= ?')
  const countAll = db.prepare<[], number>('SELECT count(*) FROM counts').pluck()
  /** At least as many as are there. Other processes add names too, so it is counted anew now and then. */
  let names = most
  let fullUntil = Number.NEGATIVE_INFINITY

  /** Whether there is room for a further name. */
  function hasRoom(now: number): boolean {
    if (names < most) return true
    // A clock that was set back ends the belief, too.
    if (now < fullUntil && fullUntil <= now + BELIEVED_FULL) return false
    deleteEnded.run(now)
    names = countAll.get() ?? 0
    if (names < most) return true
    fullUntil = now + BELIEVED_FULL
    return false
  }

  function addOne(addition: Addition): Count {
    const { name, count, now, until } = addition
    const isNew = isThere.get(name) === undefined
    if (isNew && addition.isOptional && !hasRoom(now)) return { count, until }
    if (isNew) names++
    return add.get(addition) ?? { count, until }
  }

  return { addCounts: (additions: readonly Addition[]): readonly Count[] => additions.map(addOne) }
}
