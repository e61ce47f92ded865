import type { Session } from '../../../domain/session.js'
import type { Hash } from '../../store/raw-store.js'

export type Times = Pick<Session, 'lastSeenAt' | 'expiresAt'>

/** The latest times of sessions by the hash of their token as latin1 text, which a Map can be asked for. */
export type Touches = ReadonlyMap<string, Times>

/** At most so many wait: some 13 ms of work for the writer, each on a page of its own. */
const MOST = 1000

/**
 * Gathers touches, which come with nearly every request of a busy service and which nobody waits for: the first is
 * written at once, those of the next milliseconds together. A crash loses as many.
 *
 * @param window milliseconds from one write to the next
 */
export function createTouches(write: (touches: Touches) => Promise<void>, window: number) {
  let gathered: Map<string, Times> | undefined
  /** What was given to the writer and not answered yet, each with its end. */
  const underWay = new Map<Touches, Promise<void>>()
  let written: { promise: Promise<void>; resolve(end: Promise<void>): void } | undefined
  let timer: NodeJS.Timeout | undefined

  /** Writes what was gathered, before whatever is written next. */
  function flush(): void {
    if (gathered === undefined) return
    const sent = gathered
    const end = write(sent).finally(() => underWay.delete(sent))
    underWay.set(sent, end)
    written?.resolve(end)
    gathered = undefined
    written = undefined
  }

  function onTime(): void {
    if (gathered === undefined) timer = undefined
    else timer?.refresh()
    flush()
  }

  return {
    flush,

    /** The times of a session that are not written yet: a session in use must not end for want of them. */
    latest(tokenHash: Hash): Times | undefined {
      if (gathered === undefined && underWay.size === 0) return undefined
      const key = keyOf(tokenHash)
      const earlier = [...underWay.keys()].reverse().map((touches) => touches.get(key))
      return gathered?.get(key) ?? earlier.find((times) => times !== undefined)
    },

    /** Resolves when what was touched until now is written, or could not be. */
    async settled(): Promise<void> {
      flush()
      await Promise.allSettled(underWay.values())
    },

    /** Resolves when it is written. Touches of one window share one promise. */
    touch(tokenHash: Hash, times: Times): Promise<void> {
      if (gathered === undefined || written === undefined) {
        gathered = new Map()
        let resolve = (_: Promise<void>) => {}
        written = { promise: new Promise((r) => (resolve = r)), resolve }
      }
      const { promise } = written
      gathered.set(keyOf(tokenHash), times)
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

function keyOf({ buffer, byteOffset, byteLength }: Hash): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1')
}
