import type { Count, Counter, Counters, Counting } from '../../domain/limits/counters.js'
import type { Sealer } from '../../domain/ports.js'
import type { Hash, RawStore } from './raw-store.js'

/** Milliseconds in which what need not be exact is gathered, so that it costs a write for many; a crash loses as many. */
const GATHERED = 250

/** At most so many names wait to be written. */
const MOST_WAITING = 1000

/** Names that are remembered, of some 300 bytes each. Beyond them only the store knows those of whom nothing waits. */
const MOST_KNOWN = 10_000

/** What this process knows of a name. */
interface Entry extends Counting {
  readonly name: Hash
  /** What the store has told last, and what was counted here beyond that: on its way, and not yet sent. */
  told: Count
  sent: number
  waiting: number
  /** When something was counted here last, and when the window of that ends. */
  at: number
  until: number
}

const NOTHING: Count = { count: 0, until: 0 }
const NONE = { sent: 0, waiting: 0, at: 0, until: 0 }

/**
 * Counters over any raw store. The store has the sum; each process adds to it what it has counted, and is told the sum in
 * return. What it has counted since counts as well, so that within a process no count is ever late. A name of which
 * nothing is on its way is read at every look: what others have counted is known as soon as it is written.
 *
 * `flush` writes what waits now, so that it can share a transaction with what is written next.
 */
export function createCounters(
  raw: Pick<RawStore, 'counted' | 'addCounts'>,
  sealer: Pick<Sealer, 'digest'>,
): { counters: Counters; flush(): void } {
  const known = new Map<string, Entry>()
  const waiting = new Set<Entry>()
  let gathering: ReturnType<typeof createDeferred> | undefined
  let timer: NodeJS.Timeout | undefined
  /** Entries of which something is on its way or waits. */
  let unsettled = 0

  async function send(entries: readonly Entry[]): Promise<void> {
    const additions = entries.map(({ name, window, isExact, at: now, waiting: count }) => {
      return { name, count, now, until: now + window, isOptional: !isExact }
    })
    for (const entry of entries) {
      entry.sent += entry.waiting
      entry.waiting = 0
    }
    let sums: readonly Count[] | undefined
    try {
      sums = await raw.addCounts(additions)
    } finally {
      for (const [i, entry] of entries.entries()) settle(entry, additions[i]?.count ?? 0, sums?.[i])
    }
  }

  /** What the store did not take goes with whatever is counted next. */
  function settle(entry: Entry, count: number, sum: Count | undefined): void {
    entry.sent -= count
    if (sum === undefined) {
      entry.waiting += count
      waiting.add(entry)
      return
    }
    entry.told = sum
    if (entry.sent + entry.waiting === 0) unsettled--
  }

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (waiting.size === 0) return
    const entries = [...waiting]
    waiting.clear()
    const written = send(entries)
    // Those who wait for it are told of a failure.
    written.catch(() => {})
    gathering?.resolve(written)
    gathering = undefined
  }

  function entryOf(text: string, counting: Counting): Entry {
    const earlier = known.get(text)
    if (earlier !== undefined) return earlier
    // Whose counts are all in the store is told there again, so many new names free nobody.
    if (known.size >= MOST_KNOWN && unsettled < known.size)
      for (const [other, { sent, waiting }] of known) if (sent + waiting === 0) known.delete(other)
    const entry = { ...counting, name: sealer.digest(text), told: NOTHING, ...NONE }
    // Where so many wait the store does not answer, and what need not be exact counts only once it does.
    if (known.size < MOST_KNOWN || counting.isExact) known.set(text, entry)
    return entry
  }

  function counterOf(entry: Entry): Counter {
    const runs = (until: number, now: number) => now < until && until <= now + entry.window

    return {
      at(now) {
        const { told, sent, waiting: own, until } = entry
        // What waits since an earlier window, for a store that takes nothing, counts no more.
        const count = runs(until, now) ? sent + own : 0
        if (runs(told.until, now)) return { count: told.count + count, until: told.until }
        return { count, until: count > 0 ? until : now }
      },

      add(now) {
        const isOver = !runs(entry.until, now)
        if (entry.sent + entry.waiting === 0) unsettled++
        if (isOver) entry.waiting = 0
        if (runs(entry.told.until, now)) entry.until = entry.told.until
        else if (isOver) entry.until = now + entry.window
        entry.at = now
        entry.waiting++
        waiting.add(entry)
        gathering ??= createDeferred()
        const { promise } = gathering
        if (entry.isExact || waiting.size >= MOST_WAITING) flush()
        else timer ??= setTimeout(flush, GATHERED).unref()
        return promise
      },
    }
  }

  const counters: Counters = {
    async counter(text, counting) {
      const entry = entryOf(text, counting)
      // The sum comes back with what is on its way.
      if (entry.sent + entry.waiting === 0) {
        const told = (await raw.counted(entry.name)) ?? NOTHING
        if (entry.sent + entry.waiting === 0) entry.told = told
      } else if (timer === undefined && entry.sent === 0) flush()
      return counterOf(entry)
    },
  }
  return { counters, flush }
}

function createDeferred() {
  let resolve = (_: Promise<void>) => {}
  const promise = new Promise<void>((r) => (resolve = r))
  return { promise, resolve }
}
