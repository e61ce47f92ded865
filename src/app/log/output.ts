import type { Writable } from 'node:stream'

/** Characters that may wait for a reader: some 4,000 requests, and nothing that memory would notice. */
const MAX_WAITING = 1_048_576

/** A pipe takes so many bytes in one piece (PIPE_BUF), whoever else writes to it: another worker, say. */
const MAX_TOGETHER = 4096

/**
 * Where log lines go. The lines of one turn of the loop are written together at its end: a write costs as much as all
 * else that is done for a line. Writing never waits: Node writes to a pipe as long as there is room and keeps the rest
 * in memory. What is more than may wait there is dropped and counted, as is what a full disk refuses.
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
  let gathered = ''
  let lines = 0
  let waiting = 0
  let settled: (() => void)[] = []

  function drop(count: number): void {
    dropped += count
    untold += count
  }

  function send(): void {
    if (lines === 0) return
    const [text, count] = [gathered, lines]
    gathered = ''
    lines = 0
    waiting++
    stream.write(text, (error) => written(count, error))
  }

  function written(count: number, error: Error | null | undefined): void {
    waiting--
    if (error) drop(count)
    else if (untold > 0 && stream.writableLength <= maxWaiting / 2) {
      const unsaid = untold
      untold = 0
      onDropped(unsaid)
    }
    if (waiting > 0 || lines > 0) return
    for (const resolve of settled) resolve()
    settled = []
  }

  // Every failed write is counted by its callback; unheard, the event would end the process.
  stream.on('error', () => {})

  return {
    write(line: string): void {
      if (stream.writableLength + gathered.length + line.length > maxWaiting) {
        drop(1)
        return
      }
      if (gathered.length + line.length > MAX_TOGETHER) send()
      if (lines === 0) setImmediate(send)
      gathered += line
      lines++
    },
    /** Writes at once what was gathered in this turn. */
    send,
    /** Lines dropped since the start. */
    dropped: () => dropped,
    /** Resolves when nothing waits any more. */
    drained(): Promise<void> {
      send()
      if (waiting === 0) return Promise.resolve()
      return new Promise<void>((resolve) => {
        settled.push(resolve)
      })
    },
  }
}
