import type { Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { type Logger, pino } from 'pino'
import type { Config } from '../config/config.js'
import { createLogOutput } from './output.js'
import { prettyLine } from './pretty.js'

/** Milliseconds that the last lines may take when the process ends. */
const FLUSH_WITHIN = 500

/** Standard output as Node gives it; the handle has no public name. */
export type Output = Writable & {
  readonly isTTY?: boolean
  readonly _handle?: { setBlocking?: (blocking: boolean) => unknown }
}

export interface ServiceLog {
  readonly log: Logger
  /** Whether somebody sits at a terminal and reads along. */
  readonly isWatched: boolean
  /** Writes a text as it is, where log lines go. */
  print(text: string): void
  /** Lines that nobody took or no disk had room for, since the start. */
  dropped(): number
  /** Writes at once what else would be written with the next turn of the loop. */
  send(): void
  /** Resolves when all lines are written, or after half a second: a process ends even where nobody reads its log. */
  flush(): Promise<void>
}

/**
 * The service's log on standard output: JSON, or readable lines on a terminal. It never blocks: where nobody reads,
 * lines are dropped, and their number is logged once somebody does.
 */
export function createLog(
  { logFormat, logLevel }: Pick<Config, 'logFormat' | 'logLevel'>,
  stdout: Output,
  { coloured = false }: { coloured?: boolean } = {},
): ServiceLog {
  const isTerminal = stdout.isTTY === true
  // Node makes terminals wait for their reader, and one that was stopped with Ctrl-S has none.
  if (isTerminal) stdout._handle?.setBlocking?.(false)
  const output = createLogOutput(stdout, {
    onDropped: (lines) => log.warn({ lines }, 'log lines were dropped, since they could not be written'),
  })
  const isPretty = (logFormat ?? (isTerminal ? 'pretty' : 'json')) === 'pretty'
  const log: Logger = pino(
    { level: logLevel, base: null, formatters: { level: (label) => ({ level: label }) } },
    isPretty ? { write: (line) => output.write(prettyLine(line, coloured && isTerminal)) } : output,
  )
  return {
    log,
    isWatched: isPretty && isTerminal && log.isLevelEnabled('info'),
    print: output.write,
    dropped: output.dropped,
    send: output.send,
    async flush() {
      const timer = new AbortController()
      const tooLong = pause(FLUSH_WITHIN, undefined, { signal: timer.signal })
      await Promise.race([output.drained(), tooLong]).finally(() => timer.abort())
    },
  }
}
