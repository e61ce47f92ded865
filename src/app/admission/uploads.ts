/** Bodies that are still arriving. They have no places: a client that sends a byte a second would hold one for good. */

/** How much of it there may be at once. */
export interface UploadBounds {
  readonly atMost: number
  /** Bytes that have come and wait for the rest, of all of them together. */
  readonly bytes: number
}

/** A body comes with its head or soon after; what is the oldest of so many has been dawdling. */
export const usualUploads: UploadBounds = { atMost: 2048, bytes: 16 * 1024 * 1024 }

/** One body that is arriving. */
export interface Upload {
  readonly grew: (bytes: number) => void
  /** It is here, or nobody waits for it any more. */
  readonly end: () => void
}

/**
 * Where there are too many, or they hold too much memory, the oldest is given up: however many dawdle, a client that
 * sends its body in one go is never the oldest.
 */
export function createUploads({ atMost, bytes: most }: UploadBounds = usualUploads) {
  /** What is still arriving and how much has come of it, the oldest first. */
  const arriving = new Map<() => void, number>()
  let total = 0

  function remove(giveUp: () => void): void {
    total -= arriving.get(giveUp) ?? 0
    arriving.delete(giveUp)
  }

  function trim(): void {
    if (arriving.size <= atMost && total <= most) return
    for (const giveUp of arriving.keys()) {
      remove(giveUp)
      giveUp()
      if (arriving.size <= atMost && total <= most) return
    }
  }

  return {
    /** @param giveUp is called at most once, before the end: the body is not to be waited for */
    begin(giveUp: () => void): Upload {
      arriving.set(giveUp, 0)
      trim()
      return {
        grew(bytes) {
          const before = arriving.get(giveUp)
          if (before === undefined) return
          arriving.set(giveUp, before + bytes)
          total += bytes
          trim()
        },
        end: () => remove(giveUp),
      }
    },
  }
}
