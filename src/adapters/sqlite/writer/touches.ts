import type { Session } from '../../../domain/session.js'
import { bytesOf } from '../../store/hashes.js'
import type { Hash } from '../../store/raw-store.js'

export type Times = Pick<Session, 'lastSeenAt' | 'expiresAt'>

/** What is recorded together, in two arrays, which go to another thread in one piece each. */
export interface Touches {
  /** The hashes of the tokens, one behind the other. */
  readonly hashes: Uint8Array
  /** `lastSeenAt` and `expiresAt` of each, in the same order. */
  readonly times: Float64Array
}

/** Bytes of a hash. */
export const HASH_LENGTH = 32

/** At most so many wait: some 13 ms of work for the writer, or 50 where each lies on a page of its own. */
const MOST = 4000

/**
 * Gathers touches, which come with nearly every request of a busy service and which nobody waits for: the first is
 * written at once, those of the next milliseconds together. A crash loses as many.
 *
 * @param window milliseconds from one write to the next
 */
export function createTouches(write: (touches: Touches) => Promise<void>, window: number) {
  const times = new Float64Array(MOST * 2)
  /** Which of them a session's are, by its hash as latin1 text; in the order of their places. */
  let gathered = new Map<string, number>()
  /** What was given to the writer and not answered yet, each with its end. */
  const underWay = new Map<{ readonly places: ReadonlyMap<string, number> } & Touches, Promise<void>>()
  let written: { promise: Promise<void>; resolve(end: Promise<void>): void } | undefined
  let timer: NodeJS.Timeout | undefined

  /** Writes what was gathered, before whatever is written next. */
  function flush(): void {
    const { size } = gathered
    if (size === 0) return
    const touches = { hashes: bytesOf([...gathered.keys()].join('')), times: times.slice(0, size * 2) }
    const sent = { ...touches, places: gathered }
    const end = write(touches).finally(() => underWay.delete(sent))
    underWay.set(sent, end)
    written?.resolve(end)
    gathered = new Map()
    written = undefined
  }

  function onTime(): void {
    if (gathered.size === 0) timer = undefined
    else timer?.refresh()
    flush()
  }

  return {
    flush,

    /** The times of a session that are not written yet: a session in use must not end for want of them. */
    latest(tokenHash: Hash): Times | undefined {
      if (gathered.size === 0 && underWay.size === 0) return undefined
      const key = keyOf(tokenHash)
      const place = gathered.get(key)
      if (place !== undefined) return timesAt(times, place)
      const sent = [...underWay.keys()].findLast(({ places }) => places.has(key))
      return sent && timesAt(sent.times, sent.places.get(key) ?? 0)
    },

    /** Resolves when what was touched until now is written, or could not be. */
    async settled(): Promise<void> {
      flush()
      await Promise.allSettled(underWay.values())
    },

    /** Resolves when it is written. Touches of one window share one promise. */
    touch(tokenHash: Hash, { lastSeenAt, expiresAt }: Times): Promise<void> {
      if (written === undefined) {
        let resolve = (_: Promise<void>) => {}
        written = { promise: new Promise((r) => (resolve = r)), resolve }
      }
      const { promise } = written
      const key = keyOf(tokenHash)
      const place = gathered.get(key) ?? gathered.size
      gathered.set(key, place)
      times[place * 2] = lastSeenAt
      times[place * 2 + 1] = expiresAt
      if (gathered.size >= MOST) flush()
      else if (timer === undefined) {
        timer = setTimeout(onTime, window).unref()
        flush()
      }
      return promise
    },

    close(): void {
      clearTimeout(timer)
      flush()
    },
  }
}

function timesAt(times: Float64Array, place: number): Times {
  return { lastSeenAt: times[place * 2] ?? 0, expiresAt: times[place * 2 + 1] ?? 0 }
}

function keyOf({ buffer, byteOffset, byteLength }: Hash): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1')
}
