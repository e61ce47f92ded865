import type { Connections } from './connections.js'

/**
 * Gathers reads that are asked for in one turn of the event loop, and does them in one transaction, after the last of
 * them was asked for: the locks of a transaction of its own take as long as the read itself.
 *
 * The transaction begins and ends in one go, so that no read sees less than what was recorded when it was asked for.
 *
 * @param readShared what each of them may ask for, read at most once for all of them, and no later than the rest
 */
export function createReadsTogether<Shared>(
  { db, read, isClosed }: Pick<Connections, 'db' | 'read' | 'isClosed'>,
  readShared: () => Shared,
) {
  const begin = db.prepare('BEGIN')
  // Ends what has only read as a commit does, and can't be refused.
  const end = db.prepare('ROLLBACK')
  let gathered: (() => void)[] = []
  let shared: { readonly value: Shared } | undefined

  function readAll(): void {
    const all = gathered
    gathered = []
    shared = undefined
    if (all.length > 1 && !isClosed()) begin.run()
    for (const each of all) each()
    if (!isClosed() && db.inTransaction) end.run()
  }

  const readOnce = () => {
    shared ??= { value: readShared() }
    return shared.value
  }

  return <T>(statement: (readOnce: () => Shared) => T): Promise<T> =>
    new Promise((resolve) => {
      if (gathered.length === 0) setImmediate(readAll)
      gathered.push(() => resolve(read(() => statement(readOnce))))
    })
}
