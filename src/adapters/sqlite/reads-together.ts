import { nextTick } from 'node:process'
import type { Connections } from './connections.js'

/**
 * Gathers reads that are asked for by the callbacks of one event, and does them in one transaction, after the last of
 * them was asked for: the locks of a transaction of its own take as long as the read itself.
 *
 * The transaction begins and ends in one go, so that no read sees less than what was recorded when it was asked for.
 */
export function createReadsTogether({ db, read, isClosed }: Pick<Connections, 'db' | 'read' | 'isClosed'>) {
  const begin = db.prepare('BEGIN')
  // Ends what has only read as a commit does, and can't be refused.
  const end = db.prepare('ROLLBACK')
  let gathered: (() => void)[] = []

  function readAll(): void {
    const all = gathered
    gathered = []
    if (all.length > 1 && !isClosed()) begin.run()
    for (const each of all) each()
    if (!isClosed() && db.inTransaction) end.run()
  }

  return <T>(statement: () => T): Promise<T> =>
    new Promise((resolve) => {
      // By way of a promise, since ticks of an event's own callback run before all of its promises.
      if (gathered.length === 0) Promise.resolve().then(() => nextTick(readAll))
      gathered.push(() => resolve(read(statement)))
    })
}
