import type { Hash, Times } from '../../store/raw-store.js'

/** What is recorded together, in two arrays, which go to another thread in one piece each. */
export interface Touches {
  /** The hashes of the tokens, one behind the other. */
  readonly hashes: Uint8Array
  /** `lastSeenAt` and `expiresAt` of each, in the same order. */
  readonly times: Float64Array
}

/** Bytes of a hash. */
export const HASH_LENGTH = 32

/** Room for so many at first, doubled as often as it has to be: every other write sends what there is, often a few. */
const FIRST = 64

/** At most so many wait: some 13 ms of work for the writer, or 50 where each lies on a page of its own. */
const MOST = 4000

/**
 * Gathers touches, which come with nearly every request of a busy service and which nobody waits for: the first is
 * written at once, those of the next milliseconds together. A crash loses as many.
 *
 * @param window milliseconds from one write to the next
 */
export function createTouches(write: (touches: Touches) => Promise<boolean>, window: number) {
  let gathering = createGathering()
  /** What was given to the writer and not answered yet, each with its end. */
  const underWay = new Map<Gathering, Promise<boolean>>()
  let written: { promise: Promise<boolean>; resolve(end: Promise<boolean>): void } | undefined
  let timer: NodeJS.Timeout | undefined

  /** Writes what was gathered, before whatever is written next. */
  function flush(): void {
    if (gathering.size() === 0) return
    const sent = gathering
    const end = write(sent.touches()).finally(() => underWay.delete(sent))
    underWay.set(sent, end)
    written?.resolve(end)
    gathering = createGathering()
    written = undefined
  }

  function onTime(): void {
    if (gathering.size() === 0) timer = undefined
    else timer?.refresh()
    flush()
  }

  return {
    flush,

    /** The times of a session that are not written yet: a session in use must not end for want of them. */
    latest(tokenHash: Hash): Times | undefined {
      if (gathering.size() === 0 && underWay.size === 0) return undefined
      const key = keyOf(tokenHash)
      return (
        gathering.timesOf(key) ?? [...underWay.keys()].findLast((sent) => sent.timesOf(key))?.timesOf(key)
      )
    },

    /** Resolves when what was touched until now is written, or could not be. */
    async settled(): Promise<void> {
      flush()
      await Promise.allSettled(underWay.values())
    },

    /** Resolves when it is written, to what `write` gives. Touches of one window share one promise. */
    touch(tokenHash: Hash, times: Times): Promise<boolean> {
      if (written === undefined) {
        let resolve = (_: Promise<boolean>) => {}
        written = { promise: new Promise((r) => (resolve = r)), resolve }
      }
      const { promise } = written
      gathering.add(tokenHash, times)
      if (gathering.size() >= MOST) flush()
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

type Gathering = ReturnType<typeof createGathering>

/**
 * Touches that go together. Of most nobody asks for the times again while they are here, so they are only found by
 * their hashes from when somebody does. A session that is touched twice is written twice, and the later one counts.
 */
function createGathering() {
  let hashes = new Uint8Array(HASH_LENGTH * FIRST)
  let times = new Float64Array(2 * FIRST)
  let size = 0
  /** The last place of each, of so many of them. */
  const places = new Map<string, number>()
  let placed = 0

  function grow(): void {
    const [shorter, fewer] = [hashes, times]
    hashes = new Uint8Array(shorter.length * 2)
    hashes.set(shorter)
    times = new Float64Array(fewer.length * 2)
    times.set(fewer)
  }

  return {
    size: () => size,
    touches: (): Touches => ({
      hashes: hashes.slice(0, size * HASH_LENGTH),
      times: times.slice(0, size * 2),
    }),

    add(hash: Hash, { lastSeenAt, expiresAt }: Times): void {
      if (size * 2 === times.length) grow()
      hashes.set(hash, size * HASH_LENGTH)
      times[size * 2] = lastSeenAt
      times[size * 2 + 1] = expiresAt
      size++
    },

    timesOf(key: string): Times | undefined {
      for (; placed < size; placed++) {
        places.set(keyOf(hashes.subarray(placed * HASH_LENGTH, (placed + 1) * HASH_LENGTH)), placed)
      }
      const place = places.get(key)
      return place === undefined
        ? undefined
        : { lastSeenAt: times[place * 2] ?? 0, expiresAt: times[place * 2 + 1] ?? 0 }
    },
  }
}

function keyOf({ buffer, byteOffset, byteLength }: Hash): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1')
}
