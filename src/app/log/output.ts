import type { Writable } from 'node:stream'

/** Characters that may wait for a reader: some 4,000 requests, and nothing that memory would notice. */
const MAX_WAITING = 1_048_576

/**
 * Where log lines go. Writing never waits: Node writes to a pipe as long as there is room and keeps the rest in
 * memory. What is more than may wait there is dropped and counted, as is what a full disk refuses.
 *
 * @param stream standard output; its errors end nothing
 * @param onDropped is told how many lines were dropped, once lines can be written again
 */
export function createLogOutput(
  stream: Pick<Writable, 'write' | 'writableLength' | 'on'>,
  { maxWaiting = MAX_WAITING, onDropped }: { maxWaiting?: number; onDropped: (lines: number) => void },
) {
  let dropped = 0
  let untold = 0
  let waiting = 0
  let settled: (() => void)[] = []

  function drop(): void {
    dropped++
    untold++
  }

  function written(error: Error | null | undefined): void {
    waiting--
    if (error) drop()
    else if (untold > 0 && stream.writableLength <= maxWaiting / 2) {
      const lines = untold
      untold = 0
      onDropped(lines)
    }
    if (waiting > 0) return
    for (const resolve of settled) resolve()
    settled = []
  }

  // Every failed write is counted by its callback; unheard, the event would end the process.
  stream.on('error', () => {})

  return {
    write(line: string): void {
      if (stream.writableLength + line.length > maxWaiting) {
        drop()
        return
      }
      waiting++
      stream.write(line, written)
    },
    /** Lines dropped since the start. */
    dropped: () => dropped,
    /** Resolves when nothing waits any more. */
    drained: () =>
      waiting === 0
        ? Promise.resolve()
        : new Promise<void>((resolve) => {
            settled.push(resolve)
          }),
  }
}
